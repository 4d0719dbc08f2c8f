"""web_search as the only tool: an honest error, and no model that could make something up."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from translator.learned_traits import LearnedTraits
from translator.stream.fold import Fold
from translator.traits import Traits

from tests.unit.gateway.fakes import Answer, FakeAnswer, FakeMemory, Harness, fine
from tests.upstreams.responses import begun, ended, search_events, text_events
from tests.vectors.refusals import openai

SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
NEWER = {"type": "web_search_20991231", "name": "search"}
LOOK = {"name": "look", "input_schema": {"type": "object"}}
ASKED = [
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Hi"},
    {"role": "user", "content": [{"type": "text", "text": "Perform a web search for the query: naïve 👩‍🚀"}]},
]
FOUND = "srvtoolu_000000000000000000000000"
SAID = "Web search is not available here: the search runs at Anthropic, and this gateway has no other."
CONTENT: list[dict[str, Any]] = [
    {
        "type": "server_tool_use",
        "id": FOUND,
        "name": "web_search",
        "input": {"query": "naïve 👩‍🚀"},
        "caller": {"type": "direct"},
    },
    {
        "type": "web_search_tool_result",
        "tool_use_id": FOUND,
        "content": {"type": "web_search_tool_result_error", "error_code": "unavailable"},
        "caller": {"type": "direct"},
    },
    {"type": "text", "text": SAID, "citations": None},
]


def searched(answer: Answer, harness: Harness) -> None:
    """No upstream was asked, nothing was reserved, and the log says what was answered."""
    assert answer.status == 200
    assert (harness.upstream.calls, harness.ledger.reservations) == ([], [])
    assert "x-edgeway-model" not in answer.headers
    assert (answer.headers["x-edgeway-attempts"], answer.headers.get("x-edgeway-dropped")) == ("0", None)
    (summary,) = harness.summaries()
    assert (summary["stop_reason"], summary["error_type"], summary["model"]) == ("end_turn", None, None)
    assert summary["output_tokens"] not in (0, 1), "what was said is counted"


@pytest.mark.failure_mode(29)
@pytest.mark.parametrize(
    ("tools", "choice"),
    [
        ([SEARCH], None),
        ([SEARCH], {"type": "auto"}),
        ([SEARCH], {"type": "any"}),
        ([SEARCH, NEWER], None),
        ([LOOK, SEARCH], {"type": "tool", "name": "web_search"}),
        ([LOOK, NEWER], {"type": "tool", "name": "search"}),
    ],
)
def test_a_search_is_answered_with_its_error(tools: list[Any], choice: Any) -> None:
    harness = Harness([])
    answer = harness.ask(messages=ASKED, tools=tools, tool_choice=choice)
    searched(answer, harness)
    message = answer.json()
    assert message["content"] == CONTENT
    assert (message["stop_reason"], message["stop_sequence"], message["stop_details"]) == ("end_turn", None, None)
    assert message["usage"]["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 0}
    assert message["usage"]["input_tokens"] > 0


@pytest.mark.failure_mode(29)
def test_a_search_is_streamed_as_the_same_answer() -> None:
    harness = Harness([])
    answer = harness.stream(messages=ASKED, tools=[SEARCH])
    searched(answer, harness)
    events = answer.events()
    assert [event["type"] for event in events] == [
        "message_start", "ping",
        "content_block_start", "content_block_delta", "content_block_stop",
        "content_block_start", "content_block_stop",
        "content_block_start", "content_block_delta", "content_block_stop",
        "message_delta", "message_stop",
    ]  # fmt: skip
    started = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    assert started == [{**CONTENT[0], "input": {}}, CONTENT[1], {**CONTENT[2], "text": ""}]
    asked, said = (event["delta"] for event in events if event["type"] == "content_block_delta")
    assert (json.loads(asked["partial_json"]), said["text"]) == (CONTENT[0]["input"], SAID)
    assert events[-2]["usage"]["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 0}
    assert events[0]["message"]["usage"]["server_tool_use"] is None


@pytest.mark.failure_mode(29)
@pytest.mark.parametrize(
    ("tools", "choice"),
    [
        ([SEARCH, LOOK], None),
        ([SEARCH, LOOK], {"type": "any"}),
        ([SEARCH, LOOK], {"type": "tool", "name": "look"}),
        ([SEARCH], {"type": "none"}),
    ],
)
def test_beside_other_tools_a_search_is_left_out_and_named(tools: list[Any], choice: Any) -> None:
    harness = Harness([fine()])
    answer = harness.ask(messages=ASKED, tools=tools, tool_choice=choice)
    assert answer.json()["content"] == [{"type": "text", "text": "Hello", "citations": None}]
    assert answer.headers["x-edgeway-dropped"] == "tools.web_search_20250305"
    (call,) = harness.upstream.calls
    assert [tool["function"]["name"] for tool in call.body.get("tools", [])] == (["look"] if LOOK in tools else [])


def test_a_search_of_whom_nobody_has_asked_for_anything() -> None:
    picture = {"type": "image", "source": {"type": "url", "url": "https://pictures.test/a.png"}}
    answer = Harness([]).ask(messages=[{"role": "user", "content": [picture]}], tools=[SEARCH])
    assert answer.json()["content"][0]["input"] == {"query": ""}


RESPONSES = "https://one.example.com/v1/responses"
SEARCHES = Traits(web_search="upstream")
PAGE = "https://a.test/1"


def searching(*answers: FakeAnswer, **more: Any) -> Harness:
    """A candidate that searches the web by itself, where it is asked for Responses."""
    return Harness(answers, **{"providers": ("one",), "dialects": ("responses",), "traits": SEARCHES, **more})


def found() -> FakeAnswer:
    events = (begun(), *search_events(0, "naïve 👩‍🚀", PAGE), *text_events(1, "It is."), ended())
    return FakeAnswer([[json.dumps(event) for event in events]])


@pytest.mark.failure_mode(29)
@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_upstream_searches_where_the_operator_has_switched_it_on(is_streamed: bool) -> None:
    harness = searching(found())
    if is_streamed:
        answer = harness.stream(messages=ASKED, tools=[SEARCH])
        fold = Fold()
        fold.feed(cast("Any", answer.events()))
        message: Any = fold.message
    else:
        answer = harness.ask(messages=ASKED, tools=[SEARCH])
        message = answer.json()
    (call,) = harness.upstream.calls
    assert (call.url, [tool["type"] for tool in call.body["tools"]]) == (RESPONSES, ["web_search"])
    asked, result, said = message["content"]
    assert (asked["input"], asked["id"]) == (CONTENT[0]["input"], f"{FOUND}_0")
    assert result["content"] == [
        {"type": "web_search_result", "url": PAGE, "title": "a.test", "encrypted_content": "", "page_age": None}
    ]
    assert said["text"] == "It is."
    assert message["usage"]["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 0}
    assert answer.headers["x-edgeway-dropped"] == "citations,tools.max_uses"
    ((usage,),) = harness.ledger.settled()
    assert usage is not None
    assert usage.web_search_requests == 1


@pytest.mark.failure_mode(29)
@pytest.mark.parametrize(
    "more",
    [
        {"dialects": ("chat",)},
        {"dialects": ("responses", "chat"), "memory": FakeMemory({"one/model": LearnedTraits({"dialect": "chat"})})},
        {"dialects": ("unspoken",)},
        {"traits": Traits()},
    ],
    ids=["chat", "learnt", "unspoken", "off"],
)
def test_nobody_is_asked_to_search_who_cannot(more: dict[str, Any]) -> None:
    harness = searching(**more)
    answer = harness.ask(messages=ASKED, tools=[SEARCH])
    searched(answer, harness)
    assert answer.json()["content"] == CONTENT


@pytest.mark.failure_mode(29)
def test_nobody_makes_up_what_a_claude_that_fails_would_find() -> None:
    """Where Anthropic's fails, its own error is told."""
    harness = Harness([FakeAnswer([], 529, body=b"{}")], providers=("claude", "one"), natives=("claude",))
    assert harness.ask(messages=ASKED, tools=[SEARCH]).status == 529
    assert len(harness.upstream.calls) == 1


