"""The types of a refusal that was read: what was understood, and the correction that answers it."""

import re
from collections.abc import Callable
from typing import NamedTuple

from translator.learned_traits import LearnedTrait, TraitValue
from translator.traits import Traits


class Said(NamedTuple):
    """The understood words, the whole text around them, and the model's known traits."""

    match: re.Match[str]
    traits: Traits

    @property
    def words(self) -> str:
        """The whole text."""
        return self.match.string


Answer = Callable[[Said], LearnedTrait | None]
"""The correction; None where the words are about something else after all."""


def always(name: str, value: TraitValue) -> Answer:
    """Return a function that always gives this correction."""
    trait = LearnedTrait(name, value)
    return lambda _said: trait
