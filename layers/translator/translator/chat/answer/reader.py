"""Reads the stream of chat completions: its chunks become calls on the emitter, and its end becomes one too.

A whole completion is one chunk whose message stands for the delta. Within a chunk reasoning comes before text and text
before tool calls. Source: https://platform.openai.com/docs/api-reference/chat-streaming.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from json import JSONDecoder
from typing import Any, SupportsInt

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import CUT_SHORT, Event, RefusalStopDetails
from translator.caller_words import CallerWords
from translator.chat.answer.alike_chunks import AlikeChunks
from translator.chat.answer.deltas import Delta, plain, read_deltas, read_sources
from translator.chat.answer.finish_reasons import FINISH_REASONS, is_natural, read_stop_reason
from translator.chat.answer.pieces import PlainPiece, Refusal, Text, Thinking
from translator.chat.answer.pipeline import Pipeline
from translator.chat.answer.usage import find_usage, read_service_tier, read_usage
from translator.refusal.errors import read_stream_error
from translator.refusal.evidence import Circumstances
from translator.stream.emitter import Emitter
from translator.tool_names import ToolNames
from translator.traits import Traits
from translator.writing.endings import AnsweringError, EmptyAnswerError

DONE = "[DONE]"

WINDOW_MARGIN = 16
"""Tokens of a context window that servers may leave unused."""

_decode = JSONDecoder().raw_decode


class ChatReader:
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
        offered: Iterable[Mapping[str, Any]] = (),
        takes_asides: bool = True,
    ) -> None:
        self._emitter = emitter
        self._traits = traits
        self._circumstances = Circumstances(caller_words, input_tokens, traits)
        self._takes_asides = takes_asides
        self._takes_details = traits.reasoning_echo == "reasoning_details"
        self._pipeline = Pipeline(
            emitter,
            traits=traits,
            tool_names=tool_names,
            stop_sequences=stop_sequences,
            message_id=message_id,
            offered=offered,
        )
        self._alike = AlikeChunks()
        self._kind: PlainPiece = Text("")
        """Of what alike chunks say."""
        self._refusals: list[str] = []
        self._sources: list[str] = []
        self._media: list[str] = []
        self._finish_reason: str | None = None
        self._ending: AnsweringError | None = None
        """The reason why the upstream ended an answer that it had begun, where an error says so."""
        self._has_begun = False
        self._has_thought = False
        self._has_ended = False

    @property
    def is_done(self) -> bool:
        """Tell whether nothing more is wanted from the upstream: it has ended, or a stop sequence has matched."""
        return self._has_ended or self._pipeline.is_cut

    @property
    def is_ending(self) -> bool:
        """Tell whether the model has stopped: only usage and the end marker may follow."""
        return self._finish_reason is not None

    @property
    def is_cut(self) -> bool:
        """Tell whether a stop sequence has matched. The upstream does not know of it."""
        return self._pipeline.is_cut

    def forget_request(self) -> None:
        """Forget the request, since content has begun: an error that comes now corrects nothing."""
        self._circumstances.caller_words.forget()

    def read(self, frames: Iterable[str]) -> Iterator[list[Event]]:
        """The events of frames, as `feed` gives them. What alike chunks in a row say goes its way together."""
        words: list[str] = []
        for frame in frames:
            text = self._alike.text(frame)
            if text is not None:
                words.append(text)
                continue
            if words:
                yield self._go_on(words)
                words = []
            yield self.feed(frame)
        if words:
            yield self._go_on(words)

    def feed(self, frame: str) -> list[Event]:
        """Read the next frame. Raises `ApiError` for an error, and for a frame that is no JSON object."""
        text = self._alike.text(frame)
        if text is not None:
            return self._go_on([text])
        if self.is_done:
            return []
        said = frame.strip()
        if said in (DONE, ""):  # an empty event is a sign of life
            self._has_ended = said == DONE
            return []
        try:
            chunk = self._parse(said)
            if chunk is None:
                return []
            told = plain(chunk) if self._has_begun else None
            if told is None:
                return self._chunk(chunk)
        except RecursionError:
            raise upstream_failure("the upstream sent an event that is nested too deeply") from None
        self._alike.learn(frame, told.words, told.name)
        self._kind = told.kind
        self._has_thought = self._has_thought or isinstance(told.kind, Thinking)
        return self._go_on([told.words])

    def close(self) -> list[Event]:
        """Note that the upstream has ended. Raises `ApiError` where it has not finished its answer."""
        has_answered = FINISH_REASONS.get(self._finish_reason or "") == "end_turn"
        events = self._pipeline.flush(has_answered=has_answered)
        if self._ending is not None:
            self._ending.finish(self._emitter)
        elif self.is_cut:
            events += self._pipeline.call_opener.open_written()
        elif self._finish_reason is not None:
            events += self._tell_asides() + self._pipeline.call_opener.open_written()
            self._finish(self._finish_reason, events)
        return events + self._emitter.close()

    def _go_on(self, words: Sequence[str]) -> list[Event]:
        if self._has_ended or self._pipeline.is_cut:
            return []
        return self._pipeline.feed_alike(self._kind, words)

    def _parse(self, said: str) -> dict[str, Any] | None:
        """Return the chunk of a frame; None for a frame that a cut has damaged after the answer was complete."""
        try:
            chunk, end = _decode(said)
        except ValueError:
            chunk, end = None, -1
        if end != len(said):
            if self.is_ending:
                return None
            raise upstream_failure("the upstream sent an event that is no JSON")
        if isinstance(chunk, list) and len(chunk) == 1:  # Gemini wraps its errors in a list
            chunk = chunk[0]
        if isinstance(chunk, dict):
            return chunk
        raise upstream_failure("the upstream sent an event that is no JSON object")

    def _chunk(self, chunk: Mapping[str, Any]) -> list[Event]:
        if error := read_stream_error(chunk, self._circumstances):
            if not isinstance(error, AnsweringError) or self._emitter.is_empty:
                raise error
            self._ending = error
            self._has_ended = True
            return []
        # Everything is read before anything is sent: a chunk that is broken must not have begun the message.
        deltas = read_deltas(chunk, takes_message=self._emitter.is_empty, takes_details=self._takes_details)
        usage = find_usage(chunk)
        events: list[Event] = []
        self._sources += read_sources(chunk)
        for delta in deltas:
            self._has_begun = True
            events += self._emitter.start(service_tier=read_service_tier(chunk.get("service_tier")))
            events += self._delta(delta)
        count = None if usage is None else read_usage(usage)
        if count is not None:
            self._emitter.usage(count)
        return events

    def _delta(self, delta: Delta) -> list[Event]:
        events: list[Event] = []
        for piece in delta.pieces:
            events += self._pipeline.feed(piece)
            self._has_thought = self._has_thought or isinstance(piece, Thinking)
        if delta.signature is not None:
            self._pipeline.call_opener.sign(delta.signature)
        # Some servers say `stop` once more at the end of what was cut short: beside another reason it says nothing.
        if delta.finish_reason and (self._finish_reason is None or is_natural(self._finish_reason)):
            self._finish_reason = delta.finish_reason
        self._refusals += [piece.text for piece in delta.pieces if isinstance(piece, Refusal)]
        self._sources += delta.sources
        self._media += delta.media
        return events

    def _tell_asides(self) -> list[Event]:
        """Tell what the upstream has said beside the text, each thing once; only where the caller wants text."""
        sources = [f"- {source}" for source in dict.fromkeys(self._sources)]
        asides = "\n".join([*dict.fromkeys(self._media), *(["Sources:", *sources] if sources else [])])
        self._sources, self._media = [], []
        if not asides or not self._takes_asides:
            return []
        return self._emitter.text(f"\n\n{asides}" if self._emitter.is_in_text else asides)

    def _is_window_full(self) -> bool:
        """Tell whether the model stopped because the context window is full, as far as the upstream has counted."""
        usage, window = self._emitter.reported_usage, self._traits.context_window
        if usage is None or window is None:
            return False
        return usage.whole_input + usage.output_tokens >= window - WINDOW_MARGIN

    def _finish(self, reason: str, events: list[Event]) -> None:
        if any(not call.name for call in self._pipeline.call_opener.calls):
            raise upstream_failure("the upstream sent a tool call without a name", "overloaded_error")
        stop_reason = read_stop_reason(reason)
        if stop_reason == "refusal" or self._refusals:
            explanation = "".join(self._refusals) or None
            details = RefusalStopDetails(type="refusal", category=None, explanation=explanation)
            self._emitter.finish("refusal", stop_details=details)
        elif stop_reason in CUT_SHORT:
            self._emitter.finish("model_context_window_exceeded" if self._is_window_full() else stop_reason)
        elif self._emitter.has_tool_calls:
            # Whatever the reason says: several servers answer `stop` with tool calls.
            self._emitter.finish("tool_use")
        elif stop_reason == "tool_use":
            raise upstream_failure("the upstream announced a tool call and sent none")
        elif self._pipeline.ends_in_markup:
            raise upstream_failure("the model has written a tool call that cannot be read", "overloaded_error")
        elif not self._emitter.has_answered:
            raise EmptyAnswerError(events, has_thought=self._has_thought)
        else:
            self._emitter.finish(stop_reason)
