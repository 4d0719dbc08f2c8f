"""What both SDKs get from a real model through the gateway."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.real.asking import MODEL
from tests.real.conftest import Ask

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def result(call: str, text: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call, "content": text}]}


def example(call: str, city: str, weather: str) -> list[dict[str, Any]]:
    """A turn with a tool call: a model this small calls a tool only once it has seen how."""
    called = {"type": "tool_use", "id": call, "name": "get_weather", "input": {"city": city}}
    return [
        user(f"What is the weather in {city}?"),
        assistant([called]),
        result(call, weather),
        assistant(f"{weather} in {city}."),
    ]


EXAMPLES = [
    *example("toolu_1", "Rome", "Sun"),
    *example("toolu_2", "Oslo", "Snow"),
    *example("toolu_3", "Cairo", "Heat"),
]


def text(message: dict[str, Any]) -> str:
    return "".join(block["text"] for block in message["content"] if block["type"] == "text")


def test_an_answer_and_its_usage(ask: Ask) -> None:
    pairs = {"Italy": "Rome", "Germany": "Berlin", "Spain": "Madrid"}
    turns = [turn for land, city in pairs.items() for turn in (user(f"The capital of {land}?"), assistant(f"{city}."))]
    message = ask({"messages": [*turns, user("The capital of France?")]})
    assert "Paris" in text(message)
    assert (message["stop_reason"], message["model"]) == ("end_turn", MODEL)
    usage = message["usage"]
    assert usage["input_tokens"] + usage["cache_read_input_tokens"] > 10
    assert 0 < usage["output_tokens"] < 100


def test_the_system_prompt_is_read(ask: Ask) -> None:
    counts = []
    for repeated in (1, 10):
        system = "You are brief. " * repeated
        usage = ask({"system": system, "messages": [user("Say hello.")], "max_tokens": 1})["usage"]
        counts.append(usage["input_tokens"] + usage["cache_read_input_tokens"])
    assert counts[1] - counts[0] > 9 * 3  # words, each of which is a token or more


def test_max_tokens(ask: Ask) -> None:
    message = ask({"messages": [user("Tell me a story.")], "max_tokens": 7})
    assert (message["stop_reason"], message["usage"]["output_tokens"]) == ("max_tokens", 7)
    assert text(message)


def test_stop_sequences(ask: Ask) -> None:
    asked = [user("Count from one to ten, separated by commas: one, two, three")]
    message = ask({"messages": asked, "stop_sequences": ["###", ","]})
    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", ",")
    assert "," not in text(message)


def test_a_tool_is_called_and_its_result_read(ask: Ask) -> None:
    asked = [*EXAMPLES, user("What is the weather in Paris?")]
    message = ask({"messages": asked, "tools": [WEATHER]})
    (call,) = [block for block in message["content"] if block["type"] == "tool_use"]
    assert (call["name"], call["input"], message["stop_reason"]) == ("get_weather", {"city": "Paris"}, "tool_use")
    answer = ask({"messages": [*asked, assistant(message["content"]), result(call["id"], "Rain")], "tools": [WEATHER]})
    assert answer["stop_reason"] == "end_turn"
    assert "rain" in text(answer).lower()


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "get_weather"}], ids=["any", "tool"])
def test_a_forced_tool(ask: Ask, choice: dict[str, str]) -> None:
    asked = [*EXAMPLES, user("What is the weather in London?")]
    message = ask({"messages": asked, "tools": [WEATHER], "tool_choice": choice})
    assert [block["input"] for block in message["content"] if block["type"] == "tool_use"] == [{"city": "London"}]
    assert message["stop_reason"] == "tool_use"


def test_a_json_schema(ask: Ask) -> None:
    output = {"format": {"type": "json_schema", "schema": PERSON}}
    message = ask({"messages": [user("Alice is 31 years old.")], "output_config": output})
    jsonschema.validate(json.loads(text(message)), PERSON)
    assert message["stop_reason"] == "end_turn"
