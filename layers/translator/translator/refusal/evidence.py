"""Decides how far the corrections of a refusal may be believed (docs/decisions/0023)."""

import re
from typing import NamedTuple, SupportsInt

from translator.anthropic.errors import ApiError
from translator.caller_words import CallerWords, Heard
from translator.learned_traits import CorrectableError, LearnedTrait
from translator.refusal.about_responses import is_of_one_history
from translator.refusal.corrections import Refusal, find_traits, is_left_over, is_parameter
from translator.refusal.named_tools import NamedTools, find_named_tools, speaks_of_a_definition
from translator.refusal.overflow import Known
from translator.traits import Traits

PARAMETER_CODES = frozenset({"unsupported_parameter", "unknown_parameter"})
"""OpenAI's and Azure's codes that speak of a parameter whatever its value. `unsupported_value` and `invalid_value` do
not: the value may be this caller's alone."""

_ONE_SCHEMA = re.compile(
    r"invalid schema|invalid_json_schema|combined with tool|grammar constraints with tools"
    r"|(?:tool|function).{0,120}(?:mime|format|json|structured)|(?:mime|format|json|structured).{0,120}(?:tool|function)",
    re.IGNORECASE,
)
"""A refusal of this one, or of one beside tools: another will be taken. A name in it may be a property's."""
_LETTER = re.compile(r"[^\W\d_]")
_OF_ALL_SCHEMAS = ((), (LearnedTrait("schemas", "bare"),))
"""Corrections before which the tool that is named goes alone."""

_LOST_BY = {"max_output_tokens": "max_tokens", "reasoning_replay": "reasoning"}
"""What a caller loses by the correction of a trait that the encoder cannot know of."""


class Circumstances(NamedTuple):
    """The facts for reading an error: the caller's words, our token estimate, and the model's known traits."""

    caller_words: CallerWords
    input_tokens: SupportsInt
    traits: Traits
    asked: int | None = None
    """The number of tokens that the answer was allowed."""

    @property
    def known(self) -> Known:
        """Return our own knowledge about an overflow."""
        return Known(self.input_tokens, self.traits.context_window, self.asked)


def corrected(error: ApiError, refusal: Refusal, code: str, circumstances: Circumstances) -> ApiError:
    """Return the error with its corrections, where the upstream itself names them. `code` holds its code and type."""
    caller_words, input_tokens, traits, _ = circumstances
    found = find_traits(refusal, traits)
    tools = find_named_tools(refusal, caller_words.request, traits) if found in _OF_ALL_SCHEMAS else NamedTools()
    # The caller's words are looked for only where somebody's words say something.
    if not found and not tools.corrections:
        return error
    heard = caller_words.taken_out_of(f"{refusal.parameter}\n{refusal.message}")
    learned, is_beyond_doubt = _in_its_own_words(refusal, traits, heard)
    if tools.corrections and speaks_of_a_definition(_within(heard.without_echoes, refusal)):
        # One tool goes before all schemas are made plain.
        learned = (*(learned if tools.is_another else ()), *tools.corrections)
        is_beyond_doubt = speaks_of_a_definition(_within(heard.without_doubt, refusal))
    if not learned:
        return error
    touched = {trait.name for trait in learned}
    is_one_schema = _ONE_SCHEMA.search(f"{code} {refusal.message}") is not None
    is_left = any(
        is_left_over(trait, refusal.message, input_tokens=input_tokens, window=traits.context_window)
        for trait in learned
    )
    # What one caller has lost of its history, asked for in its schema, or left room for says nothing of the model.
    is_of_one_caller = (
        is_left
        or "thinking" in touched
        or ("reasoning_replay" in touched and is_of_one_history(refusal.message))
        or (is_one_schema and touched & {"structured_output", "refused_fields"})
    )
    return CorrectableError(
        error,
        learned,
        lasts=is_beyond_doubt and not is_of_one_caller,
        is_certain=_is_certain(learned, refusal, code, traits, caller_words),
        lost=tuple(name for trait, name in _LOST_BY.items() if trait in touched),
    )


def _in_its_own_words(refusal: Refusal, traits: Traits, heard: Heard) -> tuple[tuple[LearnedTrait, ...], bool]:
    """Return the corrections in the upstream's own words, and whether none of those words may be the caller's."""
    if not _LETTER.search(_within(heard.without_echoes, refusal).message):
        # Nobody repeats a text without a word about it: the caller has quoted this very refusal.
        return find_traits(refusal, traits), False
    learned = find_traits(_within(heard.without_echoes, refusal), traits)
    return learned, _but_search(learned) == _but_search(find_traits(_within(heard.without_doubt, refusal), traits))


def _but_search(learned: tuple[LearnedTrait, ...]) -> list[LearnedTrait]:
    """Those that callers' names make doubtful. `web_search` is what callers and upstreams call their tool alike."""
    return [trait for trait in learned if trait.name != "web_search"]


def _within(heard: str, refusal: Refusal) -> Refusal:
    """Return the same refusal with the caller's words blanked out. Every other character keeps its place."""
    beginning = len(refusal.parameter)
    return Refusal(heard[beginning + 1 :], heard[:beginning])


def _is_certain(
    learned: tuple[LearnedTrait, ...], refusal: Refusal, code: str, traits: Traits, caller_words: CallerWords
) -> bool:
    """Tell whether code and parameter alone prove it, and the caller has written neither."""
    codes = PARAMETER_CODES.intersection(code.split())
    if not codes or not is_parameter(refusal.parameter):
        return False
    if any(caller_words.include(word) for word in (*codes, refusal.parameter)):
        return False
    return learned == find_traits(Refusal("unsupported parameter", refusal.parameter), traits)
