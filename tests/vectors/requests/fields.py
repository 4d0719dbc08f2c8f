"""The fields at the top (wire.md 4.1; failure modes 5, 18, 19, 35, 46, 47, 48)."""

from dataclasses import replace
from typing import Any

from translator.dialect import Caller
from translator.traits import COMMON_FIELDS

from tests.vectors.requests import (
    HELLO,
    OPENAI,
    PLAIN,
    Json,
    RefusedCase,
    RequestCase,
    ask,
    sent,
    sent_to_openai,
)

OPEN: Json = {"type": "object", "properties": {"title": {"type": "string"}}}
CLOSED: Json = {**OPEN, "required": ["title"], "additionalProperties": False}
OPEN_TEXT = (
    "Answer with one JSON object that fits this JSON schema, and nothing else:\n"
    '{"type":"object","properties":{"title":{"type":"string"}}}'
)


def schema(wanted: Json) -> Json:
    return {"output_config": {"format": {"type": "json_schema", "schema": wanted}}}


def response_format(wanted: Json, *, strict: bool) -> Json:
    return {"type": "json_schema", "json_schema": {"name": "output", "schema": wanted, "strict": strict}}


def limited(asked: int, sent_limit: int, identity: str, why: str, **traits: Any) -> RequestCase:
    return RequestCase(
        id=f"max-tokens-{identity}",
        why=why,
        request={**ask(), "max_tokens": asked},
        body={**sent(), "max_tokens": sent_limit},
        traits=replace(PLAIN, **traits),
    )


IGNORED: dict[str, Any] = {
    "diagnostics": {"previous_message_id": "msg_0"},
    "fallback_credit_token": "t",
    "billing_policy": {},
    "cache_control": {"type": "ephemeral"},
    "user_profile_id": "u",
    "what_is_this": 1,
}
NAMED: dict[str, Any] = {
    "container": {"id": "c"},
    "fallbacks": [{"model": "m"}],
    "inference_geo": "eu",
    "safeguards": [{"type": "dangerous_tool_use", "classifier_context": {"cwd": "/home/me"}}],
    "speed": "fast",
    "thread": {"type": "create"},
    "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
}
UNNAMED: dict[str, Any] = {
    "fallbacks": [],
    "speed": "standard",
    "mcp_servers": [],
    "context_management": {
        "edits": [
            {"type": "clear_thinking_20251015", "keep": "all"},
            {"type": "clear_thinking_20251015", "keep": {"type": "all"}},
        ]
    },
    "output_config": {},
    "metadata": {},
    "stop_sequences": ["</severity>", "a", "b", "c", "d"],
}

