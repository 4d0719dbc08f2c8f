"""Stop sequences across the borders of pieces."""

import time

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


def test_many_are_searched_together() -> None:
    """Eight thousand cost a few times what eight do: they are not looked for one by one."""
    text = "the quick brown fox jumps over the lazy dog. " * 20

    def seconds(count: int) -> float:
        scanner = StopScanner(f"stop-{number:05}-{'x' * 20}" for number in range(count))
        begun = time.process_time()
        for _ in range(20):
            assert scanner.feed(text).matched is None
        return time.process_time() - begun

    base = min(seconds(8) for _ in range(3))
    assert seconds(8_000) <= 60 * max(base, 0.0005)


def test_of_many_the_right_one_is_found() -> None:
    scanner = StopScanner(f"<{number}>" for number in range(8_000))
    assert scanner.feed("a <12") == Scan("a ")
    assert scanner.feed("34> b") == Scan("", "<1234>")
