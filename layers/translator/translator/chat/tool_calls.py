"""Which call a fragment of a tool call belongs to. Upstreams number calls by index, by id, by both or by neither."""

from dataclasses import dataclass, field
from typing import Any

from translator.partial_json import is_complete_object


@dataclass(slots=True, eq=False)
class Call:
    """One call of the answer, as far as it has arrived. It begins when its name is known."""

    position: int
    upstream_id: str
    name: str = ""
    has_begun: bool = False
    fragments: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether its arguments are a whole JSON object."""
        return is_complete_object("".join(self.fragments))


class CallTracker:
    """Finds the call of each fragment.

    A new id on a known index is a new call (Gemini numbers all of them 0); without an index the id decides, without
    both a name begins a call and anything else continues the last one.
    """

    def __init__(self) -> None:
        self._by_index: dict[int, Call] = {}
        self._by_id: dict[str, Call] = {}
        self.calls: list[Call] = []

    def call_of(self, fragment: dict[str, Any], *, name: str) -> Call:
        """The call that the fragment belongs to, a new one if need be."""
        index = fragment.get("index")
        upstream_id = fragment.get("id") or ""
        known = self._known(index if isinstance(index, int) else None, str(upstream_id), name)
        return known or self._new(index if isinstance(index, int) else None, str(upstream_id))

    def _known(self, index: int | None, upstream_id: str, name: str) -> Call | None:
        if index is not None:
            call = self._by_index.get(index)
            return call if call and not _is_another(call, upstream_id, name) else None
        if upstream_id:
            return self._by_id.get(upstream_id)
        last = self.calls[-1] if self.calls else None
        return last if last and not (name and last.name) else None

    def _new(self, index: int | None, upstream_id: str) -> Call:
        position = len(self.calls)
        call = Call(position, upstream_id or f"call_{position}")
        self.calls.append(call)
        self._by_id[call.upstream_id] = call
        if index is not None:
            self._by_index[index] = call
        return call


def _is_another(call: Call, upstream_id: str, name: str) -> bool:
    """Whether a fragment on the index of `call` begins another call. Some upstreams repeat id and name throughout."""
    if upstream_id:
        return bool(call.upstream_id) and upstream_id != call.upstream_id and not _may_be_named_late(call)
    return bool(name) and bool(call.name) and (name != call.name or call.is_complete)


def _may_be_named_late(call: Call) -> bool:
    """A call that was opened by arguments alone takes the id that comes after."""
    return not call.name
