"""How many attempts may follow a failed one: a share of the requests, so that a storm does not multiply. Pure."""

from dataclasses import dataclass
from math import exp

SHARE = 0.1
"""Of the requests."""
A_SECOND = 0.1
"""For those who ask seldom."""
MOST = 10.0
"""That are saved up; where there is more to do, the share of the last minute's requests."""
MINUTE = 60.0
AT_FIRST = 5.0


@dataclass(slots=True)
class RetryBudget:
    """Of one environment."""

    left: float = AT_FIRST
    at: float = 0.0
    requests: float = 0.0
    """Of about the last minute."""

    def request(self, now: float) -> None:
        """One has come."""
        passed = max(0.0, now - self.at) if self.at else 0.0
        self.requests = self.requests * exp(-passed / MINUTE) + 1
        self.left = min(max(MOST, SHARE * self.requests), self.left + SHARE + A_SECOND * passed)
        self.at = now

    def take(self) -> bool:
        """Whether another attempt may follow; then it is spent."""
        if self.left < 1:
            return False
        self.left -= 1
        return True
