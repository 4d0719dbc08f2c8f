"""How many attempts may follow a failed one: a share of the requests, so that a storm does not multiply. Pure."""

from dataclasses import dataclass

SHARE = 0.1
"""Of the requests."""
A_SECOND = 0.1
"""For those who ask seldom."""
MOST = 10.0
AT_FIRST = 5.0


@dataclass(slots=True)
class RetryBudget:
    """Of one environment."""

    left: float = AT_FIRST
    at: float = 0.0

    def request(self, now: float) -> None:
        """One has come."""
        earned = SHARE + A_SECOND * (max(0.0, now - self.at) if self.at else 0.0)
        self.left = min(MOST, self.left + earned)
        self.at = now

    def take(self) -> bool:
        """Whether another attempt may follow; then it is spent."""
        if self.left < 1:
            return False
        self.left -= 1
        return True
