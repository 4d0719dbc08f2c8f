"""Waits until API Gateway lets a new key in: it learns of one some seconds after it was made, sometimes a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

UNKNOWN: Final = 403
"""What API Gateway answers as long as it does not know a key, or the key's place in a plan."""
LIMIT: Final = 90.0
PAUSE: Final = 2.0
"""Seconds between two requests: each starts a function."""
IN_A_ROW: Final = 2
"""The hosts of API Gateway learn of a key one after the other; one answer is not yet all of them."""


@dataclass(frozen=True, slots=True)
class Admittance:
    """Whether the key is let in, and after how many seconds that was known."""

    is_known: bool
    seconds: float


def wait_until_known(
    ask: Callable[[], int],
    *,
    clock: Callable[[], float],
    pause: Callable[[float], None],
    told: Callable[[], None] = lambda: None,
    limit: float = LIMIT,
) -> Admittance:
    """Ask with the key until API Gateway knows it, or until `limit` seconds have passed. `ask` returns a status.

    `told` is called once, before the first pause for a key that is still refused.
    """
    began = clock()
    known = 0
    has_told = False
    while True:
        known = 0 if ask() == UNKNOWN else known + 1
        is_sure = known == IN_A_ROW or (known and not has_told)  # one that was never refused is no new one
        if is_sure or clock() - began + PAUSE > limit:
            return Admittance(bool(known), clock() - began)
        if not known and not has_told:
            has_told = True
            told()
        pause(PAUSE)
