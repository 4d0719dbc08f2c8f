"""Tells how near a key is to its limits, in the headers that Claude Code warns by. Pure.

Source: what Anthropic's own gateway sends to a person with a cap, as the client of August 2026 reads it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.access.limits import Budget
from gateway.money.budgets import Account, reset_of
from gateway.money.refusals import UNIFIED

_THRESHOLDS: Final = (95, 75)
"""Percent at which the client shows a notice, the highest first."""


def warning_headers(
    accounts: Iterable[tuple[Budget, Account]], now: float, *, zone_seconds: int = 0
) -> Mapping[str, str]:
    """Of the window of which the most is used; one at least is limited."""
    used = [
        (min(99, 100 * account.held.get(window, 0) // limit) if limit else 99, window)
        for budget, account in accounts
        for window, limit in budget.limits.named()
    ]
    percent, window = max(used, key=lambda each: each[0])
    reset = reset_of(window, now, zone_seconds=zone_seconds)
    surpassed = next((threshold for threshold in _THRESHOLDS if percent >= threshold), None)
    status = "allowed" if surpassed is None else "allowed_warning"
    headers = {
        "status": status,
        "overage-status": status,
        "representative-claim": "overage",
        "overage-utilization": f"0.{percent:02}",
        **({} if surpassed is None else {"overage-surpassed-threshold": f"0.{surpassed}"}),
        **({} if reset is None else {"reset": str(reset), "overage-reset": str(reset)}),
    }
    return {UNIFIED + name: value for name, value in headers.items()}
