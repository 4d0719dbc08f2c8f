"""Counts a text's tokens for a model, from its count in one of the bundled vocabularies.

Six families are counted with their own. Two whose vocabulary may not be passed on, and the models of which nothing is
known, are counted with another's and weights, which were fitted so that no document of a corpus comes out too low;
docs/tokens.md has the errors and the command that measures them.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from translator.tokens.families import FAMILIES, Basis, Family, Script, Vocabulary, Weights

CountText = Callable[[str], float]
"""Tokens of one text for some model; parts of a token count."""
CountIn = Callable[[Vocabulary, str], int]
"""Tokens of one text in a vocabulary."""

LEAST = 0.3
"""Of the vocabulary's tokens: none does better than three digits at once, and weights below 0 must not count a strange
text for nothing."""

_NAMES: tuple[tuple[str, Family], ...] = (
    (r"claude", "claude"),
    (r"gemini|gemma|palm", "google"),
    (r"llama", "llama"),
    (r"qwen|qwq|qvq", "qwen"),
    (r"deepseek", "deepseek"),
    (r"mistral|ministral|mixtral|codestral|devstral|magistral|pixtral|voxtral", "mistral"),
    (r"command|c4ai|aya|north-", "cohere"),
    (r"gpt|chatgpt|codex|\bo\d", "openai"),
)
"""By what stands in a model's id, the first that fits: `deepseek-r1-distill-llama` was made from a Llama."""

_DIGITS = re.compile(r"[0-9]{2,}")
_JOINED = re.compile(r"[!-/:-@\[-`{-~][A-Za-z]")
_INDENT = re.compile(r"^  +", re.MULTILINE)
_GAP = re.compile(r"(?<=\S)  +")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
LETTERS_BY_LANGUAGE: dict[Script, str] = {
    "german": "äöüÄÖÜß",
    "polish": "ąćęłńśźżĄĆĘŁŃŚŹŻ",
    "turkish": "ğışĞİŞ",
    "portuguese": "ãõÃÕ",
    "ukrainian": "іїєґІЇЄҐ",
    "czech": "ěščřžýůťďňĚŠČŘŽÝŮŤĎŇ",
    "persian": "پچژگیک",
    "spanish": "ñ¿¡Ñ",
    "hungarian": "őűŐŰ",
}
"""Letters that tell a language whose words a family may know better or less well than its script."""
_LETTERS: dict[str, Script] = {letter: script for script, letters in LETTERS_BY_LANGUAGE.items() for letter in letters}
_RANGES: tuple[tuple[int, int, Script], ...] = (
    (0x00A1, 0x00FF, "latin"),
    (0x0100, 0x024F, "latin_extended"),
    (0x0300, 0x036F, "mark"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0530, 0x058F, "armenian"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x08FF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bengali"),
    (0x0A00, 0x0A7F, "gurmukhi"),
    (0x0A80, 0x0AFF, "gujarati"),
    (0x0B00, 0x0B7F, "oriya"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x0C00, 0x0C7F, "telugu"),
    (0x0C80, 0x0CFF, "kannada"),
    (0x0D00, 0x0D7F, "malayalam"),
    (0x0D80, 0x0DFF, "sinhala"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x0F00, 0x0FFF, "tibetan"),
    (0x1000, 0x109F, "myanmar"),
    (0x10A0, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "hangul"),
    (0x1200, 0x139F, "ethiopic"),
    (0x13A0, 0x13FF, "cherokee"),
    (0x1780, 0x17FF, "khmer"),
    (0x1800, 0x18AF, "mongolian"),
    (0x1E00, 0x1EFF, "vietnamese"),
    (0x2000, 0x24FF, "symbol"),
    (0x2500, 0x259F, "box"),
    (0x25A0, 0x2BFF, "symbol"),
    (0x3000, 0x303F, "symbol"),
    (0x3040, 0x30FF, "kana"),
    (0x3400, 0x9FFF, "han"),
    (0xAC00, 0xD7AF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFE00, 0xFFEF, "symbol"),
    (0x1_F000, 0x1_FAFF, "astral"),
)


class Features(NamedTuple):
    """The features of a text that `Weights` weighs."""

    tokens: int
    digits: int
    joined: int
    lines: int
    indents: int
    gaps: int
    scripts: Counter[Script]


@lru_cache(maxsize=256)
def family_of(model: str) -> Family:
    """Return the family of a model, by its id."""
    return next((family for name, family in _NAMES if re.search(name, model, re.IGNORECASE)), "unknown")


def vocabulary_of(model: str) -> Vocabulary:
    """Return the vocabulary of a model."""
    return FAMILIES[family_of(model)].vocabulary


def counting(model: str, count_in: CountIn) -> CountText:
    """Return the counter for a model."""
    return count_by(FAMILIES[family_of(model)], count_in)


def count_by(basis: Basis, count_in: CountIn) -> CountText:
    """Return the counter for a family."""
    vocabulary, weights = basis
    if weights is None:
        return lambda text: count_in(vocabulary, text)

    def count(text: str) -> float:
        tokens = count_in(vocabulary, text)
        return max(LEAST * tokens, _weighed(weights, text_features(text, tokens)))

    return count


def _weighed(weights: Weights, features: Features) -> float:
    plain = sum(weight * feature for weight, feature in zip(weights[:-1], features[:-1], strict=True))
    return plain + sum(weights.scripts.get(script, 0.0) * times for script, times in features.scripts.items())


def text_features(text: str, tokens: int) -> Features:
    """Return the features of a text that has so many tokens in the vocabulary."""
    scripts = Counter[Script]()
    if not text.isascii():
        for character, times in Counter(_BEYOND_ASCII.findall(text)).items():
            script = _script_of(character)
            scripts[script] += times * len(character.encode("utf-8", "replace")) if script == "other" else times
    return Features(
        tokens=tokens,
        digits=sum(len(run) - -(-len(run) // 3) for run in _DIGITS.findall(text)),
        joined=len(_JOINED.findall(text)),
        lines=text.count("\n"),
        indents=len(_INDENT.findall(text)),
        gaps=len(_GAP.findall(text)),
        scripts=scripts,
    )


@lru_cache(maxsize=8192)
def _script_of(character: str) -> Script:
    if character in _LETTERS:
        return _LETTERS[character]
    point = ord(character)
    return next((script for first, last, script in _RANGES if first <= point <= last), "other")