CASES = [
    RequestCase(id="least", why="the least there can be", request=ask(), body=sent()),
    RequestCase(
        id="streamed-or-not",
        why="the upstream is always asked for a stream, for whoever asks",
        request=ask(stream=False),
        body=sent(),
    ),
    limited(1, 1, "one", "the probe of a model, where the upstream has no floor"),
    limited(1, 16, "floor", "failure mode 18: GPT-5 refuses fewer than 16", min_output_tokens=16),
    limited(
        128_000, 8_192, "ceiling", "failure mode 19: Claude Code asks for more than there is", max_output_tokens=8_192
    ),
    limited(8_192, 8_192, "exact", "failure mode 19: as much as there is", max_output_tokens=8_192),
    limited(
        1,
        8,
        "floor-above-ceiling",
        "failure mode 19: the ceiling is a fact, the floor a trait",
        min_output_tokens=16,
        max_output_tokens=8,
    ),
    RequestCase(
        id="max-completion-tokens",
        why="failure mode 18: reasoning models refuse the old name",
        request=ask(),
        body=sent_to_openai(),
        traits=OPENAI,
    ),
    RequestCase(
        id="sampling",
        why="Anthropic's ranges lie within OpenAI's",
        request=ask(temperature=0, top_p=0.5),
        body=sent(temperature=0, top_p=0.5),
    ),
    RequestCase(
        id="sampling-of-a-reasoner",
        why="failure mode 35: refused by reasoning models, so left out, and named",
        request=ask(temperature=1, top_p=0.5, top_k=40),
        body=sent_to_openai(),
        traits=OPENAI,
        dropped=("temperature", "top_p", "top_k"),
    ),
    RequestCase(
        id="top-k",
        why="only some upstreams know it",
        request=ask(top_k=40),
        body=sent(top_k=40),
        traits=replace(PLAIN, fields=COMMON_FIELDS | {"top_k"}),
    ),
    RequestCase(
        id="top-k-unknown", why="failure mode 35: named", request=ask(top_k=0), body=sent(), dropped=("top_k",)
    ),
    RequestCase(
        id="no-stream-options",
        why="failure mode 26: an upstream may refuse the field",
        request=ask(),
        body={name: value for name, value in sent().items() if name != "stream_options"},
        traits=replace(PLAIN, fields=frozenset()),
    ),
    *(
        RequestCase(
            id=f"service-tier-{tier}",
            why="the product page: passed through to an upstream that knows the field, under its name for it",
            request=ask(service_tier=tier),
            body=sent_to_openai(service_tier=encoded),
            traits=OPENAI,
        )
        for tier, encoded in (("auto", "auto"), ("standard_only", "default"), ("priority", "priority"))
    ),
    RequestCase(
        id="service-tier-unknown",
        why="named where it is lost",
        request=ask(service_tier="standard_only"),
        body=sent(),
        dropped=("service_tier",),
    ),
    RequestCase(
        id="service-tier-auto-unknown",
        why="auto is what every upstream does anyway",
        request=ask(service_tier="auto"),
        body=sent(),
    ),
    RequestCase(
        id="pseudonyms",
        why="failure mode 48: a session for the prompt cache and a user for the safety checks, never the names",
        request=ask(metadata={"user_id": '{"device_id":"d","session_id":"s"}'}),
        body=sent_to_openai(prompt_cache_key="5e55", safety_identifier="05e4"),
        traits=OPENAI,
        caller=Caller(session="5e55", user="05e4"),
    ),
    RequestCase(
        id="pseudonyms-unknown",
        why="they are ours, not the caller's, so nothing of the caller's is lost",
        request=ask(metadata={"user_id": "me"}),
        body=sent(),
        caller=Caller(session="5e55", user="05e4"),
    ),
    RequestCase(
        id="schema-strict",
        why="failure mode 47: a schema that fits the strict mode",
        request=ask(**schema(CLOSED)),
        body=sent(response_format=response_format(CLOSED, strict=True)),
    ),
    RequestCase(
        id="schema-not-strict",
        why="failure mode 47: called strict wrongly it would be refused",
        request=ask(**schema(OPEN)),
        body=sent(response_format=response_format(OPEN, strict=False)),
    ),
    RequestCase(
        id="schema-in-the-old-field",
        why="failure mode 47: output_format is the beta's name",
        request=ask(output_format={"type": "json_schema", "schema": OPEN}),
        body=sent(response_format=response_format(OPEN, strict=False)),
    ),
    RequestCase(
        id="schema-as-json-object",
        why="failure mode 47: an upstream without schemas answers JSON, told which at the end of the system prompt",
        request=ask(system="Be brief.", **schema(OPEN)),
        body=sent(
            {"role": "system", "content": f"Be brief.\n\n{OPEN_TEXT}"},
            HELLO,
            response_format={"type": "json_object"},
        ),
        traits=replace(PLAIN, structured_output="json_object"),
        dropped=("output_config.format",),
    ),
    RequestCase(
        id="schema-as-json-object-without-system",
        why="without a system prompt it is one",
        request=ask(**schema(OPEN)),
        body=sent({"role": "system", "content": OPEN_TEXT}, HELLO, response_format={"type": "json_object"}),
        traits=replace(PLAIN, structured_output="json_object"),
        dropped=("output_config.format",),
    ),
    RequestCase(
        id="schema-as-words",
        why="failure mode 47: an upstream that knows neither is told in words",
        request=ask(**schema(OPEN)),
        body=sent({"role": "developer", "content": OPEN_TEXT}, HELLO),
        traits=replace(PLAIN, structured_output="none", instructions_role="developer"),
        dropped=("output_config.format",),
    ),
    RequestCase(
        id="task-budget",
        why="lossy, so named",
        request=ask(output_config={"task_budget": {"type": "tokens", "total": 1000}}),
        body=sent(),
        dropped=("output_config.task_budget",),
    ),
    *(
        RequestCase(
            id=f"named-{name}",
            why="a feature of Anthropic's own that the answer means the same without, named",
            request=ask(**{name: value}),
            body=sent(),
            dropped=(name,),
        )
        for name, value in NAMED.items()
    ),
    *(
        RequestCase(
            id=f"unnamed-{name}",
            why="nothing is lost",
            request=ask(**{name: value}),
            body=sent(),
        )
        for name, value in UNNAMED.items()
    ),
    RequestCase(
        id="ignored",
        why="failure mode 5: an unknown field is never an error and never passed on",
        request=ask(**IGNORED),
        body=sent(),
    ),
]

CHANGES_THE_ANSWER = "not supported by this gateway (which would change the answer)"

REFUSED = [
    RefusedCase(
        id=f"refused-{name}",
        why="ignoring it would change the meaning",
        request=ask(**{name: value}),
        message=f"{name}: {CHANGES_THE_ANSWER}",
    )
    for name, value in {
        "compaction": {"type": "summarize"},
        "mcp_servers": [{"type": "url", "url": "https://mcp.test", "name": "m"}],
    }.items()
] + [
    RefusedCase(
        id="refused-thread",
        why="a conversation that is not kept cannot be continued; the SDKs then send all of it",
        request=ask(thread={"type": "continue", "previous_message_id": "msg_1"}),
        message="thread: this gateway keeps none: send the whole conversation, without `thread` or with `create`",
        error_type="not_found_error",
    )
]
