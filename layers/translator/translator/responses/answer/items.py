"""Follows the output items of an answer, and finds the one that an event is about.

An item is found by its id and place together, else by its place, else by its id, else it is the last: relays give all
items one place, or every event another id, and local servers give neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MESSAGE = "message"
REASONING = "reasoning"
FUNCTION_CALL = "function_call"
CUSTOM_CALL = "custom_tool_call"
CALLS = (FUNCTION_CALL, CUSTOM_CALL)

Part = tuple[str, int]
"""What a text is (`summary`, `content`, `refusal`, `arguments`), and its number in the item."""


@dataclass(slots=True, eq=False)
class Item:
    """One output item, as far as it has arrived."""

    kind: str
    name: str = ""
    call_id: str = ""
    blob: str = ""
    """The reasoning that its maker has encrypted: the last that was not empty."""
    said: dict[Part, list[str]] = field(default_factory=dict)
    """What has arrived of each text."""
    announced: str = ""
    """Arguments that came with the beginning: some servers repeat them, others do not."""
    has_begun: bool = False
    """Whether its block has."""
    is_done: bool = False
    action: Mapping[str, Any] = field(default_factory=dict)
    """What a search of the web is about."""
    status: str = ""
    """Of a search."""
    cited: dict[str, str] = field(default_factory=dict)
    """The titles of the pages that a message cites, by their addresses."""

    def so_far(self, part: Part) -> str:
        """What has arrived of a text."""
        return "".join(self.said.get(part, ()))

    def missing(self, part: Part, whole: str) -> str:
        """What the whole text adds to what has arrived; nothing where that is no beginning of it."""
        so_far = self.so_far(part)
        return whole[len(so_far) :] if whole.startswith(so_far) else ""


class Items:
    """All items of one answer."""

    def __init__(self) -> None:
        self.all: list[Item] = []
        self._by_both: dict[tuple[str, int | None], Item] = {}
        self._by_place: dict[int, Item] = {}
        self._by_id: dict[str, Item] = {}

    def add(self, event: Mapping[str, Any], raw: Mapping[str, Any]) -> Item:
        """The item that an event begins, or ends without its having begun; once, however often it is told."""
        identity, place = text_in(raw, "id"), place_of(event)
        known = self._by_both.get((identity, place))
        return known if known is not None else self._register(Item(text_in(raw, "type")), identity, place)

    def of(self, event: Mapping[str, Any], kind: str) -> Item:
        """The item that a piece belongs to, a new one if need be."""
        found = self._find(text_in(event, "item_id"), place_of(event))
        if found is not None and (found.kind == kind or (kind in CALLS and found.kind in CALLS)):
            return found
        return self._register(Item(kind), text_in(event, "item_id"), place_of(event))

    def known(self, event: Mapping[str, Any], kind: str) -> Item | None:
        """The item that a piece belongs to, if there is one of this kind."""
        found = self._find(text_in(event, "item_id"), place_of(event))
        return found if found is not None and found.kind == kind else None

    def ended(self, event: Mapping[str, Any], raw: Mapping[str, Any]) -> Item:
        """The item that is whole now."""
        found = self._called(raw) or self._find(text_in(raw, "id"), place_of(event))
        return found if found is not None and found.kind == raw.get("type") else self.add(event, raw)

    def at_the_end(self, raw: Mapping[str, Any], number: int) -> Item:
        """The item that stands in the whole answer as the one of this number of its kind."""
        kind = text_in(raw, "type")
        of_kind = [item for item in self.all if item.kind == kind]
        return self._called(raw) or (of_kind[number] if number < len(of_kind) else self.add({}, raw))

    def _called(self, raw: Mapping[str, Any]) -> Item | None:
        """The call of this id, which is whole now."""
        call_id = text_in(raw, "call_id")
        return (
            next((item for item in self.all if item.call_id == call_id and not item.is_done), None) if call_id else None
        )

    def _find(self, identity: str, place: int | None) -> Item | None:
        if identity and (identity, place) in self._by_both:
            return self._by_both[identity, place]
        if place is not None:
            return self._by_place.get(place)
        if identity and identity in self._by_id:
            return self._by_id[identity]
        return self.all[-1] if self.all else None

    def _register(self, item: Item, identity: str, place: int | None) -> Item:
        self.all.append(item)
        if place is not None:
            self._by_place[place] = item
        if identity:
            self._by_both[identity, place] = item
            self._by_id[identity] = item
        return item


def text_in(holder: Mapping[str, Any], name: str) -> str:
    """A text, empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def place_of(event: Mapping[str, Any]) -> int | None:
    """The item's place in the output; None where the upstream does not number."""
    return number_in(event, "output_index")


def number_in(event: Mapping[str, Any], name: str) -> int | None:
    """A number; None where there is none."""
    value = event.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def mapping_in(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, Mapping) else {}


def mappings_in(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
