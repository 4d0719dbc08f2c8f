"""When a request can only be about a search, and the events of the answer."""

from __future__ import annotations

from typing import Any

import pytest
from translator.anthropic.request import parse_messages_request
from translator.stream.emitter import Emitter
from translator.web_search import UNAVAILABLE, is_only_web_search, unavailable

from tests.laws import check, text_of
from tests.vectors.requests import LOOK, ask, text, user

SEARCH = {"type": "web_search_20260318", "name": "web_search"}


@pytest.mark.failure_mode(29)
@pytest.mark.parametrize(
    ("tools", "choice", "is_only"),
    [
        (None, None, False),
        ([], None, False),
        ([SEARCH], None, True),
        ([SEARCH], {"type": "any"}, True),
        ([SEARCH], {"type": "none"}, False),
        ([SEARCH, LOOK], None, False),
        ([SEARCH, LOOK], {"type": "tool", "name": "web_search"}, True),
        ([SEARCH, LOOK], {"type": "tool", "name": "look"}, False),
        ([{**LOOK, "name": "web_search"}], {"type": "tool", "name": "web_search"}, False),
        ([{"type": "web_fetch_20250910", "name": "web_fetch"}], None, False),
    ],
)
def test_when_it_is_the_only_thing(tools: Any, choice: Any, is_only: bool) -> None:
    assert is_only_web_search(parse_messages_request(ask(tools=tools, tool_choice=choice))) is is_only


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ([user("rain")], "rain"),
        ([user("Perform a web search for the query: rain")], "rain"),
        ([user(text("context"), text("rain")), {"role": "assistant", "content": "Hm."}], "rain"),
        ([user("rain"), {"role": "system", "content": "Be brief."}], "rain"),
        ([{"role": "assistant", "content": "Hm."}], ""),
    ],
)
def test_what_is_searched_for(said: Any, query: str) -> None:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=9)
    request = parse_messages_request(ask(*said, tools=[SEARCH]))
    events = unavailable(request, emitter, message_id="msg_1", input_tokens=9)
    check(events)
    (asked,) = (each["delta"] for each in events if each["type"] == "content_block_delta" and each["index"] == 0)
    assert (asked, text_of(events)) == (
        {"type": "input_json_delta", "partial_json": f'{{"query":"{query}"}}'},
        UNAVAILABLE,
    )
    assert emitter.final_usage().web_search_requests == 1
