"""How many tokens a text has for each family of models, from how many it has for OpenAI's.

One vocabulary is bundled, OpenAI's o200k_base. The other families differ from it in a regular way: by how they cut
digits and space, and by how well they know each script. The weights were fitted to the families' own tokenizers so that
no document of a corpus comes out too low; docs/tokens.md has the errors and the command that measures them.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, get_args

from translator.token_weights import WEIGHTS, Family, Weights

Script = Literal[
    "han", "kana", "hangul", "cyrillic", "greek", "hebrew", "arabic", "devanagari", "indic", "thai", "georgian",
    "german", "polish", "turkish", "portuguese", "ukrainian", "latin", "latin_extended", "vietnamese",
    "symbol", "box", "astral",
]  # fmt: skip

CountText = Callable[[str], float]
"""Tokens of one text for some model; parts of a token count."""


LEAST = 0.6
"""Of o200k_base's tokens: no family does better, and weights below 0 must not count a strange text for nothing."""

_NAMES: tuple[tuple[str, Family], ...] = (
    (r"claude", "claude"),
    (r"gemini|gemma|palm", "google"),
    (r"deepseek", "deepseek"),
    (r"llama", "llama"),
    (r"qwen|qwq|qvq", "qwen"),
    (r"mistral|ministral|mixtral|codestral|devstral|magistral|pixtral|voxtral", "mistral"),
    (r"command|c4ai|aya|north-", "cohere"),
    (r"gpt|chatgpt|codex|\bo\d", "openai"),
)
"""By what stands in a model's id, the first that fits: `deepseek-r1-distill-llama` is counted as DeepSeek's."""

_DIGITS = re.compile(r"[0-9]{2,}")
_CAPITALS = re.compile(r"[A-Z]{3,}")
_INDENT = re.compile(r"  +")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_LETTERS_BY_LANGUAGE: dict[Script, str] = {
    "german": "äöüÄÖÜß",
    "polish": "ąćęłńśźżĄĆĘŁŃŚŹŻ",
    "turkish": "ğışĞİŞ",
    "portuguese": "ãõÃÕ",
    "ukrainian": "іїєґІЇЄҐ",
}
"""Letters that tell a language whose words a family may know less well than its script."""
_LETTERS: dict[str, Script] = {letter: script for script, letters in _LETTERS_BY_LANGUAGE.items() for letter in letters}
_RANGES: tuple[tuple[int, int, Script], ...] = (
    (0x00A1, 0x00FF, "latin"),
    (0x0100, 0x024F, "latin_extended"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0530, 0x05FF, "hebrew"),
    (0x0600, 0x08FF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x0DFF, "indic"),
    (0x0E00, 0x0EFF, "thai"),
    (0x0F00, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "hangul"),
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
    (0x1_0000, 0x10_FFFF, "astral"),
)


@lru_cache(maxsize=256)
def families_of(model: str) -> tuple[Family, ...]:
    """The family that the id of a model tells; all of them for a model of which nothing is known."""
    for name, family in _NAMES:
        if re.search(name, model, re.IGNORECASE):
            return (family,)
    return tuple(WEIGHTS)


def counting(model: str, count_o200k: Callable[[str], int]) -> CountText:
    """Counts for this model. Of several possible families the one that counts most is taken, text by text."""
    families = families_of(model)
    if families == ("openai",):
        return count_o200k
    weights = [WEIGHTS[family] for family in families]

    def count(text: str) -> float:
        tokens = count_o200k(text)
        features = text_features(text, tokens)
        return max(LEAST * tokens, *(_weighed(weight, features) for weight in weights))

    return count


def _weighed(weights: Weights, features: tuple[float, ...]) -> float:
    return sum(weight * feature for weight, feature in zip(weights, features, strict=True))


def text_features(text: str, tokens: int) -> tuple[float, ...]:
    """What `Weights` weighs, in its order."""
    saved = sum(len(run) - -(-len(run) // 3) for run in _DIGITS.findall(text))
    capitals = sum(map(len, _CAPITALS.findall(text)))
    lines = text.count("\n")
    indents = len(_INDENT.findall(text))
    scripts = Counter[Script]()
    if not text.isascii():
        for character, times in Counter(_BEYOND_ASCII.findall(text)).items():
            script = _script_of(character)
            if script is not None:
                scripts[script] += times
    return (
        float(tokens),
        float(saved),
        float(capitals),
        float(lines),
        float(indents),
        *(float(scripts[script]) for script in _SCRIPTS),
    )


@lru_cache(maxsize=8192)
def _script_of(character: str) -> Script | None:
    if character in _LETTERS:
        return _LETTERS[character]
    point = ord(character)
    return next((script for first, last, script in _RANGES if first <= point <= last), None)


_SCRIPTS: tuple[Script, ...] = get_args(Script)
