"""Stop sequences across the borders of pieces."""

import pytest
from translator.stream.stop_sequences import Scan, StopScanner


@pytest.mark.parametrize(
    ("sequences", "pieces", "scanned", "held"),
    [
        ([], ["abc"], [Scan("abc")], ""),
        ([""], ["abc"], [Scan("abc")], ""),
        (["END"], ["abc"], [Scan("abc")], ""),
        (["END"], ["abEND"], [Scan("ab", "END")], ""),
        (["END"], ["END"], [Scan("", "END")], ""),
        (["END"], ["abE"], [Scan("ab")], "E"),
        (["END"], ["abE", "N", "Dc"], [Scan("ab"), Scan(""), Scan("", "END")], ""),
        (["END"], ["abE", "Nd"], [Scan("ab"), Scan("ENd")], ""),
        (["aab"], ["aa", "a", "b"], [Scan(""), Scan("a"), Scan("", "aab")], ""),
        (["b", "abc"], ["abc"], [Scan("a", "b")], ""),
        (["abcd", "bc"], ["abcd"], [Scan("a", "bc")], ""),
        (["abcd", "bc"], ["abc", "d"], [Scan("a", "bc")], ""),
        (["abc", "ab"], ["abc"], [Scan("", "ab")], ""),
        (["bc", "abc"], ["a", "bc"], [Scan(""), Scan("", "abc")], ""),
        (["\n\nHuman:"], ["Hi\n", "\nHu", "go"], [Scan("Hi"), Scan(""), Scan("\n\nHugo")], ""),
    ],
)
def test_scanning(sequences: list[str], pieces: list[str], scanned: list[Scan], held: str) -> None:
    scanner = StopScanner(sequences)
    assert [scanner.feed(piece) for piece in pieces[: len(scanned)]] == scanned
    assert scanner.flush() == held
    assert scanner.flush() == ""
