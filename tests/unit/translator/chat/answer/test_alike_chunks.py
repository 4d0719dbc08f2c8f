"""A chunk that differs from the last in its text alone is read without being parsed, and every other is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.chat.answer.alike_chunks import MOST_FORMS, AlikeChunks


def chunk(text: str, **more: Any) -> str:
    return json.dumps({"id": "c", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}], **more})


@given(st.text(min_size=1), st.text(min_size=1), st.booleans())
def test_any_text_is_read_as_it_is_parsed(first: str, second: str, is_ascii: bool) -> None:
    alike = AlikeChunks()
    known, other = (json.dumps(json.loads(chunk(text)), ensure_ascii=is_ascii) for text in (first, second))
    assert alike.text(known) is None
    alike.learn(known, first)
    assert (alike.text(known), alike.text(other)) == (first, second)


@pytest.mark.parametrize(
    "other",
    [
        chunk(""),
        chunk("b", usage={"prompt_tokens": 1}),
        chunk("b").replace("null", '"stop"'),
        chunk("b").replace('"c"', '"d"'),
        chunk("b")[:-20],
        chunk("b").partition('"}')[0],
        chunk("b").replace('"b"', '"\\b\\y"'),
        chunk("b")[:-60],
        chunk("b\\").replace("\\\\", "\\"),
        chunk("b") + "x",
        "[DONE]",
    ],
)
def test_what_differs_in_more_is_parsed(other: str) -> None:
    alike = AlikeChunks()
    alike.learn(chunk("a"), "a")
    assert alike.text(chunk("b")) == "b"
    assert alike.text(other) is None


@pytest.mark.parametrize(
    "frame",
    [
        chunk("a").replace('"content"', '"\\u0063ontent"'),
        chunk("a", more={"content": "a"}),
        chunk("a").replace('"content"', '"\\u0063ontent"')[:-1] + ', "more": {"content": "b"}}',
    ],
)
def test_an_uncertain_text_is_not_learnt(frame: str) -> None:
    assert json.loads(frame)["choices"][0]["delta"]["content"] == "a"
    alike = AlikeChunks()
    alike.learn(chunk("a"), "a")
    alike.learn(frame, "a")
    assert alike.text(frame) is None
    assert alike.text(chunk("a")) is None


def test_where_more_than_the_text_changes_comparing_ends() -> None:
    alike = AlikeChunks()
    for number in range(MOST_FORMS):
        alike.learn(chunk("a", created=number), "a")
        assert alike.text(chunk("b", created=number)) == "b"
    alike.learn(chunk("a", created=MOST_FORMS), "a")
    assert alike.text(chunk("b", created=MOST_FORMS)) is None
