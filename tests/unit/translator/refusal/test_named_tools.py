"""One tool that an upstream does not take is taken away by degrees: its schema first, and then the tool."""

from __future__ import annotations

import json
from typing import Any

import pytest
from translator.anthropic.errors import ApiError
from translator.anthropic.request import MessagesRequest, parse_messages_request
from translator.caller_words import CallerWords
from translator.chat.request.request import encode_request as encode_chat
from translator.dialect import Caller
from translator.learned_traits import CorrectableError, LearnedTrait, UnexplainedError
from translator.refusal.errors import read_error
from translator.responses.request.request import encode_request as encode_responses
from translator.tools.marks import MOST_PROPERTIES, outline, schema_mark, tool_mark
from translator.tools.offered import refused_tools
from translator.traits import Traits

BROKEN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "description": "Where.", "enum": ["a", "b"]},
        "rows": {"type": "array", "items": [{"type": "string"}]},
        "any": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Whatever."},
        "yes": True,
        "$odd name": {"type": "string"},
    },
    "required": ["at"],
}
OBJECT: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
TOOLS = [
    {"name": "Read", "input_schema": OBJECT},
    {"name": "mcp__db__query", "input_schema": BROKEN},
    {"name": "edit", "input_schema": OBJECT},
]
BARE = Traits(schemas="bare")
SCHEMA, TOOL = (mark("mcp__db__query", BROKEN) for mark in (schema_mark, tool_mark))


def asked(**changes: Any) -> MessagesRequest:
    hello = [{"role": "user", "content": "Hello"}]
    return parse_messages_request({"model": "m", "max_tokens": 99, "messages": hello, "tools": TOOLS, **changes})


def read(message: str, traits: Traits = BARE, *, status: int = 400, param: str = "", **changes: Any) -> ApiError:
    body = json.dumps({"error": {"message": message, "param": param}}).encode()
    request = asked(**changes)
    return read_error(status, {}, body, caller_words=CallerWords(request), input_tokens=9, traits=traits)


def learnt(error: ApiError) -> tuple[LearnedTrait, ...]:
    return error.learned if isinstance(error, CorrectableError) and not isinstance(error, UnexplainedError) else ()


WORDINGS = [
    "Invalid schema for function 'mcp__db__query': array schema items is not an object",
    "Invalid schema for function 'mcp__db__query': In context=('properties', 'rows'), array schema missing items",
    "tools.1.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12",
    "tools[1].function.parameters: expected a mapping for items",
    "* GenerateContentRequest.tools[0].function_declarations[1].parameters.properties[rows].items: missing field.",
    "Tool mcp__db__query has an invalid definition.",
    "The function `mcp__db__query` could not be parsed: recursive references in the parameters",
    "failed to compile the schema of mcp__db__query",
    "mcp__db__query: tool parameters are nested too deeply",
    "Error building tool \"mcp__db__query\": circular definition",
    "moonshot flavored json schema error in <mcp__db__query>: parameters must be object",
    "工具 mcp__db__query 的 parameters 无效",
    "400: the properties of mcp__db__query are malformed",
    "ToolDefinition(mcp__db__query) rejected",
    "Unable to convert tool 'mcp__db__query' to a template",
]  # fmt: skip


@pytest.mark.parametrize("message", WORDINGS)
def test_the_tool_that_is_named_loses_its_schema_and_then_itself(message: str) -> None:
    assert learnt(read(message)) == (LearnedTrait("refused_tools", (SCHEMA,)),)
    outlined = Traits(schemas="bare", refused_tools=(SCHEMA,))
    assert learnt(read(message, outlined)) == (LearnedTrait("refused_tools", (TOOL,)),)
    gone = Traits(schemas="bare", refused_tools=(SCHEMA, TOOL))
    assert all(trait.value not in ((SCHEMA,), (TOOL,)) for trait in learnt(read(message, gone)))


def test_a_parameter_may_name_it() -> None:
    assert learnt(read("Invalid schema", param="tools[1].function.parameters"))[0].value == (SCHEMA,)


@pytest.mark.parametrize(
    "message",
    [
        "Invalid schema in tool Read",
        "Invalid schema for function 'Read'",
    ],
)
def test_an_english_word_counts_where_it_is_called_a_tool(message: str) -> None:
    assert learnt(read(message)) == (LearnedTrait("refused_tools", (schema_mark("Read", OBJECT),)),)


@pytest.mark.parametrize(
    "message",
    [
        "Invalid schema: please edit it. Read the documentation of function calling",
        "messages.3: tool_calls mcp__db__query: invalid arguments",
        "tool_choice: the tool mcp__db__query must be required",
        "Tool mcp__db__query was not found",
        "Tool names must be unique: mcp__db__query",
        "The tool result of mcp__db__query is missing",
        "Invalid schema for function 'another_one'",
        "Invalid schema at tools[7].function",
        "The weather in mcp__db__query is bad",
    ],
)
def test_what_is_about_something_else_takes_no_tool_away(message: str) -> None:
    assert "refused_tools" not in {trait.name for trait in learnt(read(message))}


def test_a_list_of_all_tools_accuses_none() -> None:
    names = [f"tool_{number}" for number in range(4)]
    tools = [{"name": name, "input_schema": OBJECT} for name in names]
    assert learnt(read(f"Invalid schema; functions are {', '.join(names)}", tools=tools)) == ()


