"""Gives tool calls back to an upstream under the ids that it knows."""

from hashlib import sha256
from re import Pattern
from re import compile as compile_pattern

from translator.tool_ids import ToolCallId
from translator.traits import Traits

_MAX_LENGTH = 40
_LEGAL = compile_pattern(rf"[A-Za-z0-9_:.-]{{1,{_MAX_LENGTH}}}")
_ALPHANUMERIC_9 = compile_pattern(r"[A-Za-z0-9]{9}")


class UpstreamIds:
    """Names the calls of one conversation, in order: by the upstream's own id where it is legal and not used yet.

    The same conversation gets the same names in every request, so that the upstream's prompt cache survives.
    """

    def __init__(self, traits: Traits, legal: Pattern[str] = _LEGAL) -> None:
        self._wants_9 = traits.tool_call_id == "alphanumeric_9"
        self._legal = _ALPHANUMERIC_9 if self._wants_9 else legal
        self._taken: set[str] = set()

    def name(self, tool_use_id: str, own: ToolCallId | None) -> str:
        """The name of the next call; `own` is what we have packed into its id, None where the id is somebody else's."""
        name = own.upstream_id if own else tool_use_id
        repetition = 0
        while name in self._taken or not self._legal.fullmatch(name):
            digest = sha256(f"{tool_use_id}/{repetition}".encode("utf-8", "surrogatepass")).hexdigest()
            name = digest[:9] if self._wants_9 else f"call_{digest[:24]}"
            repetition += 1
        self._taken.add(name)
        return name
