"""Budgets for a day, a month and in all, and how a reservation changes what is stored. Pure.

One item holds all windows of one scope. Each `…_held` is what was spent and what is reserved, together, so that one
condition on it keeps a limit. A reservation is an attribute of the same item, with its deadline: where nobody settles
it in time, it has been counted already, and only its name is left to be removed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from gateway.access.limits import WINDOWS, Budget, Limits, WindowName
from gateway.storage.protocol import Change, ItemType

SORT_KEY = "WINDOWS"
_CALENDAR: tuple[Literal["day", "month"], ...] = ("day", "month")
_RESERVED = "r:"
"""What the attributes of reservations begin with."""
ESTIMATED = "estimated"
"""The attribute that counts what was booked as an estimate, of the total."""


def partition_of(scope: str) -> str:
    """The partition in which a scope's budget lies."""
    return ItemType.BUDGET.prefix + scope


class Period(NamedTuple):
    """The day and the month of a moment, as ISO dates; empty: there was none yet."""

    day: str = ""
    month: str = ""


NEVER = Period()


def period_at(now: float, *, zone_seconds: int = 0) -> Period:
    """The period of a moment, in seconds since the epoch. A zone is so far east of UTC."""
    day = datetime.fromtimestamp(now + zone_seconds, UTC).date().isoformat()
    return Period(day, day[:7])


def reset_of(window: WindowName, now: float, *, zone_seconds: int = 0) -> int | None:
    """When the window after this moment's begins, in seconds since the epoch; None: never."""
    if window == "total":
        return None
    today = datetime.fromtimestamp(now + zone_seconds, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = (
        today + timedelta(days=1) if window == "day" else (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    )
    return int(begins.timestamp()) - zone_seconds


class Reserved(NamedTuple):
    """What is set aside for one answer until it is settled."""

    deadline: int
    """Seconds since the epoch, after which it counts as spent."""
    micro_dollars: int
    day: str
    """In whose window it counts, and in this day's month."""

    def counts_in(self, period: Period, window: WindowName) -> bool:
        """Whether it counts in this window of the period."""
        return {"day": self.day == period.day, "month": self.day[:7] == period.month, "total": True}[window]


@dataclass(frozen=True, slots=True)
class Account:
    """What is stored of one budget."""

    period: Period = NEVER
    """Of the windows that are stored."""
    held: Mapping[WindowName, int] = field(default_factory=dict)
    reservations: Mapping[str, Reserved] = field(default_factory=dict)
    estimated: int = 0

    def current(self, period: Period) -> "Account":
        """The account in this period; a clock that is behind the one that has written last takes the other's word."""
        latest = Period(*map(max, self.period, period))
        held = {window: 0 if self._has_ended(window, latest) else self.held.get(window, 0) for window in WINDOWS}
        return Account(latest, held, self.reservations, self.estimated)

    def _has_ended(self, window: WindowName, latest: Period) -> bool:
        return window != "total" and getattr(latest, window) != getattr(self.period, window)

    def left(self, limits: Limits) -> tuple[WindowName, int] | None:
        """The window of which the least is left, and how much, both of the current account; None: no limit."""
        left = [(limit - self.held.get(window, 0), window) for window, limit in limits.named()]
        least = min(left, default=None, key=lambda each: each[0])
        return least and (least[1], least[0])

    def reserved(self, now: float, window: WindowName = "total") -> int:
        """What is set aside, and may still be given back."""
        return sum(
            each.micro_dollars
            for each in self.reservations.values()
            if each.deadline > now and each.counts_in(self.period, window)
        )

    def spent(self, now: float, window: WindowName = "total") -> int:
        """What is booked, what nobody has settled in time included."""
        return self.held.get(window, 0) - self.reserved(now, window)

    def expired(self, now: float) -> Mapping[str, Reserved]:
        """The reservations that nobody has settled in time."""
        return {name: each for name, each in self.reservations.items() if each.deadline <= now}


def read_account(attributes: Mapping[str, Any]) -> Account:
    """The account in an item. What is no number counts as 0, and what is no reservation as none."""
    held: dict[WindowName, int] = {window: _number(attributes.get(f"{window}_held")) for window in WINDOWS}
    reservations = {
        name.removeprefix(_RESERVED): found
        for name, written in attributes.items()
        if name.startswith(_RESERVED) and (found := _read_reserved(written))
    }
    period = Period(*(str(attributes.get(name) or "") for name in _CALENDAR))
    return Account(period, held, reservations, _number(attributes.get(ESTIMATED)))


def reserving(budget: Budget, account: Account, period: Period, name: str, reserved: Reserved, now: float) -> Change:
    """The change that sets the amount aside where every limit holds it, if the account is as it is thought to be."""
    amount = reserved.micro_dollars
    current = account.current(period)
    counted = reserved._replace(day=current.period.day)
    expired = account.expired(now)
    put: dict[str, Any] = {_RESERVED + name: _written(counted)}
    add = {"total_held": amount, **_booked(expired)}
    for window in _CALENDAR:
        if getattr(account.period, window) == getattr(current.period, window):
            add[f"{window}_held"] = amount
        else:
            put |= {window: getattr(current.period, window), f"{window}_held": amount}
    return Change(
        pk=partition_of(budget.scope),
        sk=SORT_KEY,
        type=ItemType.BUDGET,
        put=put,
        add=add,
        remove=[_RESERVED + each for each in expired],
        equal={**_as_thought(account), _RESERVED + name: None},
        at_most={
            f"{window}_held": limit - amount for window, limit in budget.limits.named() if f"{window}_held" in add
        },
        present=[_RESERVED + each for each in expired],
    )


def settling(
    budget: Budget, account: Account, name: str, micro_dollars: int, now: float, *, is_estimate: bool
) -> Change:
    """The change that books what was spent in the place of a reservation of the account's."""
    reserved = account.reservations[name]
    expired = {each: of for each, of in account.expired(now).items() if each != name}
    difference = micro_dollars - reserved.micro_dollars
    add = {f"{window}_held": difference for window in WINDOWS if reserved.counts_in(account.period, window)}
    booked = _booked(expired)
    if is_estimate:
        booked[ESTIMATED] = booked.get(ESTIMATED, 0) + micro_dollars
    names = [_RESERVED + each for each in (name, *expired)]
    return Change(
        pk=partition_of(budget.scope),
        sk=SORT_KEY,
        type=ItemType.BUDGET,
        add={**add, **booked},
        remove=names,
        equal=_as_thought(account),
        present=names,
    )


def _as_thought(account: Account) -> dict[str, Any]:
    """The condition that the stored windows are those of the account."""
    return {window: getattr(account.period, window) or None for window in _CALENDAR}


def _booked(expired: Mapping[str, Reserved]) -> dict[str, int]:
    """What nobody has settled is spent, by estimate."""
    return {ESTIMATED: sum(each.micro_dollars for each in expired.values())} if expired else {}


def _written(reserved: Reserved) -> str:
    return f"{reserved.deadline}:{reserved.micro_dollars}:{reserved.day}"


def _read_reserved(written: object) -> Reserved | None:
    deadline, _, rest = str(written).partition(":")
    amount, _, day = rest.partition(":")
    return Reserved(int(deadline), int(amount), day) if deadline.isdecimal() and amount.isdecimal() else None


def _number(value: object) -> int:
    return value if type(value) is int else 0
