"""Writes each content block of an answer, as its events come one after the other."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import Event, encode_json
from translator.signatures import EncryptedReasoning, seal_encrypted
from translator.stream.emitter import Emitter
from translator.stream.stop_sequences import StopScanner
from translator.tool_ids import wrap
from translator.tool_names import ToolNames

_LONGEST_CALL_ID = 64
"""Characters of an upstream's id that go into ours."""


class _Reasoning:
    """What the upstream wants back of a block of reasoning."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.signature = ""
        self.redacted = ""

    @property
    def sealed(self) -> str | None:
        """The content block itself, where it is signed."""
        if self.redacted:
            return json.dumps({"redactedContent": self.redacted})
        if not self.signature:
            return None
        return json.dumps({"reasoningText": {"text": "".join(self.texts), "signature": self.signature}})


class _Call:
    """A call, which names itself to the emitter."""

    def __init__(self) -> None:
        self.has_arguments = False


class Blocks:
    """Calls the emitter; knows which block is open, and whether a stop sequence has ended it all."""

    def __init__(
        self,
        emitter: Emitter,
        *,
        tool_names: ToolNames,
        stop_sequences: Iterable[str],
        message_id: str,
        reasoning_scope: str,
    ) -> None:
        self._emitter = emitter
        self._tool_names = tool_names
        self._scanner = StopScanner(stop_sequences)
        self._message_id = message_id
        self._scope = reasoning_scope
        self._index: object = None
        self._reasoning = _Reasoning()
        self._calls: dict[object, _Call] = {}
        """By the block's index."""
        self._count = 0
        self.is_cut = False
        """Whether a stop sequence has matched: nothing more is said."""

    def begin(self, index: object, start: Mapping[str, Any]) -> list[Event]:
        """A block begins; only calls say so."""
        events = self._turn_to(index)
        call = mapping_in(start, "toolUse")
        if not call or self.is_cut:
            return events
        name = text_in(call, "name")
        if not name:
            raise upstream_failure("the upstream sent a tool call without a name", "overloaded_error")
        own = (text_in(call, "toolUseId") or f"call_{self._count}")[:_LONGEST_CALL_ID]
        tool_use_id = wrap(own, position=self._count, message_id=self._message_id)
        self._count += 1
        self._calls[index] = begun = _Call()
        return events + self._emitter.tool_call(begun, tool_use_id=tool_use_id, name=self._tool_names.original(name))

    def go_on(self, index: object, delta: Mapping[str, Any]) -> list[Event]:
        """More of a block."""
        events = self._turn_to(index)
        if self.is_cut:
            return events
        if text := text_in(delta, "text"):
            events += self._text(text)
        if call := mapping_in(delta, "toolUse"):
            events += self._arguments(index, text_in(call, "input"))
        if reasoning := mapping_in(delta, "reasoningContent"):
            events += self._think(reasoning)
        return events

    def end(self) -> list[Event]:
        """The open block is whole: what its maker wants back of reasoning goes into its signature."""
        events = self._flush()
        sealed, self._reasoning = self._reasoning.sealed, _Reasoning()
        if sealed is not None and not self.is_cut:
            events += self._emitter.seal(seal_encrypted(EncryptedReasoning(self._scope, sealed)))
        call = self._calls.get(self._index)
        if call is not None and not call.has_arguments and not self.is_cut:
            call.has_arguments = True
            events += self._emitter.arguments(call, "{}")
        self._emitter.end_block()
        self._index = None
        return events

    def whole(self, content: Iterable[object]) -> list[Event]:
        """All blocks of an answer that has come whole."""
        events: list[Event] = []
        for index, block in enumerate(content):
            told = block if isinstance(block, Mapping) else {}
            call, cited = mapping_in(told, "toolUse"), mapping_in(told, "citationsContent").get("content")
            reasoning = mapping_in(told, "reasoningContent")
            events += self.begin(index, told)
            if call:
                arguments = encode_json(call.get("input") or {}).decode("ascii")
                events += self.go_on(index, {"toolUse": {"input": arguments}})
            elif reasoning:
                delta = {**reasoning, **mapping_in(reasoning, "reasoningText")}
                events += self.go_on(index, {"reasoningContent": delta})
            else:
                for part in (told, *(cited if isinstance(cited, list) else ())):
                    events += self.go_on(index, {"text": text_in(part, "text") if isinstance(part, Mapping) else ""})
            events += self.end()
        return events

    def _text(self, piece: str) -> list[Event]:
        scan = self._scanner.feed(piece)
        events = self._emitter.text(scan.text)
        if scan.matched is not None:
            self.is_cut = True
            self._emitter.finish("stop_sequence", stop_sequence=scan.matched)
        return events

    def _arguments(self, index: object, piece: str) -> list[Event]:
        call = self._calls.get(index)
        if call is None:
            raise upstream_failure("the upstream sent arguments for a tool call that has not begun")
        call.has_arguments = call.has_arguments or bool(piece.strip())
        return self._emitter.arguments(call, piece) if piece else []

    def _think(self, delta: Mapping[str, Any]) -> list[Event]:
        text = text_in(delta, "text")
        self._reasoning.texts.append(text)
        self._reasoning.signature += text_in(delta, "signature")
        self._reasoning.redacted += text_in(delta, "redactedContent")
        return self._emitter.thinking(text) if text else []

    def _turn_to(self, index: object) -> list[Event]:
        events = self.end() if self._index is not None and index != self._index else []
        self._index = index
        return events

    def _flush(self) -> list[Event]:
        """What the scanner holds back can no longer become a stop sequence."""
        held = "" if self.is_cut else self._scanner.flush()
        return self._emitter.text(held) if held else []


def mapping_in(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under a name; an empty one for what is none."""
    value = raw.get(name)
    return value if isinstance(value, Mapping) else {}


def text_in(raw: Mapping[str, Any], name: str) -> str:
    """The text under a name; an empty one for what is none."""
    value = raw.get(name)
    return value if isinstance(value, str) else ""
