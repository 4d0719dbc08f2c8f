"""OpenAI's vocabulary o200k_base, read once for the life of an environment, when something is first counted.

data/o200k_base.tiktoken is OpenAI's own file, byte for byte: tiktoken names the same SHA-256.
"""

from binascii import a2b_base64
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

DATA = Path(__file__).parent / "data" / "o200k_base.tiktoken"
PIECE = 20_000
"""Characters at a time: tiktoken's regular expression runs out of stack over some hundred thousand spaces.

A cut costs a token at the most.
"""
_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
PATTERN = "|".join(
    (
        rf"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]*[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]+{_CONTRACTION}",
        rf"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]+[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]*{_CONTRACTION}",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
"""How o200k_base cuts a text into words, as in tiktoken_ext/openai_public.py."""


def count_o200k(text: str) -> int:
    """Tokens of the text for OpenAI's models since GPT-4o."""
    encode = _encoding().encode_ordinary
    if len(text) <= PIECE:
        return len(encode(text))
    return sum(len(encode(text[start : start + PIECE])) for start in range(0, len(text), PIECE))


def load() -> None:
    """Read the vocabulary now, where there is time: it takes some tenths of a second."""
    _encoding()


@cache
def _encoding() -> "Encoding":
    from tiktoken import Encoding

    words = DATA.read_bytes().split()  # each token and its rank, and the ranks count 0, 1, 2
    ranks = {token: rank for rank, token in enumerate(map(a2b_base64, words[::2]))}
    return Encoding("o200k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
