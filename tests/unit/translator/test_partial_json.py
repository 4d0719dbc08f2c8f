"""The JSON of tool arguments, whole, broken, cut short and in pieces."""

import json

import pytest
from translator.partial_json import ObjectScan, is_complete_object, parse_object, parse_truncated_object

WHOLE = {
    "{}": {},
    ' {"a": 1}\n': {"a": 1},
    '{"a": {"b": [1.5, -2, true, null, "}"]}}': {"a": {"b": [1.5, -2, True, None, "}"]}},
    r'{"a": "\ud83d"}': {"a": "\ud83d"},
}
BROKEN = [
    "null",
    "[]",
    '"{}"',
    "1",
    "{",
    '{"a": 1',
    '{"a": London}',
    "{}{}",
    '{"a": NaN}',
    '{"a": -Infinity}',
    '{"a": 1e999}',
    '{"a": ' + "[" * 100_000,
    '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    '{"a": ' + "1" * 5_000 + "}",
]


@pytest.mark.parametrize("text", WHOLE)
def test_a_whole_object(text: str) -> None:
    assert is_complete_object(text)
    assert parse_object(text) == WHOLE[text]
    assert parse_truncated_object(text) == WHOLE[text]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:20])
def test_what_is_no_object(text: str) -> None:
    assert not is_complete_object(text)
    with pytest.raises(ValueError, match=r"."):
        parse_object(text)


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_text_is_a_call_without_arguments(text: str) -> None:
    assert not is_complete_object(text)
    assert parse_object(text) == {}
    assert parse_truncated_object(text) == {}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("{", {}),
        ('{"ci', {}),
        ('{"city"', {}),
        ('{"city": "Lon', {"city": "Lon"}),
        ('{"city": "Z\\u00', {"city": "Z"}),
        ('{"city": "London", "days": 1', {"city": "London", "days": 1}),
        ('{"city": "London", "ok": tr', {"city": "London"}),
        ('{"cities": ["London", {"name": "Os', {"cities": ["London", {"name": "Os"}]}),
        ('{"city": London', {}),
        ("[1, 2", {}),
        ('{"a": 1e999, "b": "x', {}),
        ('{"a": NaN, "b": "x', {}),
        ('{"a": ' + "[" * 100_000, {}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_as_much_as_has_arrived(text: str, kept: dict[str, object]) -> None:
    assert parse_truncated_object(text) == kept


TRICKY = r'{"a": "\\\"}{", "b": {"c": [1, "\u007d", {}]}, "d": "\\"} '


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_a_scan_sees_the_end_of_the_object_however_it_is_cut(size: int) -> None:
    scan = ObjectScan()
    pieces: list[str] = []
    closed: list[bool] = []
    for at in range(0, len(TRICKY), size):
        pieces.append(TRICKY[at : at + size])
        closed.append(scan.is_closed(pieces))
        assert closed[-1] == is_complete_object("".join(pieces))
    assert closed[-1]


@pytest.mark.parametrize("pieces", [[], [""], [" "], ['"'], ["{", "", '"\\', '"'], ["{}", "{"], ["{\\}"]])
def test_what_is_not_closed(pieces: list[str]) -> None:
    assert not ObjectScan().is_closed(pieces)


@pytest.mark.parametrize("text", ['{"city": London}', "{]", "}", "[]"])
def test_a_scan_sees_structure_only(text: str) -> None:
    assert ObjectScan().is_closed([text])


def test_a_scan_looks_at_each_piece_once() -> None:
    """A megabyte in ten thousand pieces: quadratic time would not end within the time limit of a test."""
    text = json.dumps({"code": "if (x) { y() }\n" * 65_000})
    scan = ObjectScan()
    pieces: list[str] = []
    for at in range(0, len(text), 100):
        pieces.append(text[at : at + 100])
        assert scan.is_closed(pieces) == (at + 100 >= len(text))
