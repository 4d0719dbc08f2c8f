"""What a token count of OpenAI's is worth for the other families of models, as data; `translator.tokens` uses it."""

from typing import Literal, NamedTuple

Family = Literal["openai", "claude", "google", "deepseek", "llama", "qwen", "mistral", "cohere"]


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


# fmt: off
WEIGHTS: dict[Family, Weights] = {
    "openai": Weights(),
    "claude": Weights(
        token=1.2, digit=0.02, capital=0.09, line=0.66, indent=-0.06, han=0.44, kana=0.27, hangul=0.79,
        cyrillic=0.34, greek=1.1, hebrew=0.61, arabic=0.88, devanagari=1.13, indic=1.99, thai=1.57,
        georgian=1.07, german=4.64, polish=3.28, turkish=1.71, portuguese=-0.69, ukrainian=0.1, latin=1.98,
        latin_extended=-0.69, vietnamese=3.15, symbol=-0.48, box=0.08, astral=-0.69,
    ),
    "google": Weights(
        token=1.11, digit=0.94, capital=0.04, line=0.4, indent=0.66, han=-0.09, kana=-0.35, hangul=-0.14,
        cyrillic=-0.03, greek=-0.03, hebrew=0.02, arabic=-0.01, devanagari=-0.1, indic=-0.1, thai=-0.11,
        georgian=0.05, german=-0.47, polish=-0.59, turkish=-0.28, portuguese=0.13, ukrainian=-0.6, latin=-0.02,
        latin_extended=-0.6, vietnamese=-0.07, symbol=-0.6, box=-0.07, astral=-0.6,
    ),
    "deepseek": Weights(
        token=1.06, capital=0.06, line=-0.17, indent=0.59, han=-0.13, kana=-0.08, hangul=0.11, cyrillic=0.04,
        greek=0.15, hebrew=0.07, arabic=0.09, devanagari=0.32, indic=0.25, thai=0.01, georgian=0.35,
        german=4.07, polish=0.21, turkish=0.92, portuguese=0.43, ukrainian=0.75, latin=1.11,
        latin_extended=-0.6, vietnamese=0.75, symbol=-0.6, box=0.01, astral=-0.6,
    ),
    "llama": Weights(
        token=1.06, capital=0.01, line=-0.31, indent=0.05, han=0.03, kana=-0.18, hangul=-0.02, cyrillic=0.04,
        greek=0.04, hebrew=0.69, arabic=0.12, devanagari=0.24, indic=1.15, thai=0.11, georgian=1.71,
        german=4.09, polish=0.46, turkish=-0.61, portuguese=0.48, ukrainian=-0.61, latin=1.1,
        latin_extended=-0.61, vietnamese=-0.47, symbol=-0.1, box=0.02, astral=-0.61,
    ),
    "qwen": Weights(
        token=1.07, digit=0.93, line=-0.14, indent=-0.29, han=-0.12, kana=-0.12, hangul=0.15, cyrillic=0.08,
        greek=0.64, hebrew=-0.06, arabic=0.07, devanagari=0.74, indic=0.82, thai=0.18, georgian=0.67,
        german=4.05, polish=-0.04, turkish=0.1, portuguese=0.22, ukrainian=0.47, latin=0.74,
        latin_extended=-0.6, vietnamese=-0.3, symbol=-0.6, box=0.01, astral=-0.6,
    ),
    "mistral": Weights(
        token=1.08, digit=0.98, capital=0.08, line=-0.28, indent=0.18, han=0.12, kana=-0.2, hangul=-0.15,
        cyrillic=0.02, greek=0.01, hebrew=0.07, arabic=-0.04, devanagari=0.03, thai=0.14, georgian=0.09,
        german=2.49, polish=-0.24, turkish=0.13, portuguese=1.22, ukrainian=-0.61, latin=-0.24,
        latin_extended=-0.61, vietnamese=0.07, symbol=-0.01, box=0.17, astral=0.15,
    ),
    "cohere": Weights(
        token=1.06, digit=1.0, capital=0.04, line=1.56, indent=-0.6, han=-0.03, kana=-0.27, hangul=-0.14,
        cyrillic=-0.03, greek=-0.1, hebrew=-0.13, arabic=0.03, devanagari=0.34, indic=0.8, thai=0.63,
        georgian=0.74, german=1.06, polish=-0.35, turkish=-0.6, portuguese=-0.38, ukrainian=-0.6, latin=0.31,
        latin_extended=-0.6, vietnamese=-0.21, symbol=-0.6, box=-0.05, astral=-0.08,
    ),
}
# fmt: on
"""Written by `python -m tests.tokens.fit`, but for OpenAI's, whose vocabulary it is."""
