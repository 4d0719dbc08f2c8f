"""The bundled vocabularies: what they hold, that no text is too strange for them, and what is read ahead."""

import re
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from time import sleep
from typing import cast, get_args

import pytest
from gateway.tokens.vocabulary import DATA, PIECE, SEARCHED, count_in, load, read_tokens
from gateway.tokens.vocabulary_table import CUTS
from hypothesis import given
from hypothesis import strategies as st
from translator.tokens.families import Vocabulary

from tests.tokens.vocabularies import packed

pytestmark = pytest.mark.failure_mode(28)

VOCABULARIES: tuple[Vocabulary, ...] = get_args(Vocabulary)
TOKENS: dict[Vocabulary, int] = {
    "o200k_base": 199_998,
    "claude_2": 64_995,
    "deepseek_v3": 127_997,
    "gemma_3": 256_699,
    "qwen_3": 151_643,
    "tekken": 130_072,
}
every_vocabulary = pytest.mark.parametrize("vocabulary", VOCABULARIES)


def test_every_file_is_in_use() -> None:
    assert {path.stem for path in DATA.glob("*.zlib")} == set(VOCABULARIES) == set(CUTS)
    assert {name: len(read_tokens(name)) for name in VOCABULARIES} == TOKENS


def test_openais_is_openais_own() -> None:
    """Written as OpenAI writes it; the SHA-256 stands in tiktoken_ext/openai_public.py."""
    written = b"".join(b"%s %d\n" % (b64encode(token), rank) for rank, token in enumerate(read_tokens("o200k_base")))
    assert sha256(written).hexdigest() == "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"


@every_vocabulary
def test_every_byte_is_a_token(vocabulary: Vocabulary) -> None:
    """Or there were texts that cannot be counted."""
    assert {token for token in read_tokens(vocabulary) if len(token) == 1} == {bytes([byte]) for byte in range(256)}


def test_what_is_packed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.tokens.vocabulary.DATA", tmp_path)
    tokens = [b"a", b"\0", b"x" * 1024, "漢".encode()]
    (tmp_path / "qwen_3.zlib").write_bytes(packed(tokens))
    assert read_tokens("qwen_3") == tokens
    with pytest.raises(ValueError, match="a token comes twice"):
        packed([b"a", b"a"])


def test_threads_that_count_at_once_read_a_vocabulary_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reading takes a tenth of a second or two, and a hundred megabytes."""
    read: list[Vocabulary] = []

    class Tokenizer:
        def __init__(self, vocabulary: Vocabulary) -> None:
            read.append(vocabulary)
            sleep(0.05)

        def count(self, text: str) -> int:
            return len(text)

    monkeypatch.setattr("gateway.tokens.vocabulary._Tokenizer", Tokenizer)
    unread = cast("Vocabulary", "one that nobody has read")
    texts = ["a" * length for length in range(8)]
    with ThreadPoolExecutor(len(texts)) as threads:
        assert list(threads.map(count_in, repeat(unread), texts)) == list(range(8))
    assert read == [unread]


@every_vocabulary
@given(text=st.text())
def test_no_text_is_left_out(vocabulary: Vocabulary, text: str) -> None:
    """A part that no alternative of the pattern takes would be."""
    assert count_in(vocabulary, text + text) >= count_in(vocabulary, text) >= bool(text)


@every_vocabulary
@pytest.mark.parametrize(
    "character", [" ", "\n", "\r\n", "\t", "x", "!", "0", "'", "<", "\ud83d", "漢", "ア", "\u0301", "\x01"]
)
def test_a_long_text_of_one_character_is_counted_too(vocabulary: Vocabulary, character: str) -> None:
    """tiktoken by itself ends in a panic over some hundred thousand spaces."""
    piece = character * (PIECE // len(character))
    assert count_in(vocabulary, piece * 10) == 10 * count_in(vocabulary, piece)


@every_vocabulary
def test_a_long_text_is_cut_where_it_costs_nothing(vocabulary: Vocabulary) -> None:
    line = "def area(radius):  # « déjà vu », 漢字 and 12345\n    return 3.14159 * radius**2 <b>bold</b>\n"
    times = 10 * PIECE // len(line)
    count = count_in(vocabulary, line * 3) - count_in(vocabulary, line * 2)
    assert count_in(vocabulary, line * times) - count_in(vocabulary, line * 2) == count * (times - 2)


def test_it_is_cut_in_the_last_part_of_a_piece() -> None:
    """A place before that would make pieces short."""
    text = "a b" + "漢" * (PIECE - SEARCHED) + " c" + "字" * PIECE
    assert count_in("qwen_3", text) == sum(count_in("qwen_3", part) for part in re.split("(?= c)", text))


@pytest.mark.parametrize(
    ("vocabulary", "composed", "decomposed"),
    [
        ("qwen_3", "café Å 가", "cafe\u0301 A\u030a \u1100\u1161"),
        ("claude_2", "ABC ア fi", "\uff21\uff22\uff23 \uff71 \ufb01"),
    ],
)
def test_what_is_normalized_first(vocabulary: Vocabulary, composed: str, decomposed: str) -> None:
    assert count_in(vocabulary, composed) == count_in(vocabulary, decomposed)
    assert count_in("tekken", composed) < count_in("tekken", decomposed)


def test_marks_without_end_are_normalized_in_time() -> None:
    """Python sorts a run of them by insertion, so that a megabyte would take minutes."""
    assert count_in("claude_2", "\u0301\u0316" * 250_000) > 0


def test_gemma_takes_a_character_that_it_does_not_know_apart() -> None:
    """As SentencePiece does: a token a byte, also where its first bytes are those of a character that is known."""
    known = {token for token in read_tokens("gemma_3") if 2 <= len(token) <= 4}
    unknown = next(chr(point) for point in range(0x3400, 0x4DC0) if chr(point).encode() not in known)
    assert unknown.encode()[:2] in known
    assert count_in("gemma_3", unknown) == 3
    assert count_in("gemma_3", "\U000e0041") == 4


def test_nul_goes_together_with_nothing_in_gemma() -> None:
    """It stands for the bytes of what is taken apart."""
    assert [token for token in read_tokens("gemma_3") if b"\0" in token] == [b"\0"]


def test_it_can_be_read_before_it_is_needed() -> None:
    load(["tekken"])
    assert count_in("tekken", "Hello") == 1


def test_a_text_that_comes_again_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counting:
        def count(self, text: str) -> int:
            asked.append(text)
            return len(text)

    counted: dict[tuple[Vocabulary, int, int], int] = {}
    monkeypatch.setattr("gateway.tokens.vocabulary._tokenizer", lambda _: Counting())
    monkeypatch.setattr("gateway.tokens.vocabulary._COUNTED", counted)
    monkeypatch.setattr("gateway.tokens.vocabulary.REMEMBERED", 2)
    assert [count_in("tekken", text) for text in ("one", "three", "one", "three")] == [3, 5, 3, 5]
    assert count_in("qwen_3", "one") == 3  # the third to be kept, for which the others are forgotten
    assert count_in("tekken", "one") == 3
    assert asked == ["one", "three", "one", "one"]
    assert len(counted) == 2
