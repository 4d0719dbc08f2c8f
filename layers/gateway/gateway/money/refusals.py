"""The errors for a budget that does not hold an answer, and for one that cannot be read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from translator.anthropic.errors import ApiError, Fault

from gateway.access.limits import WindowName
from gateway.money.amounts import dollars

_WINDOWS: Final[Mapping[WindowName, str]] = {"day": "budget of the day", "month": "budget of the month",
                                             "total": "budget"}  # fmt: skip
_HOLDERS: Final = {"key": "of this key", "owner": "of this key's owner", "pool": "that this key shares"}
_PERIODS: Final[Mapping[WindowName, str]] = {"day": "daily", "month": "monthly"}
TOO_MANY_REQUESTS: Final = 429
UNIFIED: Final = "anthropic-ratelimit-unified-"


class OverBudgetError(ApiError):
    """A budget that does not hold an answer. Claude Code shows the message as it is, and says when the limit resets."""

    def __init__(self, message: str, *, window: WindowName, reset: int | None, seconds: int | None) -> None:
        super().__init__("billing_error", message, retry=False, retry_after=seconds)
        self._window = window
        self._reset = reset

    @property
    def status(self) -> int:
        """As Anthropic's own gateway answers: of a 402 Claude Code shows nothing but the number."""
        return TOO_MANY_REQUESTS

    def headers(self) -> dict[str, str]:
        """With those by which Claude Code knows a limit from an overload."""
        unified = {
            "status": "rejected",
            "overage-utilization": "1",
            "overage-surpassed-threshold": "1",
            "overage-disabled-reason": "org_spend_cap_reached",
        }
        if self._reset is not None:
            unified |= {"reset": str(self._reset), "overage-reset": str(self._reset),
                        "overage-period": _PERIODS[self._window]}  # fmt: skip
        return {**super().headers(), **{UNIFIED + name: value for name, value in unified.items()}}


class UnreadableBudgetError(ApiError):
    """The store does not answer: a budget that cannot be checked lets nobody through."""

    def __init__(self) -> None:
        super().__init__(
            "api_error", "the budget of this key cannot be checked just now", fault=Fault.GATEWAY, retry=True
        )

    def headers(self) -> dict[str, str]:
        """With the one by which Claude Code knows it."""
        return {**super().headers(), UNIFIED + "overage-disabled-reason": "fetch_error"}


def over_budget(
    scope: str, window: WindowName, limit: int, *, left: int, reset: int | None, now: float, zone_seconds: int = 0
) -> OverBudgetError:
    """The refusal by one window of a budget. An owner's or a pool's amounts are not told to everybody.

    The reset is told in the operator's zone, so far east of UTC.
    """
    holder = scope.partition("/")[0]
    amounts = f" of {dollars(limit)}" if holder == "key" else ""
    told = f"The {_WINDOWS[window]}{amounts} {_HOLDERS[holder]}"
    told += (
        " is used up"
        if left <= 0
        else f" has {dollars(left)} left, which does not hold this request"
        if holder == "key"
        else " does not hold this request any more"
    )
    ends = "" if reset is None else f" It resets at {_moment(reset, zone_seconds)}."
    message = f"{told}.{ends} Ask the operator of this gateway for more."
    return OverBudgetError(
        message, window=window, reset=reset, seconds=None if reset is None else max(1, int(reset - now))
    )


def unpriced(model: str) -> ApiError:
    """A model that nobody can say the price of, asked by a key with a budget."""
    provider, _, model_id = model[:200].partition("/")
    table = f'[providers.{provider}.models."{model_id}"]'
    return ApiError(
        "permission_error",
        f"model: {model[:200]} has no price, and this key has a budget. The operator can price it in edgeway.toml: "
        f"{table} prices = {{ input = 1.0, output = 2.0 }}, in dollars per million tokens",
        retry=False,
    )


def _moment(seconds: int, zone_seconds: int) -> str:
    zone = timezone(timedelta(seconds=zone_seconds)) if zone_seconds else UTC
    return datetime.fromtimestamp(seconds, zone).strftime("%Y-%m-%d %H:%M %Z")
