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
    """The summary of one request, filled in as it goes. Times are milliseconds since it arrived."""

    request_id: str
    status: int = 200
    key_id: str | None = None
    owner: str = ""
    session: str = ""
    """The client's conversation. This and the next fields are the caller's words, cut to what can be shown."""
    agent: str = ""
    parent_agent: str = ""
    client: str = ""
    """The client's `user-agent`."""
    requested_model: str | None = None
    model: str | None = None
    """`provider/model` that answered, or that was asked last."""
    route: str | None = None
    """The operator's rule that the request fell under."""
    left_cache: str | None = None
    """`provider/model=reason`, where another candidate answered than the holder of the session's prompt cache."""
    cache: Literal["off", "hit", "miss"] = "off"
    """Whether the answer came from the cache of equal requests."""
    attempts: int = 0
    tried: list[Tried] = field(default_factory=list)
    """Each attempt: the candidate and the outcome."""
    upstream_authentication_failures: int = 0
    """The number of attempts at which a provider refused the operator's own key or account."""
    stream: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    thinking_tokens: int | None = None
    """The thinking tokens, a part of the output tokens, where the upstream counts them apart."""
    cost_micro_dollars: int | None = None
    """The cost at the prices of this moment. None: the model has no price, or no upstream was asked."""
    cost_is_estimate: bool = False
    """Whether the cost is an estimate, since an upstream has not counted everything that it may charge."""
    stop_reason: str | None = None
    dropped: tuple[str, ...] = ()
    error_type: str | None = None
    error_fault: str | None = None
    error_reason: str | None = None
    """Why a call failed below HTTP."""
    error_outer: str | None = None
    """The error of a gateway before the upstream, where it has wrapped the upstream's error.

    It holds no word of the caller.
    """
    upstream_ms: float = 0.0
    """Milliseconds that were spent waiting for the upstream before the first event."""
    first_event_ms: float | None = None
    total_ms: float | None = None

    @property
    def all_tokens(self) -> int:
        """All tokens: input, cache and output."""
        cached = self.cache_read_input_tokens + self.cache_creation_input_tokens
        return self.input_tokens + cached + self.output_tokens

    @property
    def is_hedged(self) -> bool:
        """Whether one was hung up on because another had content first."""
        return len(self.tried) > 1 and any(each["outcome"] == "outrun" for each in self.tried)

    def count(self, usage: Usage) -> None:
        """Add the usage of an answer."""
        self.input_tokens = usage.input_tokens
        self.output_tokens = usage.output_tokens
        self.cache_read_input_tokens = usage.cache_read_input_tokens
        self.cache_creation_input_tokens = usage.cache_creation_input_tokens
        self.thinking_tokens = usage.thinking_tokens

    def fail(self, error: ApiError) -> None:
        """Note an error, and whose fault it was."""
        self.error_type = error.error_type
        self.error_fault = error.fault.value
        self.error_reason = error.reason
        self.error_outer = error.outer
        self._end_unfinished("broke_off")

    def abandon(self) -> None:
        """Note that the caller was gone before the end."""
        self.error_type = "cancelled"
        self.error_fault = Fault.CALLER.value
        self._end_unfinished("cancelled")

    def _end_unfinished(self, outcome: Outcome) -> None:
        """Correct the outcome of the last attempt, whose answer had begun but has not ended well."""
        if self.tried and self.tried[-1]["outcome"] == "answered":
            self.tried[-1]["outcome"] = outcome

    def fields(self) -> dict[str, object]:
        """Return the fields to log."""
        return dict(zip(_NAMES, _VALUES(self), strict=True))


_NAMES = tuple(each.name for each in fields(Summary))
_VALUES = attrgetter(*_NAMES)


Describe = Callable[[Summary], dict[str, object]]
"""What is logged of a request."""
