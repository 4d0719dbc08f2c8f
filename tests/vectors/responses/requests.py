"""Requests of the Messages API, and the whole request of Responses that each must become (responses.md 1 to 3)."""

from dataclasses import replace
from typing import Any

from translator.anthropic.events import encode_json
from translator.dialect import Caller
from translator.signatures import EncryptedReasoning, seal_encrypted
from translator.traits import COMMON_FIELDS, Traits

from tests.vectors.requests import HELLO, Json, RequestCase

OPENAI = Traits(
    fields=COMMON_FIELDS.union(
        ("parallel_tool_calls", "service_tier", "safety_identifier", "prompt_cache_key", "store"),
        ("include", "summary", "include_obfuscation", "phase", "max_tool_calls"),
    ),
    efforts=("none", "low", "medium", "high", "xhigh", "max"),
    mid_system="keep",
    pdf=True,
    reasoning_scope="here",
    cache_marker="prompt_cache_breakpoint",
)
PLAIN = Traits()
BLOB = "gAAAA" + "x" * 20_000
ELSEWHERE = seal_encrypted(EncryptedReasoning("there", "gAAAA0"))
INCLUDE = ["reasoning.encrypted_content"]
CALL: Json = {"type": "tool_use", "id": "call_a", "name": "look", "input": {"at": 1}}
SENT_CALL: Json = {"type": "function_call", "call_id": "call_a", "name": "look", "arguments": '{"at":1}'}
LONG_ID = "x" * 300
HASHED = "call_bf9c91a5a210f819ff4ac596"
SCHEMA: Json = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
TOLD = "Answer with one JSON object that fits this JSON schema, and nothing else:\n"
PIXEL: Json = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
PAPER: Json = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="}}


def thought(text: str, blob: str, scope: str = "here") -> Json:
    return {"type": "thinking", "thinking": text, "signature": seal_encrypted(EncryptedReasoning(scope, blob))}


def reasoning(blob: str, *summary: str) -> Json:
    texts = [{"type": "summary_text", "text": text} for text in summary]
    return {"type": "reasoning", "summary": texts, "encrypted_content": blob}


def user(content: Any) -> Json:
    return {"type": "message", "role": "user", "content": content}


def said(text: str, phase: str = "") -> Json:
    return {"role": "assistant", "content": text, **({"phase": phase} if phase else {})}


def result(tool_use_id: str, content: Any = "done", **more: Any) -> Json:
    return {"type": "tool_result", "tool_use_id": tool_use_id, "content": content, **more}


def output(call_id: str, content: Any = "done") -> Json:
    return {"type": "function_call_output", "call_id": call_id, "output": content}


def ask(*messages: Json, **fields: Any) -> Json:
    return {"model": "gpt-5.6", "max_tokens": 1000, "messages": list(messages) or [HELLO], **fields}


def turns(*turn: Any) -> tuple[Json, ...]:
    """Messages of the user's and the assistant's by turns."""
    return tuple({"role": ("user", "assistant")[at % 2], "content": content} for at, content in enumerate(turn))


def case(
    identity: str,
    why: str,
    request: Json,
    body: Json,
    *dropped: str,
    traits: Traits = PLAIN,
    caller: Caller | None = None,
) -> RequestCase:
    whole = {"model": "upstream-model", "input": [user("Hello")], "max_output_tokens": 1000, "stream": True, **body}
    return RequestCase(
        id=identity, why=why, request=request, body=whole, dropped=dropped, traits=traits, caller=caller or Caller()
    )


def history(
    identity: str, why: str, messages: tuple[Json, ...], *items: Json, dropped: tuple[str, ...] = (), **traits: Any
) -> RequestCase:
    """A conversation, and the items that it becomes."""
    return case(
        identity,
        why,
        ask(*messages),
        {"input": list(items)},
        *dropped,
        traits=replace(PLAIN, reasoning_scope="here", **traits),
    )


