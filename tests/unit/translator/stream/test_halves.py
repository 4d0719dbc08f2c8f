"""Halves of characters wait for each other, and an object in an odd form is that object."""

import pytest
from translator.stream.arguments import Arguments
from translator.stream.halves import EscapedHalves, Halves


def fed(stage: Halves | Arguments, pieces: list[str]) -> str:
    return "".join([stage.feed(piece) for piece in pieces]) + stage.flush()


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["a", "b"], "ab"),
        (["a \ud83d", "\ude00 b"], "a \U0001f600 b"),
        (["\ud83d", "b"], "\ufffdb"),
        (["\ude00"], "\ufffd"),
        (["é", "\ud83d", "", "\ude00"], "é\U0001f600"),
    ],
)
def test_text(pieces: list[str], text: str) -> None:
    assert fed(Halves(), pieces) == text


@pytest.mark.parametrize(
    ("whole", "text"),
    [
        (r'{"a": "\ud83d\ude00"}', r'{"a": "\ud83d\ude00"}'),
        (r'{"a": "\ud83d"}', r'{"a": "\ufffd"}'),
        (r'{"a": "\ude00 \\ud83d \n"}', r'{"a": "\ufffd \\ud83d \n"}'),
        (r'{"a": "\ud83d\ud83d\ude00"}', r'{"a": "\ufffd\ud83d\ude00"}'),
        (r'{"a": "\u00e9"}', r'{"a": "\u00e9"}'),
    ],
)
def test_escapes_wherever_they_are_cut(whole: str, text: str) -> None:
    for cut in range(len(whole) + 1):
        assert fed(EscapedHalves(), [whole[:cut], whole[cut:]]) == text
    assert fed(EscapedHalves(), list(whole)) == text
    assert fed(EscapedHalves(), ["\\"]) == "\\"
    assert fed(EscapedHalves(), [r"\ud83d"]) == r"\ufffd"


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["", "  ", '{"a":', "1}"], '{"a":1}'),
        (['{"a":1}{"a":1}'], '{"a":1}'),
        (['{"a":1}', ' {"a": 1}', "\n"], '{"a":1}'),
        (['{"a":1}', '"{\\"a\\": 1}"'], '{"a":1}'),
        (['{"a":1}{"a":2}'], '{"a":1}{"a":2}'),
        (['{"a":1}', "no"], '{"a":1}no'),
        (['"{\\"a\\":', ' 1}"'], '{"a":1}'),
        (['"\\"{\\\\\\"a\\\\\\": 1}\\""'], '{"a":1}'),
        (['"text"'], '"text"'),
        (['"[1]"'], '"[1]"'),
        (["[1]"], "[1]"),
    ],
)
def test_arguments(pieces: list[str], text: str) -> None:
    assert fed(Arguments(), pieces) == text
