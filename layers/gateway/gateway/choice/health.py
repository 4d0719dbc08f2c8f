"""Knows the health of all places from attempts here and from what other environments wrote. No IO."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.choice.circuit import Circuit, Failure, State
from gateway.choice.places import ALIVE, RULES, Place, places
from gateway.routing.resolve import Candidate
from gateway.web.outcomes import Outcome

MOST_PLACES = 1024
_WEIGHT = 0.2
"""Of the newest answer in a model's pace."""


class Standing(NamedTuple):
    """The state of a candidate."""

    state: State = "closed"
    until: float = 0.0
    """When the candidate may be asked again, in seconds since the epoch."""
    reason: Outcome = "answered"


@dataclass(frozen=True, slots=True)
class Pace:
    """The speed of a model at a provider, over its last answers."""

    first_event: float
    """Seconds to the first event."""
    tokens_a_second: float = 0.0
    """Output tokens per second; 0: not known yet."""


@dataclass(slots=True)
class Health:
    """The health of all places. Times are seconds since the epoch."""

    circuits: dict[Place, Circuit] = field(default_factory=dict)
    paces: dict[Place, Pace] = field(default_factory=dict)

    def standing(self, candidate: Candidate, now: float) -> Standing:
        """Return the worst state of the candidate's places."""
        worst = Standing()
        for circuit in self._opened(candidate).values():
            state = circuit.state(now)
            until = max(circuit.open_until, circuit.probed_until)
            if (state == "open", until) > (worst.state == "open", worst.until):
                worst = Standing(state, until, circuit.reason)
        return worst

    def probe(self, candidate: Candidate, now: float) -> bool:
        """Tell whether the candidate may be asked now.

        Where its circuit is half-open, this request becomes the only probe.
        """
        opened = self._opened(candidate)
        if any(circuit.state(now) == "open" for circuit in opened.values()):
            return False
        self.circuits.update({place: circuit.probed(now) for place, circuit in opened.items()})
        return True

    def ended(
        self, candidate: Candidate, outcome: Outcome, *, key_id: str, now: float, retry_after: int | None = None
    ) -> list[Place]:
        """Note the outcome of an attempt. Return the places whose circuit has opened or closed."""
        of_candidate = places(candidate)
        before = {place: self.circuits.get(place, _UNKNOWN) for place in of_candidate}
        after = {place: circuit.released() if circuit.open_until else circuit for place, circuit in before.items()}
        rule = RULES.get(outcome)
        if rule is not None:
            place = of_candidate[rule.depth]
            failure = Failure(outcome, rule.pause, rule.at_once, key_id, retry_after)
            after[place] = before[place].failed(failure, now)
        elif outcome in ALIVE:
            known = self.circuits if outcome != "answered" else before
            after = {
                each: before[each].answered(now, key_id)
                for each in before
                if each in known and _counts(each, before[each])
            }
        for place, circuit in after.items():
            if circuit is not before.get(place):
                self._keep(place, circuit)
        return [place for place, circuit in after.items() if circuit.open_until != before[place].open_until]

    def ended_whole(self, candidate: Candidate) -> None:
        """Note that an answer has come to its end."""
        place = places(candidate)[RULES["broke_off"].depth]
        circuit = self.circuits.get(place, _UNKNOWN)
        if circuit.in_a_row:
            self.circuits[place] = circuit.ended_whole()

    def hear(self, told: Mapping[Place, Circuit]) -> None:
        """Take over what other environments have written. The newest entry of a place counts."""
        for place, circuit in told.items():
            if circuit.at > self.circuits.get(place, _UNKNOWN).at:
                self._keep(place, circuit)

    def note_pace(self, candidate: Candidate, *, first_event: float, tokens_a_second: float) -> None:
        """Note the speed of an answer."""
        place = places(candidate)[1]
        before = self.paces.pop(place, None)
        if before is not None:
            first_event = _mixed(before.first_event, first_event)
            tokens_a_second = _mixed(before.tokens_a_second, tokens_a_second) if tokens_a_second else 0.0
            tokens_a_second = tokens_a_second or before.tokens_a_second
        elif len(self.paces) >= MOST_PLACES:
            del self.paces[next(iter(self.paces))]
        self.paces[place] = Pace(first_event, tokens_a_second)

    def pace(self, candidate: Candidate) -> Pace | None:
        """Return the candidate's speed, as far as it is known."""
        return self.paces.get(places(candidate)[1])

    def _opened(self, candidate: Candidate) -> Mapping[Place, Circuit]:
        """Return the candidate's circuits that are not closed."""
        found = {place: self.circuits.get(place, _UNKNOWN) for place in places(candidate)}
        return {place: circuit for place, circuit in found.items() if circuit.open_until}

    def _keep(self, place: Place, circuit: Circuit) -> None:
        self.circuits.pop(place, None)
        if len(self.circuits) >= MOST_PLACES:
            del self.circuits[next(iter(self.circuits))]
        self.circuits[place] = circuit


_UNKNOWN = Circuit()


def _counts(place: Place, circuit: Circuit) -> bool:
    """Tell whether an answer counts for a place.

    A key's circuit opens at once, so answers to the key are not counted.
    """
    return not place.key or bool(circuit.open_until)


def _mixed(before: float, now: float) -> float:
    return before + _WEIGHT * (now - before) if before else now
