"""The prompt cache of the stand-in for Anthropic's API is the one that its documentation describes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.upstreams.claude.prompt_cache import PromptCache, RefusedCacheError, least_tokens
from tests.upstreams.claude.spans import items, members

MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def body(*blocks: dict[str, Any], model: str = "claude-sonnet-5", **more: Any) -> str:
    return json.dumps({"model": model, **more, "messages": [{"role": "user", "content": list(blocks)}]})


def told(*bodies: str, seconds: float = 1.0) -> list[tuple[int, int, int]]:
    """What is read, written and neither, of requests that follow each other."""
    cache = PromptCache()
    counted = [cache.count("a", each, at * seconds) for at, each in enumerate(bodies)]
    return [(each.read, sum(each.written.values()), each.rest) for each in counted]


LONG = "word " * 1000
OF_LONG = 1257
"""Tokens of a block that says it."""


def test_a_prefix_is_kept_and_found_while_the_mark_moves_on() -> None:
    first = body(text(LONG, **MARK))
    second = body(text(LONG), text("and", **MARK))
    (read, wrote, rest), again = told(first, second)
    assert (read, wrote > OF_LONG - 20, rest) == (0, True, 0)
    assert (again[0], again[1] > 0, again[2]) == (wrote, True, 0)


@pytest.mark.parametrize(
    "other",
    [
        body(text(LONG + ".", **MARK)),
        body(text(LONG, **MARK), model="claude-opus-5"),
        body(text(LONG, **MARK), tools=[{"name": "look"}]),
        body(text(LONG, **MARK), tool_choice={"type": "any"}),
        body(text(LONG, **MARK), thinking={"type": "adaptive"}),
        body(text(LONG, **MARK)).replace("word word", "w\\u006frd word", 1),
        body(text(LONG, **MARK)).replace('"user"', '"assistant"'),
    ],
)
def test_nothing_is_found_where_a_byte_before_the_mark_differs(other: str) -> None:
    assert told(body(text(LONG, **MARK)), other)[1][0] == 0


def test_a_change_of_the_tool_choice_keeps_what_stands_before_the_messages() -> None:
    system = [text(LONG, **MARK)]
    bodies = [body(text(LONG, **MARK), system=system, tool_choice={"type": each}) for each in ("auto", "any")]
    (_, wrote, _), (read, again, _) = told(*bodies)
    assert (read, again) == (wrote - again, again)
    assert 0 < again < wrote


@pytest.mark.parametrize(("ttl", "seconds", "found"), [(MARK, 299, True), (MARK, 301, False), (HOUR, 3599, True)])
def test_it_is_kept_for_its_time(ttl: dict[str, Any], seconds: float, found: bool) -> None:
    asked = body(text(LONG, **ttl))
    assert (told(asked, asked, seconds=seconds)[1][0] > 0) == found


@pytest.mark.parametrize(("between", "found"), [(18, True), (19, True), (20, False)])
def test_it_looks_back_twenty_blocks(between: int, found: bool) -> None:
    later = [text(str(each)) for each in range(between - 1)]
    assert (told(body(text(LONG, **MARK)), body(text(LONG), *later, text("x", **MARK)))[1][0] > 0) == found


@pytest.mark.parametrize(
    ("model", "least"),
    [("claude-sonnet-5", 1024), ("claude-opus-4-6", 4096), ("claude-haiku-4-5", 4096), ("claude-sonnet-4-6", 2048)],
)
def test_what_is_too_short_for_its_model_is_not_kept(model: str, least: int) -> None:
    assert least_tokens(model) == least
    short, enough = ("a" * 4 * (least + change) for change in (-20, 20))
    for said, kept in ((short, False), (enough, True)):
        asked = body(text(said, **MARK), model=model)
        assert (told(asked, asked)[1][0] > 0) == kept


def test_accounts_keep_their_own() -> None:
    cache, asked = PromptCache(), body(text(LONG, **MARK))
    assert [cache.count(account, asked, 0.0).read > 0 for account in ("a", "b", "a")] == [False, False, True]


def test_a_mark_for_the_whole_request_is_the_last_blocks() -> None:
    marked, automatic = body(text(LONG, **MARK)), body(text(LONG), cache_control={"type": "ephemeral"})
    assert told(marked, automatic)[1][0] > 0


@pytest.mark.parametrize("marks", [[MARK] * 5, [MARK, HOUR]])
def test_marks_that_the_api_refuses(marks: Sequence[dict[str, Any]]) -> None:
    with pytest.raises(RefusedCacheError):
        told(body(*(text("a", **each) for each in marks)))


def test_two_lives_are_counted_apart() -> None:
    counted = PromptCache().count("a", body(text(LONG, **HOUR), text(LONG, **MARK)), 0.0)
    assert counted.usage()["cache_creation"].keys() == {"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"}
    assert min(counted.usage()["cache_creation"].values()) > OF_LONG - 20


def test_values_are_read_as_they_are_written() -> None:
    assert members(' { "a" : 1.50 , "\\u0062":[ 1,{"x":"]"} ] } ') == {"a": "1.50", "b": '[ 1,{"x":"]"} ]'}
    assert items('[ "a\\"" , [ ] ,{}]') == ['"a\\""', "[ ]", "{}"]
    assert (members("{}"), items("[ ]")) == ({}, [])