def test_a_place_behind_a_tool_that_may_not_be_sent_is_unknown() -> None:
    tools = [{"type": "web_search_20250305", "name": "web_search"}, *TOOLS]
    assert learnt(read("Invalid schema at tools[1].function", tools=tools)) == ()


def test_keywords_go_before_tools() -> None:
    message = "Invalid schema for function 'mcp__db__query': 'pattern' is not permitted"
    assert learnt(read(message, Traits())) == (LearnedTrait("refused_keywords", ("pattern",)),)
    done = Traits(refused_keywords=("pattern",))
    assert learnt(read(message, done)) == (LearnedTrait("refused_tools", (SCHEMA,)),)


def test_where_a_second_tool_is_refused_all_schemas_are_made_plain() -> None:
    message = "Invalid schema for function 'mcp__db__query'"
    another = Traits(refused_tools=(schema_mark("edit", OBJECT),))
    expected = (LearnedTrait("schemas", "bare"), LearnedTrait("refused_tools", (SCHEMA,)))
    assert learnt(read(message, another)) == expected


def test_words_of_the_caller_alone_take_nothing_away() -> None:
    said = "Invalid schema for the function named mcp__db__query, it is not supported here"
    error = read(f"Bad title: {said}", system=said)
    assert "refused_tools" not in {trait.name for trait in learnt(error)}


def test_what_may_be_the_caller_s_is_not_remembered() -> None:
    error = read("'tools invalid' mcp__db__query", metadata={"user_id": "tools invalid"})
    assert isinstance(error, CorrectableError)
    assert (learnt(error)[0].name, error.lasts) == ("refused_tools", False)


CALLED: dict[str, Any] = {
    "messages": [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "mcp__db__query", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "1"}]},
    ]
}
FORCED: dict[str, Any] = {"tool_choice": {"type": "tool", "name": "mcp__db__query"}}
ONLY: dict[str, Any] = {"tool_choice": {"type": "any"}, "tools": TOOLS[1:2]}


@pytest.mark.parametrize("changes", [CALLED, FORCED], ids=["called", "forced"])
def test_a_tool_that_is_needed_is_never_left_out(changes: dict[str, Any]) -> None:
    outlined = Traits(schemas="bare", refused_tools=(SCHEMA,))
    assert learnt(read("Tool mcp__db__query has an invalid definition", outlined, **changes)) == ()


@pytest.mark.parametrize("encode", [encode_chat, encode_responses])
@pytest.mark.parametrize("changes", [CALLED, FORCED, ONLY], ids=["called", "forced", "the only one"])
def test_what_others_have_learnt_does_not_leave_it_out_either(encode: Any, changes: dict[str, Any]) -> None:
    traits = Traits(refused_tools=(TOOL,))
    encoded = encode(asked(**changes), model="m", traits=traits, caller=Caller())
    assert "mcp__db__query" in {_function(tool)["name"] for tool in encoded.body["tools"]}
    assert "tools.mcp__db__query.input_schema" in encoded.dropped


@pytest.mark.parametrize("encode", [encode_chat, encode_responses])
def test_what_is_sent_and_what_is_told(encode: Any) -> None:
    encoded = encode(asked(), model="m", traits=Traits(refused_tools=(SCHEMA,)), caller=Caller())
    query = next(each for tool in encoded.body["tools"] if (each := _function(tool))["name"] == "mcp__db__query")
    assert query["parameters"] == {
        "type": "object",
        "properties": {
            "at": {"type": "string", "description": "Where."},
            "rows": {"type": "array", "items": {}},
            "any": {"description": "Whatever."},
            "yes": {},
        },
    }
    assert encoded.dropped == ("tools.mcp__db__query.input_schema",)
    encoded = encode(asked(), model="m", traits=Traits(refused_tools=(SCHEMA, TOOL)), caller=Caller())
    assert [_function(tool)["name"] for tool in encoded.body["tools"]] == ["Read", "edit"]
    assert encoded.dropped == ("tools.mcp__db__query",)


def test_another_schema_is_another_tool() -> None:
    request = asked()
    traits = Traits(refused_tools=(tool_mark("mcp__db__query", OBJECT), schema_mark("Edit", OBJECT)))
    assert refused_tools(request.tools or (), request, traits) == (frozenset(), frozenset())


def test_a_tool_whose_schema_is_an_outline_goes_at_once() -> None:
    plain = {"type": "object", "properties": {"path": {"type": "string"}}}
    tools = [{"name": "mcp__db__query", "input_schema": plain}]
    learned = learnt(read("Tool mcp__db__query has an invalid definition", tools=tools))
    assert learned == (LearnedTrait("refused_tools", (tool_mark("mcp__db__query", plain),)),)


def test_an_outline_has_an_end() -> None:
    many = {f"p{number}": {"type": "string"} for number in range(100)}
    assert len(outline({"properties": many})["properties"]) == MOST_PROPERTIES
    assert outline({"properties": []}) == {"type": "object", "properties": {}}


def _function(tool: dict[str, Any]) -> dict[str, Any]:
    function: dict[str, Any] = tool.get("function", tool)
    return function
