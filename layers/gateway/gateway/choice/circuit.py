"""The breaker of one place (a provider, a model there, or a key for it), over outcomes of attempts. Pure.

Closed, everything goes there. Open, others are asked first, until the time that the upstream has named or a pause that
grows. Half-open, one attempt probes it: an answer closes the circuit, a failure opens it for longer.
"""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from gateway.web.outcomes import Outcome

State = Literal["closed", "open", "half_open"]

HALF_LIFE = 60.0
"""Seconds after which an outcome counts half."""
LEAST_ERRORS = 2.5
"""Fewer, decayed, prove nothing: three within half a minute open it, where there are no more answers than that."""
IN_A_ROW = 3
"""Failures without an answer between them open it, however many answers there were before."""
SEVERAL = "*"
"""Stands for more than one caller's key."""
MOST_BY_ONE_KEY = 3
"""Failures in a row that one caller's key may report: its own requests may be what an upstream fails at."""
LONGEST_RETRY_AFTER = 900.0
"""Seconds. An upstream that names a later time is asked again then."""
PROBE_SECONDS = 30.0
"""After which a probe that has come to nothing is no longer waited for."""


class Pause(NamedTuple):
    """How long a circuit stays open, in seconds: at first, and at the most."""

    first: float
    longest: float


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure at a place."""

    reason: Outcome
    pause: Pause
    at_once: bool
    """Whether one such failure opens the circuit."""
    key_id: str
    """The id of the caller's key."""
    retry_after: float | None = None
    """The seconds that the upstream names, if it does."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """A value: each change makes another. Times are seconds since the epoch."""

    errors: float = 0.0
    answers: float = 0.0
    """Counts of answers and failures. Both decay with time, up to `at`."""
    at: float = 0.0
    open_until: float = 0.0
    """The end of the open state; 0: the circuit is closed."""
    pause: float = 0.0
    """How long the circuit was opened for, in seconds."""
    reason: Outcome = "answered"
    """The outcome that has opened the circuit."""
    probed_until: float = 0.0
    teller: str = ""
    """The caller's key that reported the last failures, and how many it reported in a row."""
    told: int = 0
    in_a_row: int = 0
    """The number of failures in a row, over all keys, and the keys that met them."""
    failed_for: str = ""
    answered_for: str = ""
    """The key whose request was answered last."""
    has_broken_off: bool = False
    """Whether the last failure broke off a begun answer. Then only a whole answer ends the row of failures."""

    def state(self, now: float) -> State:
        """Return whether the place may be asked."""
        if not self.open_until:
            return "closed"
        return "open" if now < max(self.open_until, self.probed_until) else "half_open"

    def probed(self, now: float) -> "Circuit":
        """Return the circuit with a probe under way. Until the probe ends, no other request becomes one."""
        return replace(self, probed_until=now + PROBE_SECONDS)

    def released(self) -> "Circuit":
        """Return the circuit without a probe: the last one has ended, and said nothing about the place."""
        return replace(self, probed_until=0.0)

    def answered(self, now: float, key_id: str = "") -> "Circuit":
        """Return the circuit after an answer has begun: it is closed."""
        was_open = bool(self.open_until)
        decay = 0.0 if was_open else self._decay(now)
        return Circuit(
            errors=self.errors * decay,
            answers=self.answers * decay + 1,
            at=now,
            pause=self.pause if self.has_broken_off or not was_open else 0.0,
            in_a_row=self.in_a_row if self.has_broken_off else 0,
            failed_for=self.failed_for,
            answered_for=key_id if was_open else self._also(self.answered_for, key_id, now),
            has_broken_off=self.has_broken_off,
        )

    def ended_whole(self) -> "Circuit":
        """Return the circuit after a whole answer."""
        return replace(self, in_a_row=0, has_broken_off=False, pause=0.0 if not self.open_until else self.pause)

    def failed(self, failure: Failure, now: float) -> "Circuit":
        """Return the circuit after a failure."""
        if now < self.open_until:
            return self._kept_open(failure, now)
        if self.open_until:
            return _opened(self, failure, min(self.pause * 2, failure.pause.longest), now)
        again = failure.key_id == self.teller and now - self.at < HALF_LIFE
        told = self.told + 1 if again else 1
        if told > MOST_BY_ONE_KEY:
            return self
        decay = self._decay(now)
        has_broken_off = failure.reason == "broke_off"
        errors, answers = self.errors * decay + 1, max(0.0, self.answers * decay - has_broken_off)
        failing = replace(
            self,
            errors=errors,
            answers=answers,
            at=now,
            teller=failure.key_id,
            told=told,
            in_a_row=1 if self._is_stale(now) else self.in_a_row + 1,
            failed_for=self._also(self.failed_for if self.in_a_row else "", failure.key_id, now),
            has_broken_off=has_broken_off,
        )
        if failure.at_once or failing.is_dead or (errors >= LEAST_ERRORS and errors >= answers):
            pause = self.pause * 2 if has_broken_off and self.pause else failure.pause.first
            return _opened(failing, failure, min(pause, failure.pause.longest), now)
        return failing

    @property
    def is_dead(self) -> bool:
        """Tell whether enough failures stand in a row: of several keys, or of the only key in use."""
        is_shared = self.failed_for == SEVERAL or self.answered_for in ("", self.failed_for)
        return self.in_a_row >= IN_A_ROW and is_shared

    def _kept_open(self, failure: Failure, now: float) -> "Circuit":
        """Return the open circuit after a further failure: it was asked because no other candidate was left."""
        if failure.retry_after is None:
            return self
        return replace(self, open_until=max(self.open_until, now + min(failure.retry_after, LONGEST_RETRY_AFTER)))

    def _also(self, keys: str, key_id: str, now: float) -> str:
        """Return whose failures these are, with this one: the one key, or `SEVERAL`."""
        return key_id if keys in ("", key_id) or self._is_stale(now) else SEVERAL

    def _is_stale(self, now: float) -> bool:
        return now - self.at >= HALF_LIFE

    def _decay(self, now: float) -> float:
        return float(0.5 ** (max(0.0, now - self.at) / HALF_LIFE))


def _opened(circuit: Circuit, failure: Failure, pause: float, now: float) -> Circuit:
    seconds = pause if failure.retry_after is None else min(max(failure.retry_after, 1.0), LONGEST_RETRY_AFTER)
    return replace(circuit, at=now, open_until=now + seconds, pause=pause, reason=failure.reason, probed_until=0.0)
