"""An object read member by member says what the standard library says, and where everything stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.native.json_members import (
    DuplicateNameError,
    Edit,
    Span,
    edited,
    item_spans,
    member_spans,
    read_json,
    read_object,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=9,
)
objects = st.dictionaries(st.text(), values, max_size=4)


@given(objects, st.sampled_from([None, 1]), st.booleans())
def test_it_reads_what_the_library_reads_and_finds_it_again(value: Any, indent: int | None, is_ascii: bool) -> None:
    text = f" \n{json.dumps(value, indent=indent, ensure_ascii=is_ascii)}\t"
    found = read_object(text)
    assert found.members == value
    assert found.text == text
    for name, span in found.spans.items():
        assert json.loads(text[span.start : span.end]) == value[name]
        if isinstance(value[name], list):
            assert [json.loads(text[each.start : each.end]) for each in item_spans(text, span)] == value[name]
        if isinstance(value[name], dict):
            inner = {key: json.loads(text[each.start : each.end]) for key, each in member_spans(text, span).items()}
            assert inner == value[name]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{,}",
        '{"a"',
        '{"a":',
        '{"a":}',
        '{"a" 1}',
        "{a:1}",
        '{"a":1,}',
        '{"a":1 "b":2}',
        '{"a":1} 2',
        '{"a":1}}',
        '{"a":"\n"}',
        '{"a":[1,]}',
        '{"a":tru}',
        "{'a':1}",
    ],
)
def test_what_is_no_object_is_refused_in_the_librarys_words(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as theirs:
        json.loads(text)
    with pytest.raises(json.JSONDecodeError) as ours:
        read_object(text)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("text", ['{"a":NaN}', '{"a":-Infinity}', '{"a":[1e999]}'])
def test_what_python_alone_calls_json_is_refused(text: str) -> None:
    for read in (read_object, read_json):
        with pytest.raises(ValueError, match=r"\w"):
            read(text)


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', '{"a":1,"b":{},"\\u0061":2}'])
def test_a_name_stands_once(text: str) -> None:
    with pytest.raises(DuplicateNameError):
        read_object(text)


def test_names_further_in_may_stand_twice() -> None:
    assert read_object('{"a":{"b":1,"b":2}}').members == {"a": {"b": 2}}


def test_edits_are_made_from_the_left_to_the_right() -> None:
    assert edited("abcdef", [Edit(Span(4, 5), "<E>"), Edit(Span(0, 2), "")]) == "cd<E>f"
