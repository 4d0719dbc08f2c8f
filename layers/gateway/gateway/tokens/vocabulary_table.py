"""Says how each bundled vocabulary splits a text, as data.

The patterns are the families' own, from the files that data/vocabularies/README.md names. What no alternative takes is
not counted: together they must take everything.
"""

from typing import Literal, NamedTuple

from translator.tokens.families import Vocabulary


class Cut(NamedTuple):
    """What happens to a text before its parts are looked up."""

    pattern: str
    """A regular expression whose matches are the parts, for the Rust crates regex and fancy-regex."""
    normalization: Literal["NFC", "NFKC"] | None = None
    byte_fallback: bool = False
    """Whether a character that is no token by itself counts a token a byte, as SentencePiece has it."""


_CONTRACTION = r"'(?i:s|t|re|ve|m|ll|d)"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_BEFORE_A_WORD = r"[^\r\n\p{L}\p{N}]?"
_SPACE = (r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+")

_O200K_BASE = (
    rf"{_BEFORE_A_WORD}{_UPPER}*{_LOWER}+(?:{_CONTRACTION})?",
    rf"{_BEFORE_A_WORD}{_UPPER}+{_LOWER}*(?:{_CONTRACTION})?",
    r"\p{N}{1,3}",
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
    *_SPACE,
)
_TEKKEN = (
    rf"{_BEFORE_A_WORD}{_UPPER}*{_LOWER}+",
    rf"{_BEFORE_A_WORD}{_UPPER}+{_LOWER}*",
    r"\p{N}",
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
    *_SPACE,
)
_QWEN_3 = (_CONTRACTION, rf"{_BEFORE_A_WORD}\p{{L}}+", r"\p{N}", r" ?[^\s\p{L}\p{N}]+[\r\n]*", *_SPACE)
_CLAUDE_2 = (r"'(?:s|t|re|ve|m|ll|d)", r" ?\p{L}+", r" ?\p{N}+", r" ?[^\s\p{L}\p{N}]+", r"\s+(?!\S)", r"\s+")

# DeepSeek's has three steps: numbers are cut out, then Chinese and Japanese, then a third pattern cuts the rest; what
# it leaves is a part too. Here they are one: what the third takes must not run on into the first two.
_KANA_AND_HAN = r"\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff"
_ELSE = rf"(?![{_KANA_AND_HAN}])"
_DEEPSEEK_V3 = (
    r"\p{N}{1,3}",
    rf"[{_KANA_AND_HAN}]+",
    r"[!-/:-~&&[^A-Za-z]][A-Za-z]+",
    rf"[^\r\n\p{{L}}\p{{P}}\p{{S}}]?(?:{_ELSE}[\p{{L}}\p{{M}}])+",
    rf" ?(?:{_ELSE}[\p{{P}}\p{{S}}])+[\r\n]*",
    r"\s*[\r\n]+",
    rf"\s+(?=[\p{{N}}{_KANA_AND_HAN}])",
    r"\s+(?!\S)",
    r"\s+",
    rf"[^\s\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}{_KANA_AND_HAN}]+(?!{_ELSE}[\p{{L}}\p{{M}}])",
)

# Gemma's has no pattern. Runs of space and tags are tokens of their own that come first, and no other token has a space
# within (but `> </`), so that a text can be cut there.
_TAG = (
    r"</?(?:table|caption|thead|tbody|tfoot|tr|th|td|h[1-6]|blockquote|strong|em|[bius]|sub|sup|code|a|html|body|img|span"
    r"|bbox|ul|li|div|iframe|footer)>"
)
_GEMMA_3 = (r"\n{1,31}", r"\t{1,31}", r" {2,31}", _TAG, rf" ?(?:[^ \n\t<]|(?!{_TAG})<)+", " ")

CUTS: dict[Vocabulary, Cut] = {
    "o200k_base": Cut("|".join(_O200K_BASE)),
    "claude_2": Cut("|".join(_CLAUDE_2), normalization="NFKC"),
    "deepseek_v3": Cut("|".join(_DEEPSEEK_V3)),
    "gemma_3": Cut("|".join(_GEMMA_3), byte_fallback=True),
    "qwen_3": Cut("|".join(_QWEN_3), normalization="NFC"),
    "tekken": Cut("|".join(_TEKKEN)),
}
