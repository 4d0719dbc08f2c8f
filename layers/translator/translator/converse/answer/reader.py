"""Reads an answer of Converse: each frame is an event under its name, or the whole answer.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, SupportsInt

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import CUT_SHORT, Event, RefusalStopDetails, StopReason
from translator.caller_words import CallerWords
from translator.converse.answer.blocks import Blocks, mapping_in, text_in
from translator.converse.answer.exceptions import TOO_MANY, exception_in
from translator.converse.answer.usage import read_usage
from translator.refusal.errors import read_stream_error
from translator.refusal.evidence import Circumstances
from translator.stream.emitter import Emitter
from translator.tool_names import ToolNames
from translator.traits import Traits
from translator.writing.endings import EmptyAnswerError

_STOP_REASONS: Mapping[str, StopReason] = {
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "model_context_window_exceeded",
    "guardrail_intervened": "refusal",
    "content_filtered": "refusal",
}
"""Every other is an end of the model's own will, but for these."""
_MALFORMED = frozenset({"malformed_model_output", "malformed_tool_use"})
"""What the model has written cannot be read: another attempt may be better."""

_LIMITED = (
    "Bedrock limits the requests or tokens of this account: wait, use a global inference profile, or ask for a higher "
    "quota in Service Quotas"
)


class ConverseReader:
    """Reads one answer, frame by frame: `{"contentBlockDelta": {…}}`."""

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
    ) -> None:
        self._emitter = emitter
        self._circumstances = Circumstances(caller_words, input_tokens, traits)
        self._blocks = Blocks(
            emitter,
            tool_names=tool_names,
            stop_sequences=stop_sequences,
            message_id=message_id,
            reasoning_scope=traits.reasoning_scope,
        )
        self._stop_reason: str | None = None
        self._has_ended = False
        self._on: Mapping[str, Callable[[Mapping[str, Any]], list[Event]]] = {
            "contentBlockStart": self._begin,
            "contentBlockDelta": self._go_on,
            "contentBlockStop": lambda _: self._blocks.end(),
            "messageStop": self._stop,
            "metadata": self._count,
        }

    @property
    def is_done(self) -> bool:
        """Whether nothing more is wanted of the upstream: it has counted, or a stop sequence has matched."""
        return self._has_ended or self._blocks.is_cut

    @property
    def is_ending(self) -> bool:
        """Whether the model has stopped: only counts may follow."""
        return self._stop_reason is not None

    @property
    def is_cut(self) -> bool:
        """Whether a stop sequence has matched, of which the upstream knows nothing."""
        return self._blocks.is_cut

    def forget_request(self) -> None:
        """Content has begun: an error that comes now corrects nothing, and needs no comparison with what was asked."""
        self._circumstances.caller_words.forget()

    def read(self, frames: Iterable[str]) -> Iterator[list[Event]]:
        """The events of frames, one by one."""
        return map(self.feed, frames)

    def feed(self, frame: str) -> list[Event]:
        """Read the next frame. Raises `ApiError` where it is an error, or no JSON object."""
        if self.is_done or not frame.strip():
            return []
        try:
            said = json.loads(frame)
            if isinstance(said, dict):
                return self._frame(said)
        except ValueError:
            pass
        except RecursionError:
            raise upstream_failure("the upstream sent an event that is nested too deeply") from None
        raise upstream_failure("the upstream sent an event that is no JSON object")

    def close(self) -> list[Event]:
        """The upstream has ended. Raises `ApiError` where it did so before it had finished."""
        events: list[Event] = []
        if self._stop_reason is not None and not self.is_cut:
            events = self._blocks.end()
            self._finish(self._stop_reason, events)
        return events + self._emitter.close()

    def _frame(self, said: Mapping[str, Any]) -> list[Event]:
        exception = exception_in(said)
        if exception is not None and exception["error"]["status"] == TOO_MANY:
            raise upstream_failure(_LIMITED, "rate_limit_error")  # "too many tokens" is about the account's quota
        if error := read_stream_error(exception or said, self._circumstances):
            raise error
        if "output" in said:
            return self._whole(said)
        events: list[Event] = []
        for name, content in said.items():
            if name in self._on and isinstance(content, Mapping):
                events += self._on[name](content)
        return events

    def _begin(self, said: Mapping[str, Any]) -> list[Event]:
        return self._blocks.begin(_index(said), mapping_in(said, "start"))

    def _go_on(self, said: Mapping[str, Any]) -> list[Event]:
        return self._blocks.go_on(_index(said), mapping_in(said, "delta"))

    def _stop(self, said: Mapping[str, Any]) -> list[Event]:
        self._stop_reason = text_in(said, "stopReason") or "end_turn"
        return []

    def _count(self, said: Mapping[str, Any]) -> list[Event]:
        usage = read_usage(mapping_in(said, "usage"))
        if usage is not None:
            self._emitter.usage(usage)
        self._has_ended = self.is_ending
        return []

    def _whole(self, said: Mapping[str, Any]) -> list[Event]:
        """The answer of a model that calls no tools in a stream."""
        content = mapping_in(mapping_in(said, "output"), "message").get("content")
        events = self._blocks.whole(content if isinstance(content, list) else [])
        self._stop(said)
        self._count(said)
        return events

    def _finish(self, reason: str, events: list[Event]) -> None:
        if reason in _MALFORMED:
            raise upstream_failure("the model has written what Bedrock cannot read", "overloaded_error")
        stop_reason = _STOP_REASONS.get(reason, "end_turn")
        if stop_reason == "refusal":
            details = RefusalStopDetails(type="refusal", category=None, explanation=None)
            self._emitter.finish("refusal", stop_details=details)
        elif stop_reason in CUT_SHORT:
            self._emitter.finish(stop_reason)
        elif self._emitter.has_tool_calls:
            self._emitter.finish("tool_use")
        elif reason == "tool_use":
            raise upstream_failure("the upstream announced a tool call and sent none")
        elif not self._emitter.has_answered:
            raise EmptyAnswerError(events, has_thought=not self._emitter.is_empty)
        else:
            self._emitter.finish("end_turn")


def _index(said: Mapping[str, Any]) -> int:
    index = said.get("contentBlockIndex")
    return index if isinstance(index, int) else 0
