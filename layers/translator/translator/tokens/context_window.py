"""Finds how much of a context window an answer may take beside the prompt."""

from dataclasses import replace
from typing import Protocol, SupportsInt

from translator.traits import Traits

LEAST_ANSWER = 4_096
"""Tokens. No estimate lowers a limit further: ours is rather too high, and the upstream knows what is really left."""


class PromptTokens(SupportsInt, Protocol):
    """The tokens of a prompt. They are counted when `int()` asks for them."""

    @property
    def guessed_most(self) -> int:
        """A number that the tokens are unlikely to exceed, without counting."""


def is_roomy(traits: Traits, max_tokens: int, prompt: PromptTokens) -> bool:
    """Tell whether the answer probably fits into the window beside the prompt, without counting."""
    return traits.context_window is None or prompt.guessed_most + _asked(traits, max_tokens) <= traits.context_window


def fit_into_window(traits: Traits, max_tokens: int, prompt: PromptTokens) -> Traits:
    """Return the traits with the answer limited to the room in the window; the same object where it fits.

    Where there is probably room, nothing is counted: a count would delay the call, and an upstream that gets too much
    says so (`refusal/overflow.py`).
    """
    if traits.context_window is None or is_roomy(traits, max_tokens, prompt):
        return traits
    room = max(LEAST_ANSWER, traits.context_window - int(prompt))
    return traits if _asked(traits, max_tokens) <= room else replace(traits, max_output_tokens=room)


def _asked(traits: Traits, max_tokens: int) -> int:
    """Return the tokens that the answer may have, as far as the model is known."""
    return max_tokens if traits.max_output_tokens is None else min(max_tokens, traits.max_output_tokens)
