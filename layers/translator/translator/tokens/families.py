"""Names the vocabulary that a model's text is counted with, and weights where it is not its own, as data.

`translator.tokens.counting` uses it; docs/tokens.md says how far the counts are from the truth.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Vocabulary = Literal["o200k_base", "claude_2", "deepseek_v3", "gemma_3", "qwen_3", "tekken"]
"""What is bundled: OpenAI's, the last of Anthropic's that was published, and four more families' own."""

Family = Literal["openai", "claude", "google", "deepseek", "qwen", "mistral", "llama", "cohere", "unknown"]

Script = Literal[
    "han", "kana", "hangul", "cyrillic", "greek", "armenian", "hebrew", "arabic", "devanagari", "bengali", "gurmukhi",
    "gujarati", "oriya", "tamil", "telugu", "kannada", "malayalam", "sinhala", "thai", "lao", "tibetan", "myanmar",
    "georgian", "ethiopic", "cherokee", "khmer", "mongolian", "vietnamese", "latin", "latin_extended", "mark", "symbol",
    "box", "astral", "german", "polish", "turkish", "portuguese", "ukrainian", "czech", "persian", "spanish",
    "hungarian", "other",
]  # fmt: skip
"""What a character beyond ASCII belongs to: a script, or a language that has letters of its own. `other` is what the
corpus has nothing of."""


class Weights(NamedTuple):
    """What a family counts: for each token of the vocabulary, for each digit that is saved by taking three at once, for
    each letter right after a punctuation mark, each line, each that is indented, each run of spaces in a line, and each
    character of a script (each byte of `other`).
    """

    token: float
    digit: float
    joined: float
    line: float
    indent: float
    gap: float
    scripts: Mapping[Script, float]


class Basis(NamedTuple):
    """How a family is counted: with its own vocabulary, or with weights on another's."""

    vocabulary: Vocabulary
    weights: Weights | None = None


# fmt: off
FAMILIES: dict[Family, Basis] = {
    "openai": Basis("o200k_base"),
    "claude": Basis("claude_2"),
    "google": Basis("gemma_3"),
    "deepseek": Basis("deepseek_v3"),
    "qwen": Basis("qwen_3"),
    "mistral": Basis("tekken"),
    # fitted: written by `python -m tests.tokens.fit`
    "llama": Basis("qwen_3", Weights(
        token=1.01, digit=-1.01, joined=0.0, line=0.0, indent=0.01, gap=0.0, scripts={"han": 0.25, "kana": 0.06,
        "hangul": -0.04, "cyrillic": -0.04, "greek": -0.61, "armenian": 0.76, "hebrew": 0.73, "arabic": 0.04,
        "devanagari": -0.51, "bengali": 0.21, "gurmukhi": 0.12, "gujarati": 0.25, "oriya": 0.51, "tamil": 0.32,
        "telugu": 0.36, "kannada": 0.44, "malayalam": 0.32, "sinhala": 0.44, "thai": -0.08, "lao": 0.71,
        "tibetan": 0.74, "myanmar": 0.46, "georgian": 1.01, "ethiopic": 1.45, "cherokee": 0.99, "khmer": 0.47,
        "mongolian": 1.55, "vietnamese": -0.06, "latin": 0.17, "latin_extended": -1.01, "mark": -0.47, "symbol":
        -0.45, "box": 0.03, "astral": 2.21, "german": 0.09, "polish": 0.5, "turkish": -0.77, "portuguese": 0.44,
        "ukrainian": -1.49, "czech": -2.34, "persian": -2.49, "spanish": 1.14, "hungarian": -3.03, "other":
        1.0},
    )),
    "cohere": Basis("deepseek_v3", Weights(
        token=1.01, digit=0.99, joined=0.29, line=0.75, indent=-0.82, gap=-0.16, scripts={"han": 0.03, "kana":
        -0.11, "hangul": -0.11, "cyrillic": -0.06, "greek": -0.23, "armenian": 0.65, "hebrew": -0.18, "arabic":
        -0.04, "devanagari": 0.03, "bengali": 0.96, "gurmukhi": 0.93, "gujarati": 1.08, "oriya": 1.13, "tamil":
        0.57, "telugu": 1.09, "kannada": 1.15, "malayalam": 1.03, "sinhala": 0.88, "thai": 0.63, "lao": 0.32,
        "tibetan": 0.53, "myanmar": 0.62, "georgian": 0.41, "ethiopic": 0.15, "khmer": 0.51, "vietnamese":
        -1.01, "latin": -0.16, "latin_extended": -1.01, "mark": 1.04, "symbol": 0.83, "box": -0.04, "astral":
        -0.41, "german": 0.51, "polish": -0.51, "turkish": -2.33, "portuguese": -1.55, "ukrainian": -1.72,
        "czech": -1.78, "persian": -0.58, "spanish": -3.03, "hungarian": 5.05, "other": 1.0},
    )),
    "unknown": Basis("claude_2", Weights(
        token=1.07, digit=0.91, joined=0.0, line=0.0, indent=0.69, gap=0.92, scripts={"han": 0.05, "hebrew":
        0.09, "sinhala": 1.26, "myanmar": 1.06, "georgian": 0.67, "box": 0.08, "astral": 2.51, "other": 1.0},
    )),
}
# fmt: on
