"""Reads the stream of Responses: its events become calls on the emitter, and its end becomes one too.

What is not known is passed over. Source: https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from json import JSONDecoder
from typing import Any, SupportsInt

from translator.anthropic.errors import ApiError, upstream_failure
from translator.anthropic.events import CUT_SHORT, Event, RefusalStopDetails, StopReason
from translator.caller_words import CallerWords
from translator.refusal.errors import read_stream_error
from translator.refusal.evidence import Circumstances
from translator.responses.answer.endings import read_incomplete
from translator.responses.answer.items import mapping_in, text_in
from translator.responses.answer.output import Output
from translator.responses.answer.speech import Speech
from translator.responses.answer.usage import read_searches, read_service_tier, read_usage
from translator.stream.emitter import Emitter
from translator.tool_names import ToolNames
from translator.traits import Traits
from translator.writing.endings import EmptyAnswerError

DONE = "[DONE]"
"""Of other servers than OpenAI's; the end of the file, and no end of the answer."""

WINDOW_MARGIN = 16
"""Tokens of a context window that servers may leave unused."""

_decode = JSONDecoder().decode

_Event = Mapping[str, Any]


class ResponsesReader:
    """Reads one answer, frame by frame (the data of each server-sent event)."""

    def __init__(
        self,
        emitter: Emitter,
        *,
        traits: Traits,
        tool_names: ToolNames,
        stop_sequences: Iterable[str],
        message_id: str,
        input_tokens: SupportsInt,
        caller_words: CallerWords,
        most_tokens: int,
        takes_asides: bool = True,
    ) -> None:
        self._emitter = emitter
        self._traits = traits
        self._circumstances = Circumstances(caller_words, input_tokens, traits)
        self._most_tokens = most_tokens
        self._speech = Speech(
            emitter,
            tool_names=tool_names,
            stop_sequences=stop_sequences,
            message_id=message_id,
            reasoning_scope=traits.reasoning_scope,
        )
        self._output = Output(emitter, self._speech, takes_asides=takes_asides)
        self._failure: ApiError | None = None
        self._has_ended = False
        self._on: Mapping[str, Callable[[_Event], list[Event]]] = {
            "response.created": self._begun,
            "response.in_progress": self._begun,
            "response.queued": self._begun,
            "response.completed": self._ended,
            "response.done": self._ended,
            "response.incomplete": self._ended,
            "response.failed": self._ended,
            "response.cancelled": self._ended,
            "error": self._error,
        }

    @property
    def is_done(self) -> bool:
        """Whether nothing more is wanted of the upstream: it has said so, or a stop sequence has matched."""
        return self._has_ended or self._speech.is_cut

    @property
    def is_ending(self) -> bool:
        """Whether the model has stopped, or has failed and may say more of that."""
        return self._has_ended or self._failure is not None

    @property
    def is_cut(self) -> bool:
        """Whether a stop sequence has matched, of which the upstream knows nothing."""
        return self._speech.is_cut

    def forget_request(self) -> None:
        """Content has begun: an error that comes now corrects nothing, and needs no comparison with what was asked."""
        self._circumstances.caller_words.forget()

    def read(self, frames: Iterable[str]) -> Iterator[list[Event]]:
        """The events of frames, one by one."""
        return map(self.feed, frames)

    def feed(self, frame: str) -> list[Event]:
        """Read the next frame. Raises `ApiError` where it is an error, or no JSON object."""
        if self.is_done:
            return []
        marker = frame.strip()
        if marker in (DONE, ""):  # an empty event is a sign of life
            self._has_ended = marker == DONE
            return []
        try:
            return self._event(self._parse(frame))
        except RecursionError:
            raise upstream_failure("the upstream sent an event that is nested too deeply") from None

    def close(self) -> list[Event]:
        """The upstream has ended. Raises `ApiError` where it did so before it had finished."""
        if self._failure is not None:
            raise self._failure
        return self._speech.flush() + self._emitter.close()

    def _parse(self, frame: str) -> _Event:
        try:
            event = _decode(frame)
        except ValueError:
            if self._failure is not None:
                raise self._failure from None
            raise upstream_failure("the upstream sent an event that is no JSON") from None
        if not isinstance(event, dict):
            raise upstream_failure("the upstream sent an event that is no JSON object")
        return event

    def _event(self, event: _Event) -> list[Event]:
        kind = text_in(event, "type")
        if self._failure is not None:
            # Azure says in an `error` after `response.failed` what its policy was.
            raise (self._read_error(event) if kind == "error" else None) or self._failure
        if handler := self._on.get(kind):
            return handler(event)
        if not kind or "error" in event:
            if event.get("object") == "response":  # a whole answer, though a stream was asked for
                return self._ended({"response": event})
            if error := self._read_error(event):
                raise error
            if not kind:
                raise upstream_failure("the upstream sent an event that is no part of an answer")
        return self._output.feed(kind, event)

    def _begun(self, event: _Event) -> list[Event]:
        response = mapping_in(event, "response")
        self._output.service_tier = read_service_tier(response.get("service_tier"))
        return []

    def _ended(self, event: _Event) -> list[Event]:
        """The end of the answer, which holds all of it once more, or nothing of it, or alone."""
        response = mapping_in(event, "response")
        status = text_in(event, "type").removeprefix("response.")
        if status not in ("failed", "incomplete"):  # what is told as complete may say otherwise itself
            status = text_in(response, "status") or status
        if status in ("failed", "cancelled"):
            self._failure = self._read_error(response) or upstream_failure("the upstream's answer has failed")
            return []
        events = self._output.end(response)
        self._has_ended = True
        self._count(response)
        if not self.is_cut:
            self._finish(status, response, events)
        return events

    def _count(self, response: _Event) -> None:
        usage = read_usage(response.get("usage"))
        if usage is not None:
            told = read_searches(mapping_in(response, "tool_usage"))
            self._emitter.usage(replace(usage, web_search_requests=self._output.searches if told is None else told))

    def _finish(self, status: str, response: _Event, events: list[Event]) -> None:
        usage = self._emitter.reported_usage
        is_spent = usage is not None and usage.output_tokens >= self._most_tokens
        stop_reason: StopReason = "end_turn"
        if status == "incomplete":
            stop_reason = read_incomplete(mapping_in(response, "incomplete_details").get("reason"), is_spent=is_spent)
        elif status not in ("completed", "done"):
            raise upstream_failure(f"the upstream's answer ended as {status[:32]!r}")
        elif is_spent and self._output.is_only_reasoning:
            stop_reason = "max_tokens"  # told as complete, with nothing said
        if stop_reason == "refusal" or self._speech.refusal:
            explanation = "".join(self._speech.refusal) or None
            details = RefusalStopDetails(type="refusal", category=None, explanation=explanation)
            self._emitter.finish("refusal", stop_details=details)
        elif stop_reason in CUT_SHORT:
            self._emitter.finish("model_context_window_exceeded" if self._is_window_full() else stop_reason)
        elif not self._emitter.has_answered:
            raise EmptyAnswerError(events, has_thought=not self._emitter.is_empty)
        else:
            self._emitter.finish("tool_use" if self._emitter.has_tool_calls else "end_turn")

    def _is_window_full(self) -> bool:
        """Whether the model has stopped because nothing more fits, as far as the upstream has counted."""
        usage, window = self._emitter.reported_usage, self._traits.context_window
        if usage is None or window is None:
            return False
        return usage.whole_input + usage.output_tokens >= window - WINDOW_MARGIN

    def _error(self, event: _Event) -> list[Event]:
        raise self._read_error(event) or upstream_failure("the upstream sent an error without a word")

    def _read_error(self, holder: _Event) -> ApiError | None:
        """What an error means: it stands in `error`, or is the event itself."""
        error = holder.get("error")
        frame = (
            {"error": error} if error else {"error": {name: holder.get(name) for name in ("code", "message", "param")}}
        )
        return read_stream_error(frame, self._circumstances) if error or holder.get("message") else None
