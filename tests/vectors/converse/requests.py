"""Requests of the Messages API, and the whole request of Bedrock's Converse that each must become."""

import json
from dataclasses import dataclass, field
from typing import Any

from translator.signatures import EncryptedReasoning, seal_encrypted
from translator.traits import Traits

from tests.vectors.requests import HELLO, LOOK, Json, RequestCase

NOVA = Traits(
    structured_output="none",
    cache_marker="cache_control",
    pdf=True,
    efforts=("low", "medium"),
    thinking_toggle="reasoningConfig",
    reasoning_scope="here",
)
LLAMA = Traits(structured_output="none", tool_choice="unforced", streamed_calls=False, after_tool="assistant")
MARKED: Json = {"cache_control": {"type": "ephemeral"}}
POINT: Json = {"cachePoint": {"type": "default"}}
EMPTY_SCHEMA: Json = {"json": {"type": "object", "properties": {}}}
OFFERED: Json = {"tools": [{"toolSpec": {"name": "look", "inputSchema": EMPTY_SCHEMA}}]}
CALL: Json = {"type": "tool_use", "id": "call_a", "name": "look", "input": {"at": 1}}
SENT_CALL: Json = {"toolUse": {"toolUseId": "call_a", "name": "look", "input": {"at": 1}}}
PIXEL: Json = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
PAPER: Json = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="}}
SENT_PIXEL: Json = {"image": {"format": "png", "source": {"bytes": "AA=="}}}
TOLD = "Answer with one JSON object that fits this JSON schema, and nothing else:\n"
SCHEMA: Json = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConverseCase(RequestCase):
    """A request, and where it goes."""

    path: str = "/model/m/converse-stream"
    model: str = "m"
    traits: Traits = field(default=NOVA)


def user(*content: Json) -> Json:
    return {"role": "user", "content": list(content)}


def assistant(*content: Json) -> Json:
    return {"role": "assistant", "content": list(content)}


def text(said: str) -> Json:
    return {"text": said}


def paper(number: int) -> Json:
    return {"document": {"format": "pdf", "name": f"document-{number}", "source": {"bytes": "AA=="}}}


def result(content: Any = "done", tool_use_id: str = "call_a", **more: Any) -> Json:
    return {"type": "tool_result", "tool_use_id": tool_use_id, "content": content, **more}


def sent_result(*content: Json, call: str = "call_a") -> Json:
    return {"toolResult": {"toolUseId": call, "content": list(content)}}


def thought(content: Any, scope: str = "here", *, packed: bool = True) -> Json:
    sealed = EncryptedReasoning(scope, json.dumps(content) if packed else content)
    return {"type": "thinking", "thinking": "Hm.", "signature": seal_encrypted(sealed)}


SIGNED: Json = {"reasoningText": {"text": "Hm.", "signature": "abc"}}


def case(
    identity: str, why: str, messages: list[Json], turns: list[Json], *, asked: Json | None = None, **more: Any
) -> ConverseCase:
    """`asked` are fields beside the messages; what is named in no field of a case stands in the body."""
    of_case = {name: more.pop(name) for name in ("dropped", "traits", "path", "model") if name in more}
    request = {"model": "m", "max_tokens": 100, "messages": messages, **(asked or {})}
    body = {"messages": turns, "inferenceConfig": {"maxTokens": 100}, **more}
    return ConverseCase(id=identity, why=why, request=request, body=body, **of_case)


def once(role: str, *content: Json) -> Json:
    return {"role": role, "content": list(content)}


SPOKEN = {"type": "text", "text": "Hi"}
ASKED_TOOLS: Json = {"tools": [LOOK]}

