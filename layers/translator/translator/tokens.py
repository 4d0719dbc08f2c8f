"""How many tokens a text has for each family of models, from how many it has for OpenAI's.

One vocabulary is bundled, OpenAI's o200k_base. The other families differ from it in a regular way: by how they cut
digits, and by how well they know each script. The weights were fitted to the families' own tokenizers so that no text
of a corpus comes out too low; docs/tokens.md has the corpus, the errors and the command that measures them.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

Script = Literal[
    "han", "kana", "hangul", "cyrillic", "greek", "hebrew", "arabic", "devanagari", "indic",
    "thai", "georgian", "umlaut", "latin", "latin_extended", "vietnamese", "symbol", "box", "astral",
]  # fmt: skip

CountText = Callable[[str], float]
"""Tokens of one text for some model; parts of a token count."""


class Weights(NamedTuple):
    """What a family counts: for each token of o200k_base, for each digit that o200k_base saves by taking three at once,
    for each letter of a word in capitals, and for each character of a script. Armenian goes with Hebrew, Lao with Thai.
    """

    token: float = 1.0
    digit: float = 0.0
    capital: float = 0.0
    han: float = 0.0
    kana: float = 0.0
    hangul: float = 0.0
    cyrillic: float = 0.0
    greek: float = 0.0
    hebrew: float = 0.0
    arabic: float = 0.0
    devanagari: float = 0.0
    indic: float = 0.0
    thai: float = 0.0
    georgian: float = 0.0
    umlaut: float = 0.0
    latin: float = 0.0
    latin_extended: float = 0.0
    vietnamese: float = 0.0
    symbol: float = 0.0
    box: float = 0.0
    astral: float = 0.0


Family = Literal["openai", "claude", "google", "deepseek", "llama", "qwen", "mistral", "cohere"]

WEIGHTS: dict[Family, Weights] = {
    "openai": Weights(),
    "claude": Weights(
        token=1.24,
        capital=0.05,
        han=0.32,
        kana=0.16,
        hangul=0.63,
        cyrillic=0.27,
        greek=0.96,
        hebrew=0.5,
        arabic=0.76,
        devanagari=0.99,
        indic=1.79,
        thai=1.4,
        georgian=0.94,
        umlaut=4.27,
        latin=1.5,
        latin_extended=2.43,
        vietnamese=2.6,
        symbol=-0.63,
        box=0.05,
        astral=-0.63,
    ),
    "google": Weights(
        token=1.19,
        digit=0.77,
        capital=0.01,
        han=-0.16,
        kana=-0.41,
        hangul=-0.21,
        cyrillic=-0.06,
        greek=-0.06,
        hebrew=-0.02,
        arabic=-0.03,
        devanagari=-0.13,
        indic=-0.12,
        thai=-0.14,
        georgian=0.01,
        umlaut=-0.6,
        latin=-0.07,
        latin_extended=-0.44,
        vietnamese=-0.21,
        symbol=-0.6,
        box=-0.08,
        astral=-0.6,
    ),
    "deepseek": Weights(
        token=1.08,
        capital=0.05,
        han=-0.16,
        kana=-0.11,
        hangul=0.08,
        cyrillic=0.07,
        greek=0.13,
        hebrew=0.05,
        arabic=0.07,
        devanagari=0.3,
        indic=0.23,
        georgian=0.33,
        umlaut=3.8,
        latin=0.83,
        latin_extended=0.91,
        vietnamese=0.68,
        symbol=-0.6,
        astral=-0.6,
    ),
    "llama": Weights(
        token=1.06,
        han=0.04,
        kana=-0.18,
        hangul=-0.03,
        cyrillic=0.04,
        greek=0.03,
        hebrew=0.68,
        arabic=0.11,
        devanagari=0.23,
        indic=1.14,
        thai=0.11,
        georgian=1.69,
        umlaut=4.07,
        latin=0.99,
        latin_extended=0.4,
        vietnamese=-0.53,
        symbol=-0.22,
        box=0.01,
        astral=-0.6,
    ),
    "qwen": Weights(
        token=1.07,
        digit=0.94,
        han=-0.12,
        kana=-0.11,
        hangul=0.15,
        cyrillic=0.12,
        greek=0.65,
        hebrew=-0.05,
        arabic=0.07,
        devanagari=0.75,
        indic=0.82,
        thai=0.19,
        georgian=0.67,
        umlaut=4.06,
        latin=0.78,
        latin_extended=0.1,
        vietnamese=-0.36,
        symbol=-0.6,
        astral=-0.6,
    ),
    "mistral": Weights(
        token=1.09,
        digit=0.94,
        capital=0.07,
        han=0.17,
        kana=-0.18,
        hangul=-0.17,
        cyrillic=0.02,
        hebrew=0.05,
        arabic=-0.05,
        devanagari=0.02,
        indic=-0.01,
        thai=0.13,
        georgian=0.08,
        umlaut=2.11,
        latin=0.3,
        latin_extended=0.02,
        vietnamese=-0.26,
        symbol=-0.6,
        box=0.17,
        astral=0.38,
    ),
    "cohere": Weights(
        token=1.14,
        digit=0.95,
        capital=0.04,
        han=-0.1,
        kana=-0.32,
        hangul=-0.16,
        cyrillic=-0.04,
        greek=-0.11,
        hebrew=-0.13,
        arabic=0.03,
        devanagari=0.34,
        indic=0.83,
        thai=0.65,
        georgian=0.76,
        umlaut=-0.49,
        latin=0.07,
        latin_extended=-0.45,
        vietnamese=-0.1,
        symbol=-0.22,
        box=-0.02,
        astral=-0.62,
    ),
}
"""Written by `python -m tests.tokens.fit`, but for OpenAI's, whose vocabulary it is."""

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
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_UMLAUTS = frozenset("äöüÄÖÜß")
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
    scripts = Counter[Script]()
    if not text.isascii():
        for character, times in Counter(_BEYOND_ASCII.findall(text)).items():
            script = _script_of(character)
            if script is not None:
                scripts[script] += times
    return (float(tokens), float(saved), float(capitals), *(float(scripts[script]) for script in _SCRIPTS))


@lru_cache(maxsize=8192)
def _script_of(character: str) -> Script | None:
    if character in _UMLAUTS:
        return "umlaut"
    point = ord(character)
    return next((script for first, last, script in _RANGES if first <= point <= last), None)


_SCRIPTS: tuple[Script, ...] = get_args(Script)
