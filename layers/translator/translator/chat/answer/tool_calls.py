"""Finds the call that a fragment belongs to: upstreams number calls by index, by id, by both or by neither."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from translator.partial_json import ObjectScan, parse_object


class Fragment(NamedTuple):
    """The part of one call in one chunk."""

    number: int | None
    """The call's `index`."""
    upstream_id: str
    name: str
    arguments: str
    signature: str | None
    """A value that the upstream wants back with the call (Gemini's thought signature)."""


@dataclass(slots=True, eq=False)
class Call:
    """One call of the answer, as far as it has arrived. It begins as soon as the fields of its start are known."""

    position: int
    upstream_id: str = ""
    name: str = ""
    signature: str | None = None
    has_begun: bool = False
    arguments: list[str] = field(default_factory=list)
    scan: ObjectScan = field(default_factory=ObjectScan)

    def take(self, fragment: Fragment) -> None:
        """Take the new values of a fragment. The first id, name and signature count."""
        self.upstream_id = self.upstream_id or fragment.upstream_id
        self.name = self.name or fragment.name
        self.signature = self.signature or fragment.signature
        self.arguments.append(fragment.arguments)

    def has_arguments(self, arguments: Mapping[str, Any]) -> bool:
        """Tell whether the call's arguments are complete and equal to these."""
        try:
            return parse_object("".join(self.arguments)) == arguments
        except ValueError:
            return False

    def is_followed_by(self, fragment: Fragment) -> bool:
        """Tell whether the fragment, which might belong to this call, begins another one: see `CallTracker`."""
        if fragment.upstream_id and self.upstream_id and fragment.upstream_id != self.upstream_id:
            return not self._goes_on_in(fragment)
        if not fragment.name or not self.name:
            return False
        return fragment.name != self.name or bool(fragment.arguments.strip() and self.scan.is_closed(self.arguments))

    def _goes_on_in(self, fragment: Fragment) -> bool:
        """Tell whether the fragment continues this call under a new id, as older versions of vLLM send them."""
        is_numbered, brings_only_arguments = fragment.number is not None, fragment.arguments and not fragment.name
        return bool(is_numbered and brings_only_arguments and self.name and not self.scan.is_closed(self.arguments))


class CallTracker:
    """Finds the call of a fragment: by its index, or by its id, or else the last call.

    Indices and ids repeat: Gemini numbers all calls 0, others call them all `call_0`. Ids and names come late, or with
    every fragment. So another id or another name begins another call. The same name with more arguments also does,
    when the arguments were complete.
    """

    def __init__(self) -> None:
        self._by_number: dict[int, Call] = {}
        self._by_id: dict[str, Call] = {}
        self.calls: list[Call] = []

    def take(self, fragment: Fragment) -> Call:
        """Add the fragment to its call, which may be a new one, and return the call."""
        call = self._known(fragment)
        if call is None or call.is_followed_by(fragment):
            return self.begin(fragment)
        return self._give(call, fragment)

    def numbered(self, fragment: Fragment) -> Call | None:
        """The call that has the fragment's number; what has neither id nor name begins no other."""
        return None if fragment.number is None else self._by_number.get(fragment.number)

    def begin(self, fragment: Fragment) -> Call:
        """Begin a new call with the fragment."""
        call = Call(len(self.calls))
        self.calls.append(call)
        return self._give(call, fragment)

    def has(self, name: str, arguments: Mapping[str, Any]) -> bool:
        """Tell whether an equal call exists."""
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
