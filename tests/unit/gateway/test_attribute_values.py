"""DynamoDB's typed values, as the store writes and reads them."""

from __future__ import annotations

from typing import Any

import pytest
from gateway.attribute_values import ForeignValue, decode, encode

WRITTEN: list[tuple[Any, dict[str, Any]]] = [
    ("", {"S": ""}),
    ("naïve 👩‍🚀", {"S": "naïve 👩‍🚀"}),
    (0, {"N": "0"}),
    (-(10**37) - 1, {"N": "-10000000000000000000000000000000000001"}),
    (True, {"BOOL": True}),
    (False, {"BOOL": False}),
    (None, {"NULL": True}),
    ([], {"L": []}),
    (["a", 1, False], {"L": [{"S": "a"}, {"N": "1"}, {"BOOL": False}]}),
]


@pytest.mark.parametrize(("value", "written"), WRITTEN)
def test_each_kind_has_its_type(value: Any, written: dict[str, Any]) -> None:
    assert encode(value) == written
    read = decode(written)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("value", [1.5, b"a", {"a": 1}, {"a"}, ["a", 1.5]])
def test_what_the_store_does_not_hold_is_not_written(value: object) -> None:
    with pytest.raises(TypeError, match=r"the store holds no (float|bytes|dict|set)"):
        encode(value)


@pytest.mark.parametrize("written", [{"N": "1.5"}, {"M": {}}, {"SS": ["a"]}, {"B": "YQ=="}, {"NULL": False}, {}])
def test_what_the_store_never_writes_is_not_guessed_at_and_written_back(written: dict[str, Any]) -> None:
    assert decode(written) == ForeignValue(written)
    assert encode(decode({"L": [written]})) == {"L": [written]}
