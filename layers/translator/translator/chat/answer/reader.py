"""Reads the stream of chat completions: its chunks become calls on the emitter.

A whole completion is one chunk whose message stands for the delta. Within a chunk reasoning comes before text and text
before tool calls. Source: https://platform.openai.com/docs/api-reference/chat-streaming.
"""

from collections.abc import Iterable, Mapping, Sequence
from json import JSONDecoder
from typing import Any, SupportsInt

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import CUT_SHORT, Event, RefusalStopDetails, encode_json
from translator.caller_words import CallerWords
from translator.chat.answer.answer_text import AnswerText
from translator.chat.answer.call_formats import schemas_of
from translator.chat.answer.deltas import Delta, plain_text, read_deltas, read_sources
from translator.chat.answer.finish_reasons import FINISH_REASONS, is_natural, read_stop_reason
from translator.chat.answer.think_tags import Piece
from translator.chat.answer.tool_calls import Call, CallTracker, Fragment
from translator.chat.answer.usage import find_usage, read_service_tier, read_usage
from translator.chat.refusal.errors import read_stream_error
from translator.chat.refusal.evidence import Circumstances
from translator.reasoning_details import Detail
from translator.stream.emitter import Emitter
from translator.stream.stop_sequences import StopScanner
from translator.tool_ids import wrap
from translator.tool_names import ToolNames
from translator.traits import Traits

DONE = "[DONE]"

WINDOW_MARGIN = 16
"""Tokens of a context window that servers may leave unused."""

LONGEST_CALL_ID = 64
"""Characters of an upstream's id that go into ours. It meets longer ones again under another name anyway."""

