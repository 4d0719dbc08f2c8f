"""Finds what an upstream has refused without naming it, over the next requests of the same key.

All that is unknown is left out of each request but for a half, which is put back. An answer acquits that half; a
refusal that ends when the half is left out again accuses it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from translator.learned_traits import LearnedTrait

Traits = tuple[LearnedTrait, ...]


@dataclass(frozen=True, slots=True)
class Bisection:
    """What is known so far."""

    unknown: Traits
    """What is neither acquitted nor found guilty."""
    focus: Traits
    """Where it is looked at now."""
    is_certain: bool
    """Whether the focus holds something that was refused."""


class Verdict(NamedTuple):
    """What a trial has shown."""

    rest: Bisection | None
    """What is left to find out."""
    found: LearnedTrait | None = None
    """What was refused."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One request of a bisection."""

    bisection: Bisection
    put_back: Traits
    left_out: Traits

    def answered(self) -> Verdict:
        """The request was answered."""
        unknown, focus = (_without(each, self.put_back) for each in (self.bisection.unknown, self.bisection.focus))
        if self.bisection.is_certain:
            return _verdict(unknown, focus)
        return Verdict(_unsure(unknown) if not focus else Bisection(unknown, focus, is_certain=False))

    def refused(self) -> Verdict:
        """It was answered only without what was put back."""
        return _verdict(self.bisection.unknown, self.put_back)


def bisect(corrections: Sequence[LearnedTrait], matters: Callable[[LearnedTrait], bool]) -> Bisection | None:
    """Begin, when these corrections together have helped: each by itself, the fields of a request one by one.

    `matters` tells whether a correction changes the request.
    """
    parts = [part for correction in corrections for part in correction.parts.values()]
    unknown = tuple(filter(matters, parts))
    return Bisection(unknown, unknown, is_certain=True) if unknown else None


def trial_of(bisection: Bisection, matters: Callable[[LearnedTrait], bool]) -> Trial:
    """A trial with this request: only what changes it can be put back."""
    present = tuple(each for each in bisection.focus if matters(each))
    put_back = present[len(present) // 2 :] if bisection.is_certain else present
    return Trial(bisection, put_back, _without(bisection.unknown, put_back))


def _verdict(unknown: Traits, focus: Traits) -> Verdict:
    """One that is accused alone is found; the others may be innocent."""
    if len(focus) > 1:
        return Verdict(Bisection(unknown, focus, is_certain=True))
    return Verdict(_unsure(_without(unknown, focus)), focus[0])


def _unsure(unknown: Traits) -> Bisection | None:
    return Bisection(unknown, unknown, is_certain=False) if unknown else None


def _without(traits: Traits, others: Traits) -> Traits:
    return tuple(each for each in traits if each not in others)
