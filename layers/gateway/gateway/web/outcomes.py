"""The closed list of what an attempt can come to: for the log, headers, usage records and health."""

from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict

from translator.anthropic.errors import ApiError, ErrorType, Fault, UpstreamAccountError
from translator.learned_traits import CorrectableError

Outcome = Literal[
    "under_way",
    "answered",
    "broke_off",
    "correctable",
    "caller_error",
    "rate_limited",
    "overloaded",
    "timeout",
    "unreachable",
    "account_refused",
    "not_found",
    "upstream_error",
    "cancelled",
    "outrun",
    "gateway_error",
]
"""docs/routing.md says what each means and what follows from it."""

_BY_ERROR_TYPE: dict[ErrorType, Outcome] = {
    "rate_limit_error": "rate_limited",
    "overloaded_error": "overloaded",
    "timeout_error": "timeout",
    "not_found_error": "not_found",
}
"""Of faults of the upstream; every other is an `upstream_error`."""


class Tried(TypedDict):
    """One attempt as it is logged and recorded."""

    model: str
    """`provider/model`."""
    outcome: Outcome
    took_ms: int
    """Milliseconds to its first content, or to its failure."""


def outcome_of(error: BaseException) -> Outcome:
    """Return the outcome of an attempt that ended in this error before its first content."""
    match error:
        case CorrectableError():
            return "correctable"
        case UpstreamAccountError():
            return "account_refused"
        case ApiError(reason=None | "timeout", fault=Fault.UPSTREAM):
            return _BY_ERROR_TYPE.get(error.error_type, "upstream_error")
        case ApiError(fault=Fault.UPSTREAM):
            return "unreachable"
        case ApiError(fault=Fault.CALLER):
            return "caller_error"
        case Exception():
            return "gateway_error"
        case _:
            return "cancelled"


def worth_telling(failures: Sequence[ApiError]) -> ApiError:
    """Return the error to tell the caller where all have failed: one that a retry may mend, or the last."""
    passing = [error for error in failures if error.retry is not False and error.error_type != "not_found_error"]
    return (passing or failures)[-1]


def told(tried: Iterable[Tried]) -> list[str]:
    """Return the attempts for a header, as `provider/model=outcome`, in their order."""
    return [f"{each['model']}={each['outcome']}" for each in tried]
