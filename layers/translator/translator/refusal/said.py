"""The types of a refusal that was read: what was understood, and the correction that answers it."""

import re
from collections.abc import Callable
from typing import NamedTuple

from translator.learned_traits import LearnedTrait, TraitValue
from translator.traits import Traits


class Said(NamedTuple):
    """The words that were understood, within all that was said, and what was thought of the model."""

    match: re.Match[str]
    traits: Traits

    @property
    def words(self) -> str:
        """All that was said."""
        return self.match.string


Answer = Callable[[Said], LearnedTrait | None]
"""The correction; None where the words are about something else after all."""


def always(name: str, value: TraitValue) -> Answer:
    """The same correction whatever else was said."""
    trait = LearnedTrait(name, value)
    return lambda _said: trait