_decode = JSONDecoder().decode


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
        self._tool_names = tool_names
        self._message_id = message_id
        self._circumstances = Circumstances(caller_words, input_tokens, traits)
        self._takes_asides = takes_asides
        self._calls = CallTracker()
        self._scanner = StopScanner(stop_sequences)
        self._answer_text = AnswerText(traits, schemas_of(offered))
        self._refusal: list[str] = []
        self._sources: list[str] = []
        self._media: list[str] = []
        self._finish_reason: str | None = None
        self._has_begun = False
        self._is_cut = False
        self._is_done = False

    @property
    def is_done(self) -> bool:
        """Whether nothing more is wanted of the upstream: it has said so, or a stop sequence has matched."""
        return self._is_done or self._is_cut

    @property
    def is_ending(self) -> bool:
        """Whether the model has stopped: only usage and the end marker may follow."""
        return self._finish_reason is not None

    @property
    def is_cut(self) -> bool:
        """Whether a stop sequence has matched, of which the upstream knows nothing."""
        return self._is_cut

    def feed(self, frame: str) -> list[Event]:
        """Read the next frame. Raises `ApiError` where it is an error, or no JSON object."""
        if self._is_done or self._is_cut:
            return []
        marker = frame.strip()
        if marker in (DONE, ""):  # an empty event is a sign of life
            self._is_done = marker == DONE
            return []
        try:
            chunk = self._parse(frame)
            if chunk is None:
                return []
            text = plain_text(chunk) if self._has_begun else None
            return self._chunk(chunk) if text is None else self._content(text)
        except RecursionError:
            raise upstream_failure("the upstream sent an event that is nested too deeply") from None

    def close(self) -> list[Event]:
        """The upstream has ended. Raises `ApiError` where it did so before it had finished."""
        events = [] if self._is_cut else self._release()
        if self._is_cut or self._finish_reason is not None:
            events += self._begin_written_calls()
        if self._finish_reason is not None and not self._is_cut:
            self._finish(self._finish_reason)
        return events + self._emitter.close()

    def _parse(self, frame: str) -> dict[str, Any] | None:
        """The chunk in a frame; None for what a cut has left of counts and end mark, when the answer is complete."""
        try:
            chunk = _decode(frame)
        except ValueError:
            if self.is_ending:
                return None
            raise upstream_failure("the upstream sent an event that is no JSON") from None
        if isinstance(chunk, list) and len(chunk) == 1:  # Gemini wraps its errors in a list
            chunk = chunk[0]
        if not isinstance(chunk, dict):
            raise upstream_failure("the upstream sent an event that is no JSON object")
        return chunk

    def _release(self) -> list[Event]:
        """All that was held back, or kept for the end."""
        events = self._tell_apart(self._answer_text.flush())
        if FINISH_REASONS.get(self._finish_reason or "") == "end_turn" and not self._calls.calls:
            events += self._tell_apart([*self._answer_text.suppose_text(), *self._answer_text.flush()])
        events += self._release_held_text() + self._begin_held_calls()
        return events if self._finish_reason is None or self._is_cut else events + self._tell_asides()

    def _chunk(self, chunk: Mapping[str, Any]) -> list[Event]:
        if error := read_stream_error(chunk, self._circumstances):
            raise error
        # Everything is read before anything is sent: a chunk that is broken must not have begun the message.
        deltas = read_deltas(chunk, takes_message=self._emitter.is_empty)
        usage = find_usage(chunk)
        events: list[Event] = []
        self._sources += read_sources(chunk)
        for delta in deltas:
            self._has_begun = True
            events += self._emitter.start(service_tier=read_service_tier(chunk.get("service_tier")))
            events += self._delta(delta)
        counted = None if usage is None else read_usage(usage)
        if counted is not None:
            self._emitter.usage(counted)
        return events

    def _delta(self, delta: Delta) -> list[Event]:
        events: list[Event] = []
        details = delta.details if self._traits.reasoning_echo == "reasoning_details" else []
        for kind, piece in delta.pieces:
            if kind == "thinking":
                events += self._tell_apart(self._answer_text.suppose_text()) + self._thinking(piece)
            else:
                events += self._reasoning_details(details) + self._content(piece)
                details = []
        events += self._reasoning_details(details)
        if delta.refusal or delta.fragments:
            events += self._tell_apart(self._answer_text.flush())
        if delta.refusal:
            events += self._refused(delta.refusal)
        for fragment in delta.fragments:
            events += self._tool_call(fragment)
        if delta.signature is not None:
            self._sign(delta.signature)
        # Some servers say `stop` once more at the end of what was cut short: beside another reason it says nothing.
        if delta.finish_reason and (self._finish_reason is None or is_natural(self._finish_reason)):
            self._finish_reason = delta.finish_reason
        self._sources += delta.sources
        self._media += delta.media
        return events

    def _content(self, piece: str) -> list[Event]:
        """Text, or what the model says in the place of it."""
        return self._text(piece) if self._answer_text.is_plain else self._tell_apart(self._answer_text.feed(piece))

    def _tell_apart(self, pieces: Iterable[Piece]) -> list[Event]:
        events: list[Event] = []
        for kind, piece in pieces:
            events += self._thinking(piece) if kind == "thinking" else self._text(piece)
        return events

    def _reasoning_details(self, details: Sequence[Detail]) -> list[Event]:
        if not details or self._is_cut:
            return []
        return self._release_held_text() + self._begin_held_calls() + self._emitter.reasoning_details(details)

    def _thinking(self, piece: str) -> list[Event]:
        if not piece or self._is_cut:
            return []
        return self._release_held_text() + self._begin_held_calls() + self._emitter.thinking(piece)

    def _text(self, piece: str) -> list[Event]:
        if not piece or self._is_cut:
            return []
        scanned = self._scanner.feed(piece)
        events = self._begin_held_calls()
        events += self._emitter.text(scanned.text)
        if scanned.matched is not None:
            self._is_cut = True
            self._emitter.finish("stop_sequence", stop_sequence=scanned.matched)
        return events

    def _refused(self, refusal: str) -> list[Event]:
        if self._is_cut:
            return []
        self._refusal.append(refusal)
        return self._release_held_text() + self._begin_held_calls() + self._emitter.text(refusal)

    def _release_held_text(self) -> list[Event]:
        """What the scanner holds back can no longer become a stop sequence: something else follows it, or nothing."""
        held = self._scanner.flush()
        return self._emitter.text(held) if held else []

    def _tool_call(self, fragment: Fragment) -> list[Event]:
        if self._is_cut:
            return []
        events = self._release_held_text()
        call = self._calls.take(fragment)
        if call.has_begun:
            events += self._emitter.arguments(call, fragment.arguments)
        elif call.name and not self._traits.thought_signature:
            events += self._begin(call)
        return events

    def _begin(self, call: Call) -> list[Event]:
        call.has_begun = True
        tool_use_id = wrap(
            (call.upstream_id or f"call_{call.position}")[:LONGEST_CALL_ID],
            position=call.position,
            message_id=self._message_id,
            signature=call.signature,
        )
        events = self._emitter.tool_call(call, tool_use_id=tool_use_id, name=self._tool_names.original(call.name))
        return events + self._emitter.arguments(call, "".join(call.arguments))

    def _begin_held_calls(self) -> list[Event]:
        """Begin the calls that could not begin at once: a signature, which their id must hold, may come after them."""
        events: list[Event] = []
        if self._traits.thought_signature:
            for call in self._calls.calls:
                if call.name and not call.has_begun:
                    events += self._begin(call)
        return events

    def _begin_written_calls(self) -> list[Event]:
        """Begin the calls that stood in the text; a server that has found one after all has sent it as well."""
        events: list[Event] = []
        for name, arguments in self._answer_text.calls:
            if not self._calls.has(name, arguments):
                encoded = encode_json(arguments).decode("ascii")
                events += self._begin(self._calls.begin(Fragment(None, "", name, encoded, None)))
        return events

    def _sign(self, signature: str) -> None:
        """A signature on its own belongs to the first of the calls that wait for one."""
        for call in self._calls.calls:
            if not call.has_begun and call.signature is None:
                call.signature = signature
                return

    def _tell_asides(self) -> list[Event]:
        """What the upstream has told beside the text, each once; only where text is what the caller wants."""
        sources = [f"- {source}" for source in dict.fromkeys(self._sources)]
        told = "\n".join([*dict.fromkeys(self._media), *(["Sources:", *sources] if sources else [])])
        self._sources, self._media = [], []
        if not told or not self._takes_asides:
            return []
        return self._emitter.text(f"\n\n{told}" if self._emitter.is_in_text else told)

    def _is_window_full(self) -> bool:
        """Whether the model has stopped because nothing more fits, as far as the upstream has counted."""
        counted, window = self._emitter.counted, self._traits.context_window
        if counted is None or window is None:
            return False
        return counted.whole_input + counted.output_tokens >= window - WINDOW_MARGIN

    def _finish(self, reason: str) -> None:
        if any(not call.name for call in self._calls.calls):
            raise upstream_failure("the upstream sent a tool call without a name", "overloaded_error")
        stop_reason = read_stop_reason(reason)
        if stop_reason == "refusal" or self._refusal:
            explanation = "".join(self._refusal) or None
            details = RefusalStopDetails(type="refusal", category=None, explanation=explanation)
            self._emitter.finish("refusal", stop_details=details)
        elif stop_reason in CUT_SHORT:
            self._emitter.finish("model_context_window_exceeded" if self._is_window_full() else stop_reason)
        elif self._emitter.has_tool_calls:
            # Whatever the reason says: several servers answer `stop` with tool calls.
            self._emitter.finish("tool_use")
        elif stop_reason == "tool_use":
            raise upstream_failure("the upstream announced a tool call and sent none")
        else:
            self._emitter.finish(stop_reason)
