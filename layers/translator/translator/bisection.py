"""Finds the one thing that an upstream has refused without naming it, over the next requests of the same key.

Each request is asked with half of what is suspected left out, and half put back. An answer acquits what was put back; a
refusal acquits the rest, if the request is answered when all that is suspected is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from translator.learned_traits import LearnedTrait

Suspects = tuple[LearnedTrait, ...]


def suspects_of(corrections: Sequence[LearnedTrait]) -> Suspects:
    """Each correction by itself, the fields of a request one by one."""
    return tuple(part for correction in corrections for part in correction.parts.values())


@dataclass(frozen=True, slots=True)
class Trial:
    """One request of a bisection."""

    suspects: Suspects
    left_out: Suspects
    put_back: Suspects
    """Those that the request would have, and now has."""

    def answered(self) -> Suspects:
        """Who is still suspected when the request was answered at once."""
        return tuple(each for each in self.suspects if each not in self.put_back)

    def refused(self) -> Suspects:
        """Who is still suspected when it was answered only without all suspects."""
        return self.put_back


def trial_of(suspects: Suspects, matters: Callable[[LearnedTrait], bool]) -> Trial | None:
    """A trial with this request; None where it has nothing of what is suspected.

    `matters` tells whether a correction changes the request.
    """
    present = tuple(each for each in suspects if matters(each))
    if not present:
        return None
    half = len(present) // 2
    return Trial(suspects, present[:half], present[half:])
