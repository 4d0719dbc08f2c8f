"""Tools: own ones, long names, typed ones, deferred ones (wire.md 4.4; failure modes 29, 33, 34)."""

from dataclasses import replace
from typing import Any

from translator.prompt.client_tools import CLIENT_TOOLS, EARLIER_TOOLS

from tests.vectors.requests import (
    LOOK,
    LOOK_FUNCTION,
    PLAIN,
    Json,
    RefusedCase,
    RequestCase,
    ask,
    assistant,
    call,
    calls,
    sent,
    tool,
    tool_result,
    tool_use,
    user,
)

EMPTY = {"type": "object", "properties": {}}
CITY: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
LONG = "mcp__plugin_developer_tools_postgres_database__execute_readonly_query_with_limit"
SHORTENED = "mcp__plugin_developer_tools_postgres_database__execute__30c1ed28"
DEFERRED = {**LOOK, "name": "later", "defer_loading": True}
DEFERRED_2 = {**LOOK, "name": "sooner", "defer_loading": True}
PLACEHOLDER = {**LOOK, "name": "DeferredToolPlaceholder"}


def defined(definition: Json) -> Json:
    """A tool that the conversation defines."""
    return {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": definition}}


def function(name: str = "look", parameters: Json = EMPTY, **more: Any) -> Json:
    return {"type": "function", "function": {"name": name, **more, "parameters": parameters}}


def loaded(*names: str) -> list[Json]:
    """A conversation in which a search has found these tools."""
    references = [{"type": "tool_reference", "tool_name": name} for name in names]
    return [user("Find"), assistant(tool_use("toolu_1", "find")), user(tool_result("toolu_1", references))]


def sent_loaded(*names: str) -> list[Json]:
    """The same conversation, as it is sent."""
    found = "\n".join(f"Tool loaded: {name}" for name in names)
    return [user("Find"), calls(call("toolu_1", "find")), tool("toolu_1", found)]


def change(kind: str, name: str) -> Json:
    return {"type": kind, "tool": {"type": "tool_reference", "name": name}}


def typed(kind: str, name: str, offered: Json, sent_name: str) -> RequestCase:
    """A typed tool that the caller runs itself."""
    return RequestCase(
        id=f"typed-{kind}",
        why="the model only has to know its shape, under the name that the caller knows",
        request=ask(tools=[{"type": kind, "name": name}]),
        body=sent(tools=[{"type": "function", "function": {**offered, "name": sent_name}}]),
    )


TEXT_EDITOR = CLIENT_TOOLS["text_editor_"]
EXAMPLE = '\n\nExamples of input:\n{"command":"ls"}'

SERVER_TOOLS = (
    "web_search_20250305",
    "web_search_20260318",
    "web_fetch_20250910",
    "code_execution_20260521",
    "advisor_20260301",
    "mcp_toolset",
    "something_else_20270101",
)

CASES = [
    RequestCase(
        id="tool",
        why="name, description and schema; the rest means nothing to another vendor",
        request=ask(
            tools=[
                {
                    "type": "custom",
                    "name": "weather",
                    "description": "Tells the weather.",
                    "input_schema": CITY,
                    "cache_control": {"type": "ephemeral"},
                    "eager_input_streaming": True,
                    "allowed_callers": ["direct"],
                }
            ]
        ),
        body=sent(tools=[function("weather", CITY, description="Tells the weather.")]),
    ),
    RequestCase(
        id="tool-without-description",
        why="none is made up",
        request=ask(tools=[LOOK]),
        body=sent(tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="tool-with-examples",
        why="there is no field for them, so the description holds them",
        request=ask(tools=[{**LOOK, "description": "Looks.", "input_examples": [{"at": "north"}, {"at": 1}]}]),
        body=sent(tools=[function(description='Looks.\n\nExamples of input:\n{"at":"north"}\n{"at":1}')]),
    ),
    RequestCase(
        id="tool-with-examples-only",
        why="without a description they are it",
        request=ask(tools=[{**LOOK, "input_examples": [{"at": "north"}]}]),
        body=sent(tools=[function(description='Examples of input:\n{"at":"north"}')]),
    ),
    RequestCase(
        id="schema-bare",
        why="failure mode 33: OpenAI refuses an object without properties",
        request=ask(tools=[{"name": "look", "input_schema": {"type": "object"}}]),
        body=sent(tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="schema-empty",
        why="failure mode 33: and a schema without a type",
        request=ask(tools=[{"name": "look", "input_schema": {}}]),
        body=sent(tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="schema-without-type",
        why="also where there are properties",
        request=ask(tools=[{"name": "look", "input_schema": {"properties": {"a": {}}, "$schema": "x"}}]),
        body=sent(tools=[function(parameters={"properties": {"a": {}}, "$schema": "x", "type": "object"})]),
    ),
    RequestCase(
        id="schema-with-null-properties",
        why="failure mode 33: null is not an object",
        request=ask(tools=[{"name": "look", "input_schema": {"type": "object", "properties": None}}]),
        body=sent(tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="strict",
        why="a schema that fits OpenAI's strict mode",
        request=ask(tools=[{"name": "weather", "input_schema": CITY, "strict": True}]),
        body=sent(tools=[{"type": "function", "function": {"name": "weather", "parameters": CITY, "strict": True}}]),
    ),
    RequestCase(
        id="strict-does-not-fit",
        why="failure mode 33: called strict wrongly it would be refused",
        request=ask(tools=[{**LOOK, "strict": True}]),
        body=sent(tools=[LOOK_FUNCTION]),
        dropped=("tools.strict",),
    ),
    RequestCase(
        id="strict-unknown",
        why="an upstream without schemas has no strict mode",
        request=ask(tools=[{"name": "weather", "input_schema": CITY, "strict": True}]),
        body=sent(tools=[function("weather", CITY)]),
        dropped=("tools.strict",),
        traits=replace(PLAIN, structured_output="json_object"),
    ),
    RequestCase(id="no-tools", why="an empty list is no list", request=ask(tools=[]), body=sent()),
    RequestCase(
        id="name-too-long",
        why="failure mode 33: 64 characters; the same name in the tools, the history and the choice",
        request=ask(
            user("Query"),
            assistant(tool_use("toolu_1", LONG)),
            user(tool_result("toolu_1")),
            tools=[{**LOOK, "name": LONG}],
            tool_choice={"type": "tool", "name": LONG},
        ),
        body=sent(
            user("Query"),
            calls(call("toolu_1", SHORTENED)),
            tool("toolu_1"),
            tools=[function(SHORTENED)],
            tool_choice={"type": "function", "function": {"name": SHORTENED}},
        ),
    ),
    RequestCase(
        id="name-with-other-letters",
        why="failure mode 33: letters, digits, _ and - only",
        request=ask(tools=[{**LOOK, "name": "schauen.früh"}]),
        body=sent(tools=[function("schauen_fr_h_d4318690")]),
    ),
    typed("bash_20250124", "bash", CLIENT_TOOLS["bash_"], "bash"),
    *(
        typed(f"text_editor_{date}", "str_replace_based_edit_tool", TEXT_EDITOR, "str_replace_based_edit_tool")
        for date in (20250429, 20250728, 20991231)
    ),
    *(
        typed(kind, "str_replace_editor", EARLIER_TOOLS[kind], "str_replace_editor")
        for kind in ("text_editor_20241022", "text_editor_20250124")
    ),
    typed("memory_20250818", "memory", CLIENT_TOOLS["memory_"], "memory"),
    typed("bash_20990101", "bash of mine", CLIENT_TOOLS["bash_"], "bash_of_mine_dac443b8"),
    RequestCase(
        id="typed-without-a-name",
        why="the official name",
        request=ask(tools=[{"type": "bash_20250124"}]),
        body=sent(tools=[{"type": "function", "function": CLIENT_TOOLS["bash_"]}]),
    ),
    RequestCase(
        id="typed-with-examples",
        why="its schema is ours, and not one that can be strict",
        request=ask(
            tools=[{"type": "bash_20250124", "name": "bash", "strict": True, "input_examples": [{"command": "ls"}]}]
        ),
        body=sent(
            tools=[
                {
                    "type": "function",
                    "function": {
                        **CLIENT_TOOLS["bash_"],
                        "description": CLIENT_TOOLS["bash_"]["description"] + EXAMPLE,
                    },
                }
            ]
        ),
        dropped=("tools.strict",),
    ),
    *(
        RequestCase(
            id=f"server-{kind}",
            why="failure mode 29: what runs at Anthropic cannot be offered: named, never a 400",
            request=ask(tools=[LOOK, {"type": kind, "name": "web", "max_uses": 8}]),
            body=sent(tools=[LOOK_FUNCTION]),
            dropped=(f"tools.{kind}",),
        )
        for kind in SERVER_TOOLS
    ),
    RequestCase(
        id="server-tool-alone",
        why="failure mode 29: no list of no tools",
        request=ask(tools=[{"type": "web_fetch_20250910", "name": "web_fetch"}]),
        body=sent(),
        dropped=("tools.web_fetch_20250910",),
    ),
    RequestCase(
        id="deferred-placeholder",
        why="failure mode 34: it stands for tools that are not there",
        request=ask(tools=[PLACEHOLDER, LOOK]),
        body=sent(tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="deferred-unloaded",
        why="failure mode 34: a deferred tool costs no context before a search has found it",
        request=ask(tools=[DEFERRED, LOOK]),
        body=sent(tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="deferred-loaded",
        why="failure mode 34: found tools stand last, in the order of being found, or the prompt cache misses",
        request=ask(*loaded("sooner", "later", "sooner"), tools=[DEFERRED, LOOK, DEFERRED_2]),
        body=sent(
            *sent_loaded("sooner", "later", "sooner"),
            tools=[LOOK_FUNCTION, function("sooner"), function("later")],
        ),
    ),
    RequestCase(
        id="deferred-reference-to-nothing",
        why="failure mode 34: a tool that the caller has since taken out",
        request=ask(*loaded("gone"), tools=[LOOK]),
        body=sent(*sent_loaded("gone"), tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="deferred-added",
        why="tool_addition loads a tool as well",
        request=ask(user({"type": "text", "text": "Hi"}, change("tool_addition", "later")), tools=[DEFERRED, LOOK]),
        body=sent(user("Hi"), tools=[LOOK_FUNCTION, function("later")]),
    ),
    RequestCase(
        id="deferred-added-among-instructions",
        why="tool changes may stand within a mid_conv_system block",
        request=ask(
            user(
                {"type": "text", "text": "Hi"},
                {
                    "type": "mid_conv_system",
                    "content": [
                        {"type": "text", "text": "Now look."},
                        change("tool_addition", "later"),
                        change("tool_removal", "look"),
                    ],
                },
            ),
            tools=[DEFERRED, LOOK],
        ),
        body=sent(
            user(
                {"type": "text", "text": "Hi"},
                {"type": "text", "text": "<system-reminder>\nNow look.\n</system-reminder>"},
            ),
            tools=[function("later")],
        ),
    ),
    RequestCase(
        id="tool-defined-among-messages",
        why="a tool that the conversation defines is offered like any other, after those of the request",
        request=ask(
            user({"type": "text", "text": "Hi"}, defined({**LOOK, "name": "inline"})),
            {"role": "system", "content": [defined({**LOOK, "name": "second", "defer_loading": True})]},
            tools=[LOOK],
            tool_choice={"type": "tool", "name": "inline"},
        ),
        body=sent(
            user("Hi"),
            tools=[LOOK_FUNCTION, function("inline"), function("second")],
            tool_choice={"type": "function", "function": {"name": "inline"}},
        ),
    ),
    RequestCase(
        id="tool-defined-without-others",
        why="it needs no `tools`, may be of Anthropic's own types, and stands for one of the same name",
        request=ask(
            user(
                {"type": "text", "text": "Hi"},
                {"type": "mid_conv_system", "content": [defined({"type": "bash_20250124", "name": "look"})]},
            ),
            tools=[LOOK],
            tool_choice={"type": "any"},
        ),
        body=sent(
            user("Hi"),
            tools=[
                {"type": "function", "function": {**CLIENT_TOOLS["bash_"], "name": "look"}},
            ],
            tool_choice="required",
        ),
    ),
    RequestCase(
        id="tool-defined-and-removed",
        why="the last word counts, also by reference to what the conversation has defined",
        request=ask(
            user({"type": "text", "text": "Hi"}, defined({**LOOK, "name": "inline"}), defined(LOOK)),
            {"role": "system", "content": [change("tool_removal", "inline")]},
        ),
        body=sent(user("Hi"), tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="tool-defined-that-cannot-be-offered",
        why="what runs at Anthropic is named as dropped, wherever it is defined",
        request=ask(
            user(
                {"type": "text", "text": "Hi"},
                defined({"type": "mcp_toolset", "mcp_server_name": "m"}),
                defined({"type": "code_execution_20250825", "name": "code_execution"}),
                defined(LOOK),
            ),
        ),
        body=sent(user("Hi"), tools=[LOOK_FUNCTION]),
        dropped=("tools.mcp_toolset", "tools.code_execution_20250825"),
    ),
    RequestCase(
        id="tool-removed",
        why="tool_removal takes one away, the last word counts",
        request=ask(
            user({"type": "text", "text": "Hi"}, change("tool_addition", "later"), change("tool_removal", "look")),
            {"role": "system", "content": [change("tool_removal", "later")]},
            tools=[LOOK, DEFERRED, {**LOOK, "name": "stay"}],
        ),
        body=sent(user("Hi"), tools=[function("stay")]),
    ),
    RequestCase(
        id="tool-change-of-a-whole-toolset",
        why="an MCP server's tools are not among ours",
        request=ask(
            user({"type": "text", "text": "Hi"}, {"type": "tool_removal", "tool": {"type": "mcp_toolset_reference"}}),
            tools=[LOOK],
        ),
        body=sent(user("Hi"), tools=[LOOK_FUNCTION]),
    ),
    RequestCase(
        id="tool-search-at-anthropic",
        why="failure mode 34: without the search the model must see everything",
        request=ask(tools=[{"type": "tool_search_tool_bm25_20251119", "name": "tool_search"}, DEFERRED, LOOK]),
        body=sent(tools=[function("later"), LOOK_FUNCTION]),
        dropped=("tools.tool_search_tool_bm25_20251119",),
    ),
]

REFUSED = [
    RefusedCase(
        id="typed-without-a-name-alike",
        why="upstreams refuse two functions of one name",
        request=ask(tools=[{"type": "bash_20250124"}, {**LOOK, "name": "bash"}]),
        message="tools: Tool names must be unique.",
    ),
    *(
        RefusedCase(
            id=f"typed-{kind}",
            why="leaving it out would change the meaning, and no other model can use it",
            request=ask(tools=[LOOK, {"type": kind, "name": "computer"}]),
            message=f"tools: {told} is not supported by this gateway",
        )
        for kind, told in (
            ("computer_toolset_20260801", "computer_toolset_20260801"),
            ("computer_20250124", "computer_20250124"),
            ("browser_toolset_20260801", "browser_toolset_20260801"),
            ("computer_ my secret", "…"),
        )
    ),
]