def search(
    identity: str, why: str, tools: list[Json], body: Json, *dropped: str, asked: Json | None = None, **traits: Any
) -> RequestCase:
    """A search of the web where the operator has switched it on."""
    more = {"web_search": "upstream", **traits}
    return case(
        identity, why, ask(tools=tools, **(asked or {})), body, "citations", *dropped, traits=replace(PLAIN, **more)
    )


SEARCH: Json = {"type": "web_search_20250305", "name": "web_search"}
SENT_SEARCH: Json = {
    "type": "web_search",
    "user_location": {"type": "approximate"},
    "search_context_size": "medium",
}
LOOK: Json = {"name": "look", "input_schema": {"type": "object"}}
SENT_LOOK: Json = {
    "type": "function",
    "name": "look",
    "parameters": {"type": "object", "properties": {}},
    "strict": False,
}
FOUND = "web_search_call.action.sources"
ADAPTIVE: Json = {"type": "adaptive"}
ALWAYS = {"store": False, "stream_options": {"include_obfuscation": False}}

CASES = [
    case("hello", "nothing but what must be", ask(), {}),
    case("few-tokens", "fewer than 16 are refused", ask(max_tokens=1), {"max_output_tokens": 16}),
    case(
        "ceiling",
        "more than the model can give is lowered",
        ask(),
        {"max_output_tokens": 500},
        traits=replace(PLAIN, max_output_tokens=500),
    ),
    case(
        "everything-for-openai",
        "failure mode 25: effort, summary, nothing stored, what was encrypted, and a key of the cache",
        ask(
            thinking=ADAPTIVE, output_config={"effort": "max"}, service_tier="standard_only", temperature=0.5, top_p=0.9
        ),
        {
            "reasoning": {"effort": "max", "summary": "auto"},
            "include": INCLUDE,
            "temperature": 0.5,
            "top_p": 0.9,
            "service_tier": "default",
            "prompt_cache_key": "s",
            "safety_identifier": "u",
            **ALWAYS,
        },
        traits=OPENAI,
        caller=Caller(session="s", user="u"),
    ),
    case("auto-tier", "what everybody does anyway is not named", ask(service_tier="auto"), {}),
    case("top-k", "no upstream of this dialect knows it", ask(top_k=3), {}, "top_k"),
    case(
        "no-temperature",
        "a model that refuses it",
        ask(temperature=0.5),
        {},
        "temperature",
        traits=replace(PLAIN, fields=frozenset()),
    ),
    case(
        "thinking-omitted",
        "sealed thinking needs no summary",
        ask(thinking={**ADAPTIVE, "display": "omitted"}),
        {"reasoning": {"effort": "medium"}, "include": INCLUDE, **ALWAYS},
        traits=OPENAI,
    ),
    case(
        "thinking-not-asked",
        "it thinks as much as it likes, and gets back what it thought",
        ask(),
        {"include": INCLUDE, **ALWAYS},
        traits=OPENAI,
    ),
    case(
        "thinking-off",
        "nothing is encrypted where nothing is thought",
        ask(thinking={"type": "disabled"}),
        {"reasoning": {"effort": "none"}, **ALWAYS},
        traits=OPENAI,
    ),
    case(
        "claude-code-side-request",
        "an effort without thinking is not meant",
        ask(output_config={"effort": "high"}),
        {"reasoning": {"effort": "none"}, **ALWAYS},
        traits=OPENAI,
        caller=Caller(is_claude_code=True),
    ),
    case(
        "thinking-cannot-stop",
        "the least that there is, and it is named",
        ask(thinking={"type": "disabled"}),
        {"reasoning": {"effort": "low"}},
        "thinking",
        traits=replace(PLAIN, efforts=("low", "high")),
    ),
    case(
        "thinking-nearly-stops",
        "minimal is as good as none",
        ask(thinking={"type": "disabled"}),
        {"reasoning": {"effort": "minimal"}},
        traits=replace(PLAIN, efforts=("minimal", "high")),
    ),
    case(
        "thinking-impossible",
        "a model that does not reason is sent no field",
        ask(thinking=ADAPTIVE, output_config={"effort": "low"}),
        {},
        "thinking",
        "output_config.effort",
    ),
    case(
        "thinking-forbidden",
        "the operator or a refusal has switched it off",
        ask(thinking=ADAPTIVE),
        {"reasoning": {"effort": "none"}},
        "thinking",
        traits=replace(PLAIN, efforts=("none", "high"), thinking="off"),
    ),
    case(
        "system",
        "blocks joined, without Claude Code's attribution",
        ask(
            system=[
                {"type": "text", "text": "x-anthropic-billing-header: a"},
                {"type": "text", "text": "Be"},
                {"type": "text", "text": "brief."},
            ]
        ),
        {"instructions": "Be\n\nbrief."},
    ),
    case(
        "system-cached",
        "failure mode 38: `instructions` holds no mark of a cache: the first item does",
        ask(
            system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
        ),
        {
            "input": [
                {
                    "type": "message",
                    "role": "developer",
                    "content": [
                        {
                            "type": "input_text",
                            "text": "Be brief.",
                            "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"},
                        },
                        {
                            "type": "input_text",
                            "text": TOLD + encode_json(SCHEMA).decode(),
                        },
                    ],
                },
                user("Hello"),
            ],
        },
        "output_config.format",
        traits=replace(PLAIN, cache_marker="prompt_cache_breakpoint", structured_output="none"),
    ),
    case(
        "cache-of-too-many",
        "failure mode 38: the last three marks are kept, in outputs too",
        ask(
            *turns(
                [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}} for text in "abc"],
                [CALL],
                [result("call_a", cache_control={"type": "ephemeral"})],
            )
        ),
        {
            "input": [
                user(
                    [
                        {"type": "input_text", "text": "a"},
                        *(
                            {"type": "input_text", "text": text, "prompt_cache_breakpoint": {"mode": "explicit"}}
                            for text in "bc"
                        ),
                    ]
                ),
                SENT_CALL,
                output(
                    "call_a", [{"type": "input_text", "text": "done", "prompt_cache_breakpoint": {"mode": "explicit"}}]
                ),
            ]
        },
        "cache_control",
        traits=replace(PLAIN, cache_marker="prompt_cache_breakpoint"),
    ),
    case(
        "format",
        "a schema stands beside its name, not below it",
        ask(output_config={"format": {"type": "json_schema", "schema": SCHEMA}}),
        {"text": {"format": {"type": "json_schema", "name": "output", "schema": SCHEMA, "strict": True}}},
    ),
    case(
        "format-json-only",
        "where no schema is known, the model is told",
        ask(output_config={"format": {"type": "json_schema", "schema": {}}}, system="Be brief."),
        {
            "instructions": f"Be brief.\n\n{TOLD}{{}}",
            "text": {"format": {"type": "json_object"}},
        },
        "output_config.format",
        traits=replace(PLAIN, structured_output="json_object"),
    ),
    case(
        "tools",
        "responses.md 7.51: never strict unless asked, and flat",
        ask(
            tools=[
                {"name": "look", "description": "Look.", "input_schema": {"type": "object"}},
                {"name": "hear", "input_schema": SCHEMA, "strict": True},
            ],
            tool_choice={"type": "tool", "name": "look", "disable_parallel_tool_use": True},
        ),
        {
            "tools": [
                {
                    "type": "function",
                    "name": "look",
                    "description": "Look.",
                    "parameters": {"type": "object", "properties": {}},
                    "strict": False,
                },
                {"type": "function", "name": "hear", "parameters": SCHEMA, "strict": True},
            ],
            "tool_choice": {"type": "function", "name": "look"},
            "parallel_tool_calls": False,
            "include": INCLUDE,
            **ALWAYS,
        },
        traits=OPENAI,
    ),
    case(
        "tool-alone",
        "a server that takes no name is offered the tool alone",
        ask(
            tools=[{"name": name, "input_schema": {"type": "object"}} for name in ("look", "hear")],
            tool_choice={"type": "tool", "name": "hear"},
        ),
        {
            "tools": [
                {
                    "type": "function",
                    "name": "hear",
                    "parameters": {"type": "object", "properties": {}},
                    "strict": False,
                }
            ],
            "tool_choice": "required",
        },
        traits=replace(PLAIN, tool_choice="unnamed"),
    ),
    case(
        "long-description",
        "what a description may not hold is told in the instructions",
        ask(tools=[{"name": "look", "description": "abc", "input_schema": {"type": "object"}}]),
        {
            "instructions": "More about the tool `look`: c",
            "tools": [
                {
                    "type": "function",
                    "name": "look",
                    "description": "ab",
                    "parameters": {"type": "object", "properties": {}},
                    "strict": False,
                }
            ],
        },
        traits=replace(PLAIN, max_tool_description=2),
    ),
    history(
        "image",
        "a picture says how closely to look",
        turns([PIXEL]),
        user([{"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"}]),
    ),
    history(
        "document",
        "a file has a name and no detail",
        turns([PAPER]),
        user([{"type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,AA=="}]),
        pdf=True,
    ),
    history(
        "image-of-a-tool",
        "failure mode 31: an output holds images and files itself",
        turns("Hello", [CALL], [result("call_a", [{"type": "text", "text": "seen"}, PIXEL, PAPER])]),
        user("Hello"),
        SENT_CALL,
        output(
            "call_a",
            [
                {"type": "input_text", "text": "seen"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
                {"type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,AA=="},
            ],
        ),
        pdf=True,
    ),
    history(
        "image-of-a-tool-elsewhere",
        "a server whose outputs hold text only",
        turns(
            "Hello",
            [CALL],
            [result("call_a", [{"type": "text", "text": "seen"}, PIXEL]), {"type": "text", "text": "And?"}],
        ),
        user("Hello"),
        SENT_CALL,
        output("call_a", "seen\n[attachment 1 below]"),
        user(
            [
                {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
                {"type": "input_text", "text": "And?"},
            ]
        ),
        tool_output="text",
    ),
    history(
        "output-empty",
        "an output says something",
        turns("Hello", [CALL], [result("call_a", "")]),
        user("Hello"),
        SENT_CALL,
        output("call_a", "(no output)"),
    ),
    history(
        "output-error",
        "an error says that it is one, once",
        turns(
            "Hello",
            [CALL, {**CALL, "id": "call_b"}, {**CALL, "id": "call_c"}],
            [
                result("call_a", "no", is_error=True),
                result("call_b", "Error: no", is_error=True),
                result("call_c", [PIXEL], is_error=True),
            ],
        ),
        user("Hello"),
        SENT_CALL,
        {**SENT_CALL, "call_id": "call_b"},
        {**SENT_CALL, "call_id": "call_c"},
        output("call_a", "Error: no"),
        output("call_b", "Error: no"),
        output(
            "call_c",
            [
                {"type": "input_text", "text": "Error:"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
            ],
        ),
    ),
    history(
        "reasoning",
        "failure mode 23: the blob goes back byte for byte, before what it led to",
        turns(
            "Hello",
            [thought("Hm.", BLOB), {"type": "text", "text": "I look."}, thought("", "gAAAA2"), CALL],
            [result("call_a")],
        ),
        user("Hello"),
        reasoning(BLOB, "Hm."),
        said("I look."),
        reasoning("gAAAA2"),
        SENT_CALL,
        output("call_a"),
    ),
    history(
        "reasoning-of-two-messages",
        "a client may send the blocks of a turn one by one",
        (
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": [thought("Hm.", "gAAAA1")]},
            {"role": "assistant", "content": [CALL]},
            {"role": "user", "content": [result("call_a")]},
        ),
        user("Hello"),
        reasoning("gAAAA1", "Hm."),
        SENT_CALL,
        output("call_a"),
    ),
    history(
        "reasoning-trailing",
        "nothing follows it: it would be refused",
        turns("Hello", [{"type": "text", "text": "Hm"}, thought("Hm.", "gAAAA1")], "Go on"),
        user("Hello"),
        said("Hm"),
        user("Go on"),
    ),
    history(
        "reasoning-alone",
        "a turn of which only reasoning is left",
        turns("Hello", [thought("Hm.", "gAAAA1")], "Go on"),
        user("Hello"),
        user("Go on"),
    ),
    history(
        "reasoning-elsewhere",
        "another's blob can be read by nobody here",
        turns(
            "Hello",
            [
                thought("Hm.", "gAAAA1", scope="there"),
                {"type": "thinking", "thinking": "Hm.", "signature": "EqQB"},
                {"type": "text", "text": "Yes"},
            ],
            "Go on",
        ),
        user("Hello"),
        said("Yes"),
        user("Go on"),
    ),
    history(
        "reasoning-twice",
        "a client that repeats a block sends it once",
        turns("Hello", [thought("Hm.", "gAAAA1"), thought("Hm.", "gAAAA1"), {"type": "text", "text": "Yes"}], "Go on"),
        user("Hello"),
        reasoning("gAAAA1", "Hm."),
        said("Yes"),
        user("Go on"),
    ),
    history(
        "reasoning-healed",
        "the same request without any reasoning",
        turns("Hello", [thought("Hm.", "gAAAA1"), {"type": "text", "text": "Yes"}], "Go on"),
        user("Hello"),
        said("Yes"),
        user("Go on"),
        reasoning_replay="off",
    ),
    history(
        "reasoning-as-text",
        "vLLM and llama.cpp take the reasoning itself",
        turns(
            "Hello",
            [
                {"type": "thinking", "thinking": "Hm.", "signature": "ew1.shown"},
                {"type": "thinking", "thinking": "Of another", "signature": "EqQB"},
                {"type": "text", "text": "Yes"},
            ],
            "Go on",
        ),
        user("Hello"),
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]},
        said("Yes"),
        user("Go on"),
        reasoning_replay="text",
    ),
    history(
        "phases",
        "responses.md 7.46: what came before a call was no answer yet",
        turns(
            "Hello",
            [{"type": "text", "text": "I look."}, CALL],
            [result("call_a")],
            [{"type": "text", "text": "First."}, {"type": "text", "text": " "}, {"type": "text", "text": "Last."}],
            "Thanks",
        ),
        user("Hello"),
        said("I look.", "commentary"),
        SENT_CALL,
        output("call_a"),
        said("First.", "commentary"),
        said("Last.", "final_answer"),
        user("Thanks"),
        fields=frozenset({"phase"}),
    ),
    history(
        "order",
        "calls and texts stay in their order",
        turns(
            "Hello",
            [CALL, {"type": "text", "text": "And"}, {**CALL, "id": "call_b"}],
            [result("call_b"), result("call_a"), {"type": "text", "text": "Go"}],
        ),
        user("Hello"),
        SENT_CALL,
        said("And"),
        {**SENT_CALL, "call_id": "call_b"},
        output("call_a"),
        output("call_b"),
        user("Go"),
    ),
    history(
        "output-missing",
        "failure mode 21: a call without an output is refused for ever",
        turns("Hello", [CALL], "Stop"),
        user("Hello"),
        SENT_CALL,
        output("call_a", "[no result]"),
        user("Stop"),
    ),
    history(
        "output-at-the-end",
        "also where nothing follows",
        turns("Hello", [CALL]),
        user("Hello"),
        SENT_CALL,
        output("call_a", "[no result]"),
    ),
    history(
        "output-later",
        "a result belongs to its call wherever it stands",
        turns("Hello", [CALL], "Wait", [{"type": "text", "text": "Yes"}], [result("call_a")]),
        user("Hello"),
        SENT_CALL,
        output("call_a"),
        user("Wait"),
        said("Yes"),
        user("(empty)"),
    ),
    history(
        "output-of-the-second",
        "of two calls of one id the later has it",
        turns("Hello", [CALL], "Wait", [CALL], [result("call_a")]),
        user("Hello"),
        SENT_CALL,
        output("call_a", "[no result]"),
        user("Wait"),
        {**SENT_CALL, "call_id": "call_57ea974b2800b79e4645e4cb"},
        output("call_57ea974b2800b79e4645e4cb"),
    ),
    history(
        "output-of-no-call",
        "an output without a call is refused: it is told as text",
        turns([result("call_x", [PIXEL]), result("call_y", "b")]),
        user(
            [
                {"type": "input_text", "text": "[result of an earlier tool call]"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
                {"type": "input_text", "text": "[result of an earlier tool call]"},
                {"type": "input_text", "text": "b"},
            ]
        ),
    ),
    history(
        "call-id-long",
        "failure mode 21: at most 64 characters, alike on both sides",
        turns("Hello", [{**CALL, "id": LONG_ID}], [result(LONG_ID)]),
        user("Hello"),
        {**SENT_CALL, "call_id": HASHED},
        output(HASHED),
    ),
    history(
        "system-in-the-middle",
        "where the model knows developers, it stays in its place",
        ({"role": "user", "content": "Hello"}, {"role": "system", "content": "Be brief."}),
        user("Hello"),
        {"type": "message", "role": "developer", "content": "Be brief."},
        mid_system="keep",
    ),
    history(
        "system-folded",
        "elsewhere the user repeats it",
        ({"role": "user", "content": "Hello"}, {"role": "system", "content": "Be brief."}),
        user(
            [
                {"type": "input_text", "text": "Hello"},
                {"type": "input_text", "text": "<system-reminder>\nBe brief.\n</system-reminder>"},
            ]
        ),
    ),
    history(
        "prefill",
        "it is read, and not gone on with",
        turns("Hello", "The"),
        user("Hello"),
        said("The"),
        dropped=("prefill",),
    ),
    history(
        "search-of-anthropic",
        "a search is told as text",
        turns(
            "Hello",
            [
                {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
                {"type": "text", "text": "Yes"},
            ],
            "Go on",
        ),
        user("Hello"),
        said('[server_tool_use] {"id":"srvtoolu_1","name":"web_search","input":{"query":"x"}}'),
        said("Yes"),
        user("Go on"),
    ),
    history(
        "out-of-place",
        "what only an assistant can send, from a user",
        turns([{**CALL, "id": "call_q"}, {"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hi"}]),
        user(
            [{"type": "input_text", "text": '[call of the tool look] {"at":1}'}, {"type": "input_text", "text": "Hi"}]
        ),
        dropped=("tool_use", "thinking"),
    ),
    history(
        "search-of-a-gateway",
        "what a search has found is told as text, and nothing is rebuilt that would want an id",
        turns(
            "Hello",
            [
                {"type": "server_tool_use", "id": "srvtoolu_1_0", "name": "web_search", "input": {"query": "x"}},
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "srvtoolu_1_0",
                    "content": [
                        {"type": "web_search_result", "url": "https://a.test", "title": "A", "encrypted_content": ""}
                    ],
                },
                {"type": "text", "text": "Yes"},
            ],
            "Go on",
        ),
        user("Hello"),
        said('[server_tool_use] {"id":"srvtoolu_1_0","name":"web_search","input":{"query":"x"}}'),
        said(
            '[web_search_tool_result] {"tool_use_id":"srvtoolu_1_0","content":'
            '[{"type":"web_search_result","url":"https://a.test","title":"A"}]}'
        ),
        said("Yes"),
        user("Go on"),
    ),
    case(
        "search-not-switched-on",
        "failure mode 29: what the operator has not asked for is left out",
        ask(tools=[SEARCH, LOOK]),
        {"tools": [SENT_LOOK]},
        "tools.web_search_20250305",
    ),
    case(
        "search-not-offered",
        "a caller who does not offer it gets none",
        ask(tools=[LOOK]),
        {"tools": [SENT_LOOK]},
        traits=replace(PLAIN, web_search="upstream"),
    ),
    search("search", "the upstream's own stands for it, and for nobody's country", [SEARCH], {"tools": [SENT_SEARCH]}),
    search(
        "search-with-everything",
        "responses.md 1.1: domains, place and number of searches, and what was found",
        [
            LOOK,
            {
                **SEARCH,
                "allowed_domains": ["a.test", "b.test/x"],
                "user_location": {"type": "approximate", "city": "Basel", "country": "CH", "timezone": None},
                "max_uses": 8,
            },
        ],
        {
            "tools": [
                SENT_LOOK,
                {
                    **SENT_SEARCH,
                    "filters": {"allowed_domains": ["a.test", "b.test/x"]},
                    "user_location": {"type": "approximate", "city": "Basel", "country": "CH"},
                },
            ],
            "tool_choice": "auto",
            "max_tool_calls": 8,
            "include": [*INCLUDE, FOUND],
            **ALWAYS,
        },
        asked={"tool_choice": {"type": "auto"}},
        fields=OPENAI.fields,
        efforts=OPENAI.efforts,
    ),
    search(
        "search-of-less",
        "domains that are blocked and a number of searches, where there is no word for them",
        [{**SEARCH, "blocked_domains": ["a.test"], "allowed_domains": [], "max_uses": 1}],
        {"tools": [SENT_SEARCH]},
        "tools.blocked_domains",
        "tools.max_uses",
    ),
    search(
        "search-forced",
        "no choice names it: it is offered alone",
        [LOOK, SEARCH],
        {"tools": [SENT_SEARCH], "tool_choice": "required"},
        asked={"tool_choice": {"type": "tool", "name": "web_search"}},
    ),
    search(
        "search-of-any",
        "it is the only tool, so any is this one",
        [SEARCH],
        {"tools": [SENT_SEARCH], "tool_choice": "required"},
        asked={"tool_choice": {"type": "any"}},
    ),
    search(
        "search-unforced",
        "where nothing can be forced, it is offered",
        [SEARCH],
        {"tools": [SENT_SEARCH], "tool_choice": "auto"},
        "tool_choice",
        asked={"tool_choice": {"type": "any"}},
        tool_choice="unforced",
    ),
    search(
        "search-forbidden",
        "what must not be used is offered all the same: caches begin with the tools",
        [SEARCH],
        {"tools": [SENT_SEARCH], "tool_choice": "none"},
        asked={"tool_choice": {"type": "none"}},
    ),
    search(
        "search-at-will",
        "it is the model's to choose, as it is everywhere",
        [SEARCH],
        {"tools": [SENT_SEARCH]},
        asked={"tool_choice": {"type": "auto"}},
    ),
    search(
        "search-beside-a-forced-function",
        "the choice is about the other tool",
        [LOOK, SEARCH],
        {"tools": [SENT_LOOK, SENT_SEARCH], "tool_choice": {"type": "function", "name": "look"}},
        asked={"tool_choice": {"type": "tool", "name": "look"}},
    ),
    search(
        "search-of-two-versions",
        "there is one search, with the settings of the first",
        [{**SEARCH, "allowed_domains": ["a.test"]}, {"type": "web_search_20260318", "name": "search"}],
        {
            "tools": [{**SENT_SEARCH, "filters": {"allowed_domains": ["a.test"]}}],
            "tool_choice": "required",
        },
        "tools.web_search_20260318",
        asked={"tool_choice": {"type": "tool", "name": "search"}},
    ),
    search(
        "search-with-the-least-effort",
        "responses.md 7.59: minimal is refused beside a search",
        [SEARCH],
        {"tools": [SENT_SEARCH], "reasoning": {"effort": "low"}},
        "thinking",
        asked={"thinking": {"type": "disabled"}},
        efforts=("minimal", "low", "high"),
    ),
    search(
        "search-without-effort",
        "none is no minimal",
        [SEARCH],
        {"tools": [SENT_SEARCH], "reasoning": {"effort": "none"}, "include": [FOUND]},
        asked={"thinking": {"type": "disabled"}},
        efforts=("none", "low"),
        fields=frozenset({"include"}),
    ),
    history("nothing", "somebody must have spoken", ({"role": "assistant", "content": ""},), user("(empty)")),
]
