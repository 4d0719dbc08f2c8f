"""The summary of a request for the log: numbers and names, never a prompt, a key or an answer."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Literal

from translator.anthropic.errors import ApiError, Fault
from translator.anthropic.events import Usage

from gateway.web.outcomes import Outcome, Tried

Log = Callable[[str, dict[str, object]], None]
"""Writes one structured line: a message and its fields."""


@dataclass(slots=True, kw_only=True)
class Summary:
    """One request, filled in as it goes. Times are milliseconds since it arrived."""

    request_id: str
    status: int = 200
    key_id: str | None = None
    owner: str = ""
    session: str = ""
    """Of a client's conversation; this and what follows are the caller's words, cut to what can be shown."""
    agent: str = ""
    parent_agent: str = ""
    client: str = ""
    """Its `user-agent`."""
    requested_model: str | None = None
    model: str | None = None
    """`provider/model` that answered, or was the last to be asked."""
    route: str | None = None
    """The operator's rule that it fell under."""
    left_cache: str | None = None
    """`provider/model=why`, where another answered than who holds the session's prompt cache."""
    cache: Literal["off", "hit", "miss"] = "off"
    """Whether the answer was kept from an equal request."""
    attempts: int = 0
    tried: list[Tried] = field(default_factory=list)
    """Each attempt: who was asked, and what it came to."""
    upstream_authentication_failures: int = 0
    """Attempts at which a provider refused the operator's own key or account."""
    stream: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    thinking_tokens: int | None = None
    """Part of the output tokens, where the upstream says so."""
    cost_micro_dollars: int | None = None
    """At the prices of this moment; None: the model has none, or nobody was asked."""
    cost_is_estimate: bool = False
    """Whether an upstream has not counted all that it may ask money for."""
    stop_reason: str | None = None
    dropped: tuple[str, ...] = ()
    error_type: str | None = None
    error_fault: str | None = None
    error_reason: str | None = None
    """Why a call failed below HTTP."""
    error_outer: str | None = None
    """What a gateway before the upstream says, where it has wrapped the upstream's error: no word of the caller's."""
    upstream_ms: float = 0.0
    """Spent waiting for the upstream before the first event."""
    first_event_ms: float | None = None
    total_ms: float | None = None

    @property
    def all_tokens(self) -> int:
        """Those that were read and those that were written."""
        cached = self.cache_read_input_tokens + self.cache_creation_input_tokens
        return self.input_tokens + cached + self.output_tokens

    def count(self, usage: Usage) -> None:
        """Take over what was used."""
        self.input_tokens = usage.input_tokens
        self.output_tokens = usage.output_tokens
        self.cache_read_input_tokens = usage.cache_read_input_tokens
        self.cache_creation_input_tokens = usage.cache_creation_input_tokens
        self.thinking_tokens = usage.thinking_tokens

    def fail(self, error: ApiError) -> None:
        """Take over what went wrong, and whose fault it was."""
        self.error_type = error.error_type
        self.error_fault = error.fault.value
        self.error_reason = error.reason
        self.error_outer = error.outer
        self._end_unfinished("broke_off")

    def abandon(self) -> None:
        """Note that the caller had gone before the end."""
        self.error_type = "cancelled"
        self.error_fault = Fault.CALLER.value
        self._end_unfinished("cancelled")

    def _end_unfinished(self, outcome: Outcome) -> None:
        """What the last attempt came to that had begun an answer."""
        if self.tried and self.tried[-1]["outcome"] == "answered":
            self.tried[-1]["outcome"] = outcome

    def fields(self) -> dict[str, object]:
        """All that is to be logged."""
        return dict(zip(_NAMES, _VALUES(self), strict=True))


_NAMES = tuple(each.name for each in fields(Summary))
_VALUES = attrgetter(*_NAMES)


Describe = Callable[[Summary], dict[str, object]]
"""What is logged of a request."""
