"""Writes each item of an answer as a content block, and each text once however often it is told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from translator.anthropic.events import Event, encode_json
from translator.responses.answer.items import CUSTOM_CALL, FUNCTION_CALL, Item, text_in
from translator.signatures import EncryptedReasoning, seal_encrypted
from translator.stream.answer_blocks import WebSearchOutcome, WebSearchResult
from translator.stream.emitter import Emitter
from translator.stream.stop_sequences import StopScanner
from translator.tool_ids import wrap
from translator.tool_names import ToolNames

LONGEST_CALL_ID = 64
"""Characters of an upstream's id that go into ours."""

ARGUMENTS = ("arguments", 0)
_BETWEEN_PARTS = "\n\n"


class Speech:
    """Calls the emitter; knows who spoke last, and whether a stop sequence has ended it all."""

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
        self._speaker: Item | None = None
        self._calls = 0
        self._searches: list[str] = []
        """Their ids."""
        self.refusal: list[str] = []
        """What the model has said where it does not answer."""
        self.is_cut = False
        """Whether a stop sequence has matched: nothing more is said."""

    def text(self, item: Item, number: int, piece: str, *, kind: str = "content") -> list[Event]:
        """More of a message's text, or of its refusal."""
        if self.is_cut:
            return []
        item.said.setdefault((kind, number), []).append(piece)
        if kind == "refusal":
            self.refusal.append(piece)
        events = self._turn_to(item)
        scan = self._scanner.feed(piece)
        events += self._emitter.text(scan.text)
        if scan.matched is not None:
            self.is_cut = True
            self._emitter.finish("stop_sequence", stop_sequence=scan.matched)
        return events

    def thinking(self, item: Item, number: int, piece: str, *, kind: str) -> list[Event]:
        """More of its reasoning: a summary, or the reasoning itself where that comes first; never both."""
        if self.is_cut or any(other != kind for other, _ in item.said):
            return []
        is_another_part = bool(item.said) and (kind, number) not in item.said
        item.said.setdefault((kind, number), []).append(piece)
        events = self._turn_to(item)
        return events + self._emitter.thinking(f"{_BETWEEN_PARTS}{piece}" if is_another_part else piece)

    def seal(self, item: Item) -> list[Event]:
        """Its reasoning is whole: what its maker wants back of it goes into the block's signature."""
        if not item.blob or self.is_cut:
            return []
        signature = seal_encrypted(EncryptedReasoning(self._scope, item.blob))
        return self._turn_to(item) + self._emitter.seal(signature)

    def open_call(self, item: Item) -> list[Event]:
        """The call begins, as soon as its name is known, under an id of ours."""
        if item.has_begun or not item.name or self.is_cut:
            return []
        item.has_begun = True
        tool_use_id = wrap(
            (item.call_id or f"call_{self._calls}")[:LONGEST_CALL_ID], position=self._calls, message_id=self._message_id
        )
        self._calls += 1
        events = self._turn_to(None)
        events += self._emitter.tool_call(item, tool_use_id=tool_use_id, name=self._tool_names.original(item.name))
        so_far = "" if item.kind == CUSTOM_CALL else item.so_far(ARGUMENTS)
        return events + (self._emitter.arguments(item, so_far) if so_far else [])

    def arguments(self, item: Item, piece: str) -> list[Event]:
        """More of a call's arguments; those of a custom call are text, which is told when it is whole."""
        if not piece or self.is_cut:
            return []
        item.said.setdefault(ARGUMENTS, []).append(piece)
        return self._emitter.arguments(item, piece) if item.has_begun and item.kind == FUNCTION_CALL else []

    def end_call(self, item: Item) -> list[Event]:
        """The call is whole: one without arguments has none, and must not keep what follows waiting."""
        if not item.has_begun or self.is_cut:
            return []
        if item.kind == CUSTOM_CALL:
            return self._emitter.arguments(item, encode_json({"input": item.so_far(ARGUMENTS)}).decode("ascii"))
        return [] if item.so_far(ARGUMENTS).strip() else self._emitter.arguments(item, "{}")

    def web_search(self, item: Item, query: str, outcome: WebSearchOutcome | None) -> list[Event]:
        """A search that was made at the upstream, under an id of ours; None where what it has found comes later."""
        if self.is_cut:
            return []
        self._searches.append(f"srvtoolu_{self._message_id.removeprefix('msg_')}_{len(self._searches)}")
        return self._turn_to(item) + self._emitter.web_search(self._searches[-1], query, outcome)

    def found(self, results: Sequence[WebSearchResult]) -> list[Event]:
        """What the last search has found."""
        return [] if self.is_cut else self._emitter.found(self._searches[-1], results)

    def note(self, item: Item, text: str) -> list[Event]:
        """A remark of ours."""
        return [] if self.is_cut else self._turn_to(item) + self._emitter.text(text)

    def flush(self) -> list[Event]:
        """What the scanner holds back can no longer become a stop sequence."""
        held = "" if self.is_cut else self._scanner.flush()
        return self._emitter.text(held) if held else []

    def _turn_to(self, item: Item | None) -> list[Event]:
        """Another item speaks: the block of the last one is whole."""
        if item is not None and item is self._speaker:
            return []
        events = self.flush()
        self._emitter.end_block()
        self._speaker = item
        return events


def arguments_of(raw: Mapping[str, Any], name: str) -> str:
    """The whole arguments of a call, which a few servers send as an object."""
    value = raw.get(name)
    return encode_json(value).decode("ascii") if isinstance(value, Mapping) else text_in(raw, name)
