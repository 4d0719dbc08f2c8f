"""Finds the call that a fragment belongs to: upstreams number calls by index, by id, by both or by neither."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from translator.partial_json import ObjectScan, parse_object


class Fragment(NamedTuple):
    """What one chunk says of one call."""

    number: int | None
    """Its `index`."""
    upstream_id: str
    name: str
    arguments: str
    signature: str | None
    """What the upstream wants back with the call (Gemini's thought signature)."""


@dataclass(slots=True, eq=False)
class Call:
    """One call of the answer, as far as it has arrived. It begins when what its start must hold is known."""

    position: int
    upstream_id: str = ""
    name: str = ""
    signature: str | None = None
    has_begun: bool = False
    arguments: list[str] = field(default_factory=list)
    scan: ObjectScan = field(default_factory=ObjectScan)

    def take(self, fragment: Fragment) -> None:
        """Learn what is new: the first word on id, name and signature counts."""
        self.upstream_id = self.upstream_id or fragment.upstream_id
        self.name = self.name or fragment.name
        self.signature = self.signature or fragment.signature
        self.arguments.append(fragment.arguments)

    def has_arguments(self, arguments: Mapping[str, Any]) -> bool:
        """Whether its own, which are complete, are these."""
        try:
            return parse_object("".join(self.arguments)) == arguments
        except ValueError:
            return False

    def is_followed_by(self, fragment: Fragment) -> bool:
        """Whether the fragment, which might belong to this call, begins another: see `CallTracker`."""
        if fragment.upstream_id and self.upstream_id and fragment.upstream_id != self.upstream_id:
            return not self._goes_on_in(fragment)
        if not fragment.name or not self.name:
            return False
        return fragment.name != self.name or bool(fragment.arguments.strip() and self.scan.is_closed(self.arguments))

    def _goes_on_in(self, fragment: Fragment) -> bool:
        """Whether the fragment brings more of this call, under another id: older vLLMs made a new one for each."""
        is_numbered, brings_only_arguments = fragment.number is not None, fragment.arguments and not fragment.name
        return bool(is_numbered and brings_only_arguments and self.name and not self.scan.is_closed(self.arguments))


class CallTracker:
    """Finds the call of each fragment: by its index, else by its id, else it is the last one.

    Indices and ids repeat (Gemini numbers all calls 0, others call them all `call_0`), ids and names come late, or with
    every fragment. So another id or name begins another call, and so does the same name with more arguments when the
    arguments had come to their end.
    """

    def __init__(self) -> None:
        self._by_number: dict[int, Call] = {}
        self._by_id: dict[str, Call] = {}
        self.calls: list[Call] = []

    def take(self, fragment: Fragment) -> Call:
        """The call that the fragment belongs to, a new one if need be, with what the fragment says."""
        call = self._known(fragment)
        if call is None or call.is_followed_by(fragment):
            return self.begin(fragment)
        return self._give(call, fragment)

    def numbered(self, fragment: Fragment) -> Call | None:
        """The call that has the fragment's number; what has neither id nor name begins no other."""
        return None if fragment.number is None else self._by_number.get(fragment.number)

    def begin(self, fragment: Fragment) -> Call:
        """A new call, with what the fragment says."""
        call = Call(len(self.calls))
        self.calls.append(call)
        return self._give(call, fragment)

    def has(self, name: str, arguments: Mapping[str, Any]) -> bool:
        """Whether such a call has been made."""
        return any(call.name == name and call.has_arguments(arguments) for call in self.calls)

    def _give(self, call: Call, fragment: Fragment) -> Call:
        call.take(fragment)
        if fragment.number is not None:
            self._by_number[fragment.number] = call
        if fragment.upstream_id:
            self._by_id[fragment.upstream_id] = call
        return call

    def _known(self, fragment: Fragment) -> Call | None:
        if fragment.number is not None:
            return self.numbered(fragment)
        return self._by_id.get(fragment.upstream_id) or (self.calls[-1] if self.calls else None)
