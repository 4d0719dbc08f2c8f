"""How searches are counted, when they are told, and how much of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from translator.anthropic.events import Event
from translator.caller_words import NO_WORDS
from translator.responses.answer.reader import ResponsesReader
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold
from translator.tool_names import ToolNames
from translator.traits import Traits

from tests.upstreams.responses import USAGE, Json, begun, done, ended, search, search_events, text_events


def reader() -> tuple[Emitter, ResponsesReader]:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=9)
    made = ResponsesReader(
        emitter,
        traits=Traits(),
        tool_names=ToolNames(()),
        stop_sequences=(),
        message_id="msg_1",
        input_tokens=9,
        caller_words=NO_WORDS,
        most_tokens=1000,
    )
    return emitter, made


def fed(made: ResponsesReader, events: Iterable[Json]) -> list[Event]:
    return [told for event in events for told in made.feed(json.dumps(event))]


def kinds(events: Iterable[Event]) -> list[str]:
    return [event["content_block"]["type"] for event in events if event["type"] == "content_block_start"]


THREE = (
    *search_events(0, "rain", "https://a.test"),
    *search_events(1, "snow", identity="ws_2"),
    done(2, search(identity="ws_3", status="failed")),
    done(3, {**search(identity="ws_4"), "action": {"type": "open_page", "url": "https://a.test"}}),
    *text_events(4, "Hi"),
)


@pytest.mark.failure_mode(27)
@pytest.mark.parametrize(
    ("more", "searches"),
    [
        ({}, 2),
        ({"tool_usage": {"web_search": {"num_requests": 7}}}, 7),
        ({"tool_usage": {"web_search": {"num_requests": 0}}}, 0),
        ({"tool_usage": {"web_search": {"num_requests": "x"}}}, 2),
        ({"tool_usage": {"web_search": None}}, 2),
        ({"tool_usage": [5]}, 2),
        ({"usage": None}, 2),
    ],
)
def test_what_is_counted(more: dict[str, Any], searches: int) -> None:
    """What is to be paid, else the searches that have not failed, also where no token is counted."""
    emitter, made = reader()
    events = fed(made, [begun(), *THREE, ended(**{"usage": USAGE, **more})]) + made.close()
    fold = Fold()
    fold.feed(events)
    told = {"web_search_requests": searches, "web_fetch_requests": 0} if searches else None
    assert fold.message["usage"]["server_tool_use"] == told
    assert emitter.final_usage().web_search_requests == searches
    assert (emitter.reported_usage is None) == ("usage" in more)


def test_a_search_is_told_as_soon_as_it_is_over() -> None:
    _, made = reader()
    first, *between, last = search_events(0, "rain", "https://a.test")
    assert kinds(fed(made, [begun(), first, *between])) == []
    assert kinds(fed(made, [last])) == ["server_tool_use", "web_search_tool_result"]


def test_an_opened_page_does_not_begin_a_message() -> None:
    _, made = reader()
    page = {**search(), "action": {"type": "open_page", "url": "https://a.test"}}
    assert fed(made, [begun(), done(0, page)]) == []


def test_a_text_waits_for_its_end_where_a_search_has_not_said_what_it_has_found() -> None:
    _, made = reader()
    *most, last = text_events(1, "Hi")
    assert kinds(fed(made, [begun(), *search_events(0), *most])) == ["server_tool_use"]
    assert kinds(fed(made, [last])) == ["web_search_tool_result", "text"]


@pytest.mark.failure_mode(50)
def test_many_searches_tell_a_thousand_pages() -> None:
    _, made = reader()
    pages = [f"https://a.test/{at}" for at in range(150)]
    events = fed(made, [begun(), *(done(at, search("rain", *pages, identity=f"ws_{at}")) for at in range(12))])
    told = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    counts = [len(block["content"]) for block in told if block["type"] == "web_search_tool_result"]
    assert counts == [*[100] * 10, 0]  # and the last waits for what is cited
