"""Reads the stream of chat completions: its chunks become calls on the emitter.

A whole completion is one chunk whose message stands for the delta. Within a chunk reasoning comes before text and text
before tool calls. Source: https://platform.openai.com/docs/api-reference/chat-streaming.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import Event, StopReason
from translator.chat.errors import read_stream_error
from translator.chat.tool_calls import Call, CallTracker
from translator.chat.usage import read_usage
from translator.emitter import Emitter
from translator.stop_sequences import StopScanner
from translator.tool_ids import wrap
from translator.tool_names import ToolNames
from translator.traits import Traits

DONE = "[DONE]"

FINISH_REASONS: dict[str, StopReason] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
    # Names of other servers for the same things: TGI, Mistral, Cohere, llama.cpp.
    "eos": "end_turn",
    "eos_token": "end_turn",
    "end_turn": "end_turn",
    "COMPLETE": "end_turn",
    "model_length": "max_tokens",
    "max_tokens": "max_tokens",
    "MAX_TOKENS": "max_tokens",
}
"""Any other reason is an error: a stop that nobody understands is not a success."""


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
        input_tokens: int,
    ) -> None:
        self._emitter = emitter
        self._traits = traits
        self._tool_names = tool_names
        self._message_id = message_id
        self._input_tokens = input_tokens
        self._calls = CallTracker()
        sequences = [sequence for sequence in stop_sequences if sequence]
        self._scanner = StopScanner(sequences) if sequences else None
        self._refusal: list[str] = []
        self._finish_reason: str | None = None
        self._service_tier: object = None
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
        if self.is_done:
            return []
        if frame.strip() == DONE:
            self._is_done = True
            return []
        chunk = self._parse(frame)
        self._service_tier = chunk.get("service_tier") or self._service_tier
        events: list[Event] = []
        for choice in chunk.get("choices") or ():
            if isinstance(choice, dict) and not choice.get("index"):
                events += self._choice(choice)
        usage = chunk.get("usage")
        if isinstance(usage, dict):
            self._emitter.usage(read_usage(usage, service_tier=self._service_tier))
        return events

    def close(self) -> list[Event]:
        """The upstream has ended. Raises `ApiError` where it did so before it had finished."""
        if self._is_cut:
            return self._emitter.close()
        events = self._release_held_text()
        if self._is_cut or self._finish_reason is None:
            return events + self._emitter.close()
        self._finish(self._finish_reason)
        return events + self._emitter.close()

    def _parse(self, frame: str) -> dict[str, Any]:
        try:
            chunk = json.loads(frame)
        except (ValueError, RecursionError):
            raise upstream_failure("the upstream sent an event that is no JSON") from None
        if not isinstance(chunk, dict):
            raise upstream_failure("the upstream sent an event that is no JSON object")
        error = read_stream_error(chunk, input_tokens=self._input_tokens, traits=self._traits)
        if error is not None:
            raise error
        return chunk

    def _choice(self, choice: Mapping[str, Any]) -> list[Event]:
        delta = choice.get("delta") or choice.get("message") or {}
        events = self._emitter.start()
        events += self._emitter.thinking(_reasoning(delta))
        events += self._content(delta.get("content"))
        events += self._refused(delta.get("refusal"))
        for fragment in _tool_call_fragments(delta):
            events += self._tool_call(fragment)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._finish_reason = reason
        return events

    def _content(self, content: object) -> list[Event]:
        """A string, or parts of text and thinking."""
        if isinstance(content, str):
            return self._text(content)
        events: list[Event] = []
        for part in content if isinstance(content, list) else ():
            if not isinstance(part, dict):
                continue
            if part.get("type") == "thinking":
                events += self._emitter.thinking(_text_of(part.get("thinking")))
            else:
                events += self._text(_text_of(part.get("text")))
        return events

    def _text(self, piece: str) -> list[Event]:
        if self._scanner is None or not piece or self._is_cut:
            return [] if self._is_cut else self._emitter.text(piece)
        scanned = self._scanner.feed(piece)
        events = self._emitter.text(scanned.text)
        if scanned.matched is not None:
            self._is_cut = True
            self._emitter.finish("stop_sequence", stop_sequence=scanned.matched)
        return events

    def _release_held_text(self) -> list[Event]:
        return self._emitter.text(held) if self._scanner and (held := self._scanner.flush()) else []

    def _refused(self, refusal: object) -> list[Event]:
        if not isinstance(refusal, str) or not refusal:
            return []
        self._refusal.append(refusal)
        return self._emitter.text(refusal)

    def _tool_call(self, fragment: dict[str, Any]) -> list[Event]:
        if self._is_cut:
            return []
        function = fragment.get("function")
        function = function if isinstance(function, dict) else {}
        name = function.get("name") or ""
        call = self._calls.call_of(fragment, name=name)
        events = self._release_held_text()
        if not call.has_begun and fragment.get("id"):
            call.upstream_id = str(fragment["id"])
        if not call.has_begun and name:
            call.name = name
            call.has_begun = True
            events += self._begin(call)
        arguments = function.get("arguments")
        text = arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""
        call.fragments.append(text)
        if call.has_begun:
            events += self._emitter.arguments(call, text)
        return events

    def _begin(self, call: Call) -> list[Event]:
        tool_use_id = wrap(call.upstream_id, position=call.position, message_id=self._message_id)
        events = self._emitter.tool_call(call, tool_use_id=tool_use_id, name=self._tool_names.original(call.name))
        early = "".join(call.fragments)
        return events + self._emitter.arguments(call, early) if early else events

    def _finish(self, reason: str) -> None:
        if any(not call.has_begun for call in self._calls.calls):
            raise upstream_failure("the upstream sent a tool call without a name")
        stop_reason = FINISH_REASONS.get(reason)
        if stop_reason is None:
            raise upstream_failure(f"the upstream stopped for a reason that is not known: {reason[:64]!r}")
        if stop_reason == "refusal" or self._refusal:
            explanation = "".join(self._refusal) or None
            details = {"type": "refusal", "category": None, "explanation": explanation}
            self._emitter.finish("refusal", stop_details=details)  # type: ignore[arg-type]
        elif stop_reason == "max_tokens":
            self._emitter.finish("max_tokens")
        elif self._emitter.has_tool_calls:
            # Whatever the reason says: several servers answer `stop` with tool calls.
            self._emitter.finish("tool_use")
        elif stop_reason == "tool_use":
            raise upstream_failure("the upstream announced a tool call and sent none")
        else:
            self._emitter.finish(stop_reason)


def _reasoning(delta: Mapping[str, Any]) -> str:
    """Reasoning under the first of its names that is there; OpenRouter sends two at once."""
    for name in ("reasoning_content", "reasoning"):
        value = delta.get(name)
        if isinstance(value, str) and value:
            return value
    details = delta.get("reasoning_details")
    if not isinstance(details, list):
        return ""
    texts = (detail.get("text") or detail.get("summary") for detail in details if isinstance(detail, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _text_of(value: object) -> str:
    """Text that is a string, or a list of text parts (Mistral's thinking)."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else ()
    return "".join(_text_of(part.get("text")) for part in parts if isinstance(part, dict))


def _tool_call_fragments(delta: Mapping[str, Any]) -> list[dict[str, Any]]:
    calls = delta.get("tool_calls")
    if isinstance(calls, list):
        return [call for call in calls if isinstance(call, dict)]
    legacy = delta.get("function_call")
    return [{"index": 0, "function": legacy}] if isinstance(legacy, dict) else []
