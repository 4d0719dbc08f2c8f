"""Limits attempts after a failure to a share of the requests, so that a storm does not multiply. Pure."""

from dataclasses import dataclass, field
from math import exp

SHARE = 0.1
"""Of the requests."""
A_SECOND = 0.1
"""For those who ask seldom."""
MOST = 10.0
"""That are saved up; where there is more to do, the share of the last minute's requests."""
MINUTE = 60.0
AT_FIRST = 5.0
MOST_KEYS = 1024


@dataclass(slots=True)
class RetryBudget:
    """Of one key or of all, in one environment."""

    left: float = AT_FIRST
    at: float = 0.0
    most: float = MOST
    requests: float = 0.0
    """Of about the last minute."""

    def request(self, now: float) -> None:
        """One has come."""
        passed = max(0.0, now - self.at) if self.at else 0.0
        self.requests = self.requests * exp(-passed / MINUTE) + 1
        self.left = min(max(self.most, SHARE * self.requests), self.left + SHARE + A_SECOND * passed)
        self.at = now

    def take(self) -> bool:
        """Whether another attempt may follow; then it is spent."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(slots=True)
class RetryBudgets:
    """Of one environment: one for all requests, so that a storm of many keys does not multiply, and for each key one.

    What one key has failed at uses up at most its own, which is half of what all have at first.
    """

    of_all: RetryBudget = field(default_factory=lambda: RetryBudget(left=2 * AT_FIRST, most=2 * MOST))
    by_key: dict[str, RetryBudget] = field(default_factory=dict)

    def request(self, key_id: str, now: float) -> None:
        """One has come for this key."""
        self.of_all.request(now)
        self._of(key_id).request(now)

    def take(self, key_id: str) -> bool:
        """Whether another attempt may follow for this key; then it is spent."""
        return self.of_all.left >= 1 and self._of(key_id).take() and self.of_all.take()

    def _of(self, key_id: str) -> RetryBudget:
        """Its budget; a new one where the key was not seen for long."""
        budget = self.by_key.get(key_id)
        if budget is None:
            if len(self.by_key) >= MOST_KEYS:
                del self.by_key[next(iter(self.by_key))]
            budget = self.by_key[key_id] = RetryBudget()
        return budget