CASES = [
    case("hello", "the smallest request", [HELLO], [user(text("Hello"))]),
    case(
        "sampling",
        "the fields of inferenceConfig; others have none",
        [HELLO],
        [user(text("Hello"))],
        asked={"temperature": 0.5, "top_p": 0.9, "top_k": 3, "service_tier": "standard_only", "speed": "fast"},
        inferenceConfig={"maxTokens": 100, "temperature": 0.5, "topP": 0.9},
        dropped=("top_k", "service_tier", "speed"),
    ),
    case(
        "sampling-refused",
        "a model that takes neither",
        [HELLO],
        [user(text("Hello"))],
        asked={"temperature": 0.5, "top_p": 0.9, "service_tier": "auto"},
        traits=Traits(fields=frozenset()),
        dropped=("temperature", "top_p"),
    ),
    case(
        "limit",
        "the model's own ceiling",
        [HELLO],
        [user(text("Hello"))],
        traits=Traits(max_output_tokens=50),
        inferenceConfig={"maxTokens": 50},
    ),
    case(
        "system",
        "blocks of their own, a cache point behind what is marked; blank ones are refused",
        [HELLO],
        [user(text("Hello"))],
        asked={
            "system": [
                {"type": "text", "text": "x-anthropic-billing-header: 1"},
                {"type": "text", "text": "Be brief.", **MARKED},
                {"type": "text", "text": " "},
                {"type": "text", "text": "Be kind."},
            ]
        },
        system=[text("Be brief."), POINT, text("Be kind.")],
    ),
    case(
        "cache-unknown",
        "no cache points where the model keeps none",
        [once("user", {**SPOKEN, **MARKED})],
        [user(text("Hi"))],
        traits=LLAMA,
    ),
    case(
        "system-in-between",
        "there is no such turn: it is folded into the user's",
        [HELLO, {"role": "system", "content": "Now."}],
        [user(text("Hello"), text("<system-reminder>\nNow.\n</system-reminder>"))],
    ),
    case(
        "begins-with-the-assistant",
        "a conversation starts with a user",
        [once("assistant", SPOKEN), HELLO],
        [user(text("(empty)")), assistant(text("Hi")), user(text("Hello"))],
    ),
    case(
        "prefill",
        "it must end with a user: what was begun is read, and not gone on with",
        [HELLO, once("assistant", {"type": "text", "text": "I think "})],
        [user(text("Hello")), assistant(text("I think ")), user(text("(go on)"))],
        dropped=("prefill",),
    ),
    case(
        "nobody",
        "nobody has said anything",
        [once("assistant", {"type": "text", "text": " "})],
        [user(text("(empty)"))],
    ),
    case("blank", "a user who says nothing", [once("user", {"type": "text", "text": " "})], [user(text("(empty)"))]),
    case(
        "alternates",
        "an assistant's turn that says nothing parts no user's turns",
        [HELLO, once("assistant", thought(SIGNED)), HELLO],
        [user(text("Hello"), text("Hello"))],
    ),
    case(
        "image",
        "bytes as they came",
        [once("user", PIXEL, {"type": "text", "text": "What is it?", **MARKED})],
        [user(SENT_PIXEL, text("What is it?"), POINT)],
    ),
    case(
        "image-at-an-address",
        "only S3's are read: told, and named",
        [once("user", {"type": "image", "source": {"type": "url", "url": "https://e.example/a.png"}})],
        [user(text("[An image stands here that this model cannot see.]"))],
        dropped=("image",),
    ),
    case(
        "documents",
        "names under numbers, since the model reads them; a document alone is refused",
        [once("user", {**PAPER, "citations": {"enabled": True}}, PAPER)],
        [user(paper(1), paper(2), text("(empty)"))],
        dropped=("citations",),
    ),
    case(
        "document-unreadable",
        "a model without PDF",
        [once("user", PAPER)],
        [user(text("[A document (application/pdf) stands here that this model cannot read.]"))],
        traits=LLAMA,
        dropped=("document",),
    ),
    case(
        "tools",
        "at the root of a schema only what Nova takes",
        [HELLO],
        [user(text("Hello"))],
        asked={
            "tools": [
                {
                    "name": "look",
                    "description": "Looks.",
                    "input_schema": {"$schema": "s", "required": ["a"], **SCHEMA},
                    "strict": True,
                },
                {"type": "web_search_20250305", "name": "web_search"},
            ]
        },
        toolConfig={
            "tools": [
                {
                    "toolSpec": {
                        "name": "look",
                        "description": "Looks.",
                        "inputSchema": {
                            "json": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
                        },
                    }
                }
            ]
        },
        dropped=("tools.strict", "tools.web_search_20250305"),
    ),
    case(
        "choice-auto",
        "what is chosen where nothing is said, since not every model takes the word",
        [HELLO],
        [user(text("Hello"))],
        asked={**ASKED_TOOLS, "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
        toolConfig=OFFERED,
        traits=Traits(fields=frozenset({"parallel_tool_calls"})),
        dropped=("tool_choice.disable_parallel_tool_use",),
    ),
    case(
        "choice-any",
        "some tool",
        [HELLO],
        [user(text("Hello"))],
        asked={**ASKED_TOOLS, "tool_choice": {"type": "any"}},
        toolConfig={**OFFERED, "toolChoice": {"any": {}}},
    ),
    case(
        "choice-tool",
        "this tool",
        [HELLO],
        [user(text("Hello"))],
        asked={**ASKED_TOOLS, "tool_choice": {"type": "tool", "name": "look"}},
        toolConfig={**OFFERED, "toolChoice": {"tool": {"name": "look"}}},
    ),
    case(
        "choice-unnamed",
        "a model that takes no name is offered that tool alone",
        [HELLO],
        [user(text("Hello"))],
        asked={
            "tools": [LOOK, {"name": "other", "input_schema": {"type": "object"}}],
            "tool_choice": {"type": "tool", "name": "look"},
        },
        toolConfig={**OFFERED, "toolChoice": {"any": {}}},
        traits=Traits(tool_choice="unnamed"),
    ),
    case(
        "choice-unforced",
        "Llama chooses itself, and calls no tools in a stream",
        [HELLO],
        [user(text("Hello"))],
        asked={**ASKED_TOOLS, "tool_choice": {"type": "any"}},
        toolConfig=OFFERED,
        traits=LLAMA,
        dropped=("tool_choice",),
        path="/model/m/converse",
    ),
    case(
        "choice-none",
        "there is no word for it: nothing is offered, and calls are told as text, which are refused without tools",
        [HELLO, once("assistant", CALL), once("user", result(), SPOKEN)],
        [
            user(text("Hello")),
            assistant(text('[call of the tool look] {"at":1}')),
            user(text("[result of an earlier tool call]"), text("done"), text("Hi")),
        ],
        asked={**ASKED_TOOLS, "tool_choice": {"type": "none"}},
    ),
    case(
        "calls",
        "results in the order of the calls, one for each, before what else is said",
        [
            HELLO,
            once("assistant", SPOKEN, CALL, {**CALL, "id": "toolu_b"}, {**CALL, "id": "call_c"}),
            once("user", SPOKEN, result([PIXEL], "call_c", **MARKED), result("", is_error=True)),
        ],
        [
            user(text("Hello")),
            assistant(
                text("Hi"),
                SENT_CALL,
                {"toolUse": {"toolUseId": "toolu_b", "name": "look", "input": {"at": 1}}},
                {"toolUse": {"toolUseId": "call_c", "name": "look", "input": {"at": 1}}},
            ),
            user(
                sent_result(text("Error: (no output)")),
                sent_result(text("[no result]"), call="toolu_b"),
                sent_result(SENT_PIXEL, call="call_c"),
                POINT,
                text("Hi"),
            ),
        ],
        asked=ASKED_TOOLS,
        toolConfig=OFFERED,
    ),
    case(
        "call-without-a-result",
        "a conversation that ends in a call",
        [HELLO, once("assistant", CALL)],
        [user(text("Hello")), assistant(SENT_CALL), user(sent_result(text("[no result]")))],
        asked=ASKED_TOOLS,
        toolConfig=OFFERED,
    ),
    case(
        "failed-picture",
        "that a tool has failed is told before what is no text",
        [HELLO, once("assistant", CALL), once("user", result([{**PIXEL, **MARKED}], is_error=True))],
        [user(text("Hello")), assistant(SENT_CALL), user(sent_result(text("Error:"), SENT_PIXEL), POINT)],
        asked=ASKED_TOOLS,
        toolConfig=OFFERED,
    ),
    case(
        "words-beside-results",
        "Conversation blocks and tool result blocks cannot be provided in the same turn: langchain-aws#141",
        [HELLO, once("assistant", CALL), once("user", result(), {**SPOKEN, **MARKED})],
        [user(text("Hello")), assistant(SENT_CALL), user(sent_result(text("done"), text("Hi")))],
        asked=ASKED_TOOLS,
        toolConfig=OFFERED,
        traits=Traits(after_tool="assistant", cache_marker="cache_control"),
    ),
    case(
        "misplaced",
        "what only another says, and what nobody does",
        [
            once("user", CALL, result(tool_use_id="call_x"), {"type": "redacted_thinking", "data": "x"}),
            once("assistant", PIXEL, SPOKEN, {"type": "server_tool_use", "id": "s", "name": "n", "input": {}}),
            HELLO,
        ],
        [
            user(
                text('[call of the tool look] {"at":1}'),
                text("[result of an earlier tool call]"),
                text("done"),
            ),
            assistant(text("Hi"), text('[server_tool_use] {"id":"s","name":"n","input":{}}')),
            user(text("Hello")),
        ],
        dropped=("tool_use", "redacted_thinking", "image"),
    ),
    case(
        "reasoning",
        "Nova 2 reasons beside Converse's own fields",
        [HELLO],
        [user(text("Hello"))],
        asked={"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
        additionalModelRequestFields={"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "medium"}},
    ),
    case(
        "reasoning-off",
        "it does not unless it is asked to",
        [HELLO],
        [user(text("Hello"))],
        asked={"thinking": {"type": "disabled"}},
    ),
    case(
        "reasoning-unknown",
        "a model that cannot be asked to",
        [HELLO],
        [user(text("Hello"))],
        asked={"thinking": {"type": "enabled", "budget_tokens": 1024}},
        traits=LLAMA,
        dropped=("thinking",),
    ),
    case(
        "reasoning-replayed",
        "signed reasoning goes back where it stood, once something follows it; other's, broken and unsigned does not",
        [
            HELLO,
            once(
                "assistant",
                thought(SIGNED),
                thought(SIGNED, "there"),
                thought("no JSON", packed=False),
                thought(["no", "object"]),
                {"type": "thinking", "thinking": "Hm.", "signature": "ew1.shown"},
                SPOKEN,
                thought({"redactedContent": "AA=="}),
            ),
            HELLO,
        ],
        [user(text("Hello")), assistant({"reasoningContent": SIGNED}, text("Hi")), user(text("Hello"))],
    ),
    case(
        "reasoning-kept-back",
        "where the model takes none back",
        [HELLO, once("assistant", thought(SIGNED), SPOKEN), HELLO],
        [user(text("Hello")), assistant(text("Hi")), user(text("Hello"))],
        traits=Traits(reasoning_scope="here", reasoning_replay="off"),
    ),
    case(
        "schema",
        "the schema of the answer is told",
        [HELLO],
        [user(text("Hello"))],
        asked={"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        system=[text(TOLD + json.dumps(SCHEMA, separators=(",", ":")))],
        dropped=("output_config.format",),
    ),
    case(
        "arn",
        "a model's id is one part of the path, however it is written",
        [HELLO],
        [user(text("Hello"))],
        model="arn:aws:bedrock:eu-west-1:1:application-inference-profile/é",
        path="/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aapplication-inference-profile%2F%C3%A9/converse-stream",
    ),
]
