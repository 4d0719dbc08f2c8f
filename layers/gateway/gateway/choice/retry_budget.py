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
    """The retry budget of one key or of all keys, in one environment."""

    left: float = AT_FIRST
    at: float = 0.0
    most: float = MOST
    requests: float = 0.0
    """Requests of about the last minute."""

    def request(self, now: float) -> None:
        """Count a request."""
        passed = max(0.0, now - self.at) if self.at else 0.0
        self.requests = self.requests * exp(-passed / MINUTE) + 1
        self.left = min(max(self.most, SHARE * self.requests), self.left + SHARE + A_SECOND * passed)
        self.at = now

    def take(self) -> bool:
        """Take one retry, if the budget holds one; tell whether it did."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(slots=True)
class RetryBudgets:
    """The retry budgets of one environment: one for each key, and one for all requests.

    The common one stops a storm of many keys. A key's failures use up its own budget only, which at the start is half
    of the common one.
    """

    of_all: RetryBudget = field(default_factory=lambda: RetryBudget(left=2 * AT_FIRST, most=2 * MOST))
    by_key: dict[str, RetryBudget] = field(default_factory=dict)

    def request(self, key_id: str, now: float) -> None:
        """Count a request of this key."""
        self.of_all.request(now)
        self._of(key_id).request(now)

    def take(self, key_id: str) -> bool:
        """Take one retry for this key, if both budgets hold one; tell whether they did."""
        return self.of_all.left >= 1 and self._of(key_id).take() and self.of_all.take()

    def _of(self, key_id: str) -> RetryBudget:
        """Return the budget of a key; a new one where the key has none."""
        budget = self.by_key.get(key_id)
        if budget is None:
            if len(self.by_key) >= MOST_KEYS:
                del self.by_key[next(iter(self.by_key))]
            budget = self.by_key[key_id] = RetryBudget()
        return budget
