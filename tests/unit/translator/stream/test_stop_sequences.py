"""Stop sequences across the borders of pieces."""

import pytest
from translator.stream.stop_sequences import Scanned, StopScanner


@pytest.mark.parametrize(
    ("sequences", "pieces", "scanned", "held"),
    [
        ([], ["abc"], [Scanned("abc")], ""),
        ([""], ["abc"], [Scanned("abc")], ""),
        (["END"], ["abc"], [Scanned("abc")], ""),
        (["END"], ["abEND"], [Scanned("ab", "END")], ""),
        (["END"], ["END"], [Scanned("", "END")], ""),
        (["END"], ["abE"], [Scanned("ab")], "E"),
        (["END"], ["abE", "N", "Dc"], [Scanned("ab"), Scanned(""), Scanned("", "END")], ""),
        (["END"], ["abE", "Nd"], [Scanned("ab"), Scanned("ENd")], ""),
        (["aab"], ["aa", "a", "b"], [Scanned(""), Scanned("a"), Scanned("", "aab")], ""),
        (["b", "abc"], ["abc"], [Scanned("a", "b")], ""),
        (["abcd", "bc"], ["abcd"], [Scanned("a", "bc")], ""),
        (["abcd", "bc"], ["abc", "d"], [Scanned("a", "bc")], ""),
        (["abc", "ab"], ["abc"], [Scanned("", "ab")], ""),
        (["bc", "abc"], ["a", "bc"], [Scanned(""), Scanned("", "abc")], ""),
        (["\n\nHuman:"], ["Hi\n", "\nHu", "go"], [Scanned("Hi"), Scanned(""), Scanned("\n\nHugo")], ""),
    ],
)
def test_scanning(sequences: list[str], pieces: list[str], scanned: list[Scanned], held: str) -> None:
    scanner = StopScanner(sequences)
    assert [scanner.feed(piece) for piece in pieces[: len(scanned)]] == scanned
    assert scanner.flush() == held
    assert scanner.flush() == ""