@pytest.mark.failure_mode(29)
@pytest.mark.parametrize(
    "refusal",
    [
        FakeAnswer([], 404, body=b"404 page not found"),
        FakeAnswer([], 400, body=openai("Hosted tool 'web_search' is not supported with gpt-4.1-nano.")),
    ],
    ids=["no path", "no search"],
)
def test_who_turns_out_unable_to_search_makes_nothing_up(refusal: FakeAnswer) -> None:
    """It is remembered, so that the client's next try is told that there is no search."""
    memory = FakeMemory()
    harness = searching(refusal, dialects=("responses", "chat"), memory=memory)
    answer = harness.ask(messages=ASKED, tools=[SEARCH])
    assert (answer.status, len(harness.upstream.calls)) == (500, 1)
    assert "cannot search the web" in answer.json()["error"]["message"]
    assert answer.headers.get("x-should-retry") != "false"
    again = searching(dialects=("responses", "chat"), memory=memory)
    searched(again.ask(messages=ASKED, tools=[SEARCH]), again)


@pytest.mark.failure_mode(29)
def test_a_search_beside_other_tools_is_left_out_where_it_is_refused() -> None:
    refusal = FakeAnswer([], 400, body=openai("Unsupported tool type: web_search"))
    said = FakeAnswer([[json.dumps(event) for event in (begun(), *text_events(0, "Hello"), ended())]])
    harness = searching(refusal, said)
    answer = harness.ask(messages=ASKED, tools=[SEARCH, LOOK])
    assert (answer.status, len(harness.upstream.calls)) == (200, 2)
    assert [tool["name"] for tool in harness.upstream.calls[1].body["tools"]] == ["look"]
    assert answer.headers["x-edgeway-dropped"] == "tools.web_search_20250305"
