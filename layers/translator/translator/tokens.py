"""How many tokens a text has for each family of models, from how many it has for OpenAI's.

One vocabulary is bundled, OpenAI's o200k_base. The other families differ from it in a regular way: by how they cut
digits and space, and by how well they know each script. The weights were fitted to the families' own tokenizers so that
no document of a corpus comes out too low; docs/tokens.md has the errors and the command that measures them.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

Script = Literal[
    "han", "kana", "hangul", "cyrillic", "greek", "hebrew", "arabic", "devanagari", "indic", "thai", "georgian",
    "german", "polish", "turkish", "portuguese", "ukrainian", "latin", "latin_extended", "vietnamese",
    "symbol", "box", "astral",
]  # fmt: skip

CountText = Callable[[str], float]
"""Tokens of one text for some model; parts of a token count."""


class Weights(NamedTuple):
    """What a family counts: for each token of o200k_base, for each digit that o200k_base saves by taking three at once,
    for each letter of a word in capitals, each line, each run of spaces, and each character of a script. Armenian goes
    with Hebrew, Lao with Thai; five languages have letters of their own.
    """

    token: float = 1.0
    digit: float = 0.0
    capital: float = 0.0
    line: float = 0.0
    indent: float = 0.0
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
    german: float = 0.0
    polish: float = 0.0
    turkish: float = 0.0
    portuguese: float = 0.0
    ukrainian: float = 0.0
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
        token=1.2,
        digit=0.02,
        capital=0.09,
        line=0.66,
        indent=-0.06,
        han=0.44,
        kana=0.27,
        hangul=0.79,
        cyrillic=0.34,
        greek=1.1,
        hebrew=0.61,
        arabic=0.88,
        devanagari=1.13,
        indic=1.99,
        thai=1.57,
        georgian=1.07,
        german=4.64,
        polish=3.28,
        turkish=1.71,
        portuguese=-0.69,
        ukrainian=0.1,
        latin=1.98,
        latin_extended=-0.69,
        vietnamese=3.15,
        symbol=-0.48,
        box=0.08,
        astral=-0.69,
    ),
    "google": Weights(
        token=1.11,
        digit=0.94,
        capital=0.04,
        line=0.4,
        indent=0.66,
        han=-0.09,
        kana=-0.35,
        hangul=-0.14,
        cyrillic=-0.03,
        greek=-0.03,
        hebrew=0.02,
        arabic=-0.01,
        devanagari=-0.1,
        indic=-0.1,
        thai=-0.11,
        georgian=0.05,
        german=-0.47,
        polish=-0.59,
        turkish=-0.28,
        portuguese=0.13,
        ukrainian=-0.6,
        latin=-0.02,
        latin_extended=-0.6,
        vietnamese=-0.07,
        symbol=-0.6,
        box=-0.07,
        astral=-0.6,
    ),
    "deepseek": Weights(
        token=1.06,
        capital=0.06,
        line=-0.17,
        indent=0.59,
        han=-0.13,
        kana=-0.08,
        hangul=0.11,
        cyrillic=0.04,
        greek=0.15,
        hebrew=0.07,
        arabic=0.09,
        devanagari=0.32,
        indic=0.25,
        thai=0.01,
        georgian=0.35,
        german=4.07,
        polish=0.21,
        turkish=0.92,
        portuguese=0.43,
        ukrainian=0.75,
        latin=1.11,
        latin_extended=-0.6,
        vietnamese=0.75,
        symbol=-0.6,
        box=0.01,
        astral=-0.6,
    ),
    "llama": Weights(
        token=1.06,
        capital=0.01,
        line=-0.31,
        indent=0.05,
        han=0.03,
        kana=-0.18,
        hangul=-0.02,
        cyrillic=0.04,
        greek=0.04,
        hebrew=0.69,
        arabic=0.12,
        devanagari=0.24,
        indic=1.15,
        thai=0.11,
        georgian=1.71,
        german=4.09,
        polish=0.46,
        turkish=-0.61,
        portuguese=0.48,
        ukrainian=-0.61,
        latin=1.1,
        latin_extended=-0.61,
        vietnamese=-0.47,
        symbol=-0.1,
        box=0.02,
        astral=-0.61,
    ),
    "qwen": Weights(
        token=1.07,
        digit=0.93,
        line=-0.14,
        indent=-0.29,
        han=-0.12,
        kana=-0.12,
        hangul=0.15,
        cyrillic=0.08,
        greek=0.64,
        hebrew=-0.06,
        arabic=0.07,
        devanagari=0.74,
        indic=0.82,
        thai=0.18,
        georgian=0.67,
        german=4.05,
        polish=-0.04,
        turkish=0.1,
        portuguese=0.22,
        ukrainian=0.47,
        latin=0.74,
        latin_extended=-0.6,
        vietnamese=-0.3,
        symbol=-0.6,
        box=0.01,
        astral=-0.6,
    ),
    "mistral": Weights(
        token=1.08,
        digit=0.98,
        capital=0.08,
        line=-0.28,
        indent=0.18,
        han=0.12,
        kana=-0.2,
        hangul=-0.15,
        cyrillic=0.02,
        greek=0.01,
        hebrew=0.07,
        arabic=-0.04,
        devanagari=0.03,
        thai=0.14,
        georgian=0.09,
        german=2.49,
        polish=-0.24,
        turkish=0.13,
        portuguese=1.22,
        ukrainian=-0.61,
        latin=-0.24,
        latin_extended=-0.61,
        vietnamese=0.07,
        symbol=-0.01,
        box=0.17,
        astral=0.15,
    ),
    "cohere": Weights(
        token=1.06,
        digit=1.0,
        capital=0.04,
        line=1.56,
        indent=-0.6,
        han=-0.03,
        kana=-0.27,
        hangul=-0.14,
        cyrillic=-0.03,
        greek=-0.1,
        hebrew=-0.13,
        arabic=0.03,
        devanagari=0.34,
        indic=0.8,
        thai=0.63,
        georgian=0.74,
        german=1.06,
        polish=-0.35,
        turkish=-0.6,
        portuguese=-0.38,
        ukrainian=-0.6,
        latin=0.31,
        latin_extended=-0.6,
        vietnamese=-0.21,
        symbol=-0.6,
        box=-0.05,
        astral=-0.08,
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
