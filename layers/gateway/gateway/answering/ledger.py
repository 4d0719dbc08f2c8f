"""The seam for money: reserve before the upstream call, settle after it, whatever happens in between.

Budgets are not enforced yet; the calls stand where they will be.
"""

from dataclasses import dataclass
from typing import Protocol, SupportsInt

from translator.anthropic.events import Usage

from gateway.access.key_records import KeyRecord
from gateway.routing.resolve import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The most that a call can cost, in tokens."""

    input_tokens: SupportsInt
    max_tokens: int


class Reservation(Protocol):
    """What has been set aside for one attempt."""

    async def settle(self, usage: Usage | None) -> None:
        """Book what was used; None gives everything back, since the upstream did nothing."""


class Ledger(Protocol):
    """Keeps the budgets of keys."""

    async def reserve(self, key: KeyRecord, candidate: Candidate, estimate: Estimate) -> Reservation:
        """Set the estimate aside. Raises `billing_error` where the key's budget does not hold it."""


class _Unlimited:
    async def settle(self, usage: Usage | None) -> None:
        """Nothing was set aside."""


class UnlimitedLedger:
    """The ledger of keys without budgets."""

    async def reserve(self, key: KeyRecord, candidate: Candidate, estimate: Estimate) -> Reservation:  # noqa: ARG002
        """Set nothing aside."""
        return _Unlimited()
