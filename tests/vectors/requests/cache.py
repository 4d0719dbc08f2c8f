"""Where a prompt is to be cached, for upstreams that take the caller's word on it (wire.md 4.1; failure mode 38)."""

from dataclasses import replace

from translator.dialect import Caller

from tests.vectors.requests import (
    PLAIN,
    Json,
    RequestCase,
    ask,
    assistant,
    call,
    calls,
    sent,
    text,
    tool,
    tool_result,
    tool_use,
    user,
)

OPENROUTER = replace(PLAIN, cache_marker="cache_control", mid_system="keep", structured_output="json_object")
GPT_5_6 = replace(PLAIN, cache_marker="prompt_cache_breakpoint")
SESSION = Caller(session="5e55")
SHORT: Json = {"cache_control": {"type": "ephemeral"}}
LONG: Json = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
BREAK: Json = {"prompt_cache_breakpoint": {"mode": "explicit"}}
LONG_BREAK: Json = {"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}
IMAGE: Json = {"type": "image", "source": {"type": "url", "url": "https://pictures.test/a.png"}}
IMAGE_PART: Json = {"type": "image_url", "image_url": {"url": "https://pictures.test/a.png"}}
SYSTEM = [
    text("x-anthropic-billing-header: cch=1"),
    {**text("You are brief."), **SHORT},
    {**text("Be kind."), **LONG},
]


def system(*content: Json | str) -> Json:
    return {"role": "system", "content": content[0] if isinstance(content[0], str) else list(content)}


CASES = [
    RequestCase(
        id="cache-of-the-system-prompt",
        why="failure mode 38: each marker on the part that it ends",
        request=ask(system=SYSTEM),
        body=sent(system({**text("You are brief."), **SHORT}, {**text("Be kind."), **LONG}), user("Hello")),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-unknown",
        why="failure mode 38: nobody else gets a marker",
        request=ask(user({**text("Hello"), **SHORT}), system=SYSTEM),
        body=sent(system("You are brief.\n\nBe kind."), user("Hello")),
    ),
    RequestCase(
        id="cache-without-markers",
        why="a system prompt without any stays one text",
        request=ask(system=[text("You are brief."), text("Be kind.")]),
        body=sent(system("You are brief.\n\nBe kind."), user("Hello")),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-of-messages",
        why="failure mode 38: text and pictures",
        request=ask(user({**text("Hello"), **SHORT}), assistant("Hi"), user(text("Look"), {**IMAGE, **LONG})),
        body=sent(user({**text("Hello"), **SHORT}), assistant("Hi"), user(text("Look"), {**IMAGE_PART, **LONG})),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-of-a-system-message",
        why="failure mode 38: Claude Code marks the one among the others too",
        request=ask(user("Hello"), {"role": "system", "content": [{**text("Be kind."), **SHORT}]}),
        body=sent(user("Hello"), system({**text("Be kind."), **SHORT})),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-of-a-result",
        why="failure mode 38: and the last result of a turn",
        request=ask(
            user("Look"),
            assistant(tool_use("toolu_1"), tool_use("toolu_2")),
            user(tool_result("toolu_1"), tool_result("toolu_2", **SHORT)),
        ),
        body=sent(
            user("Look"),
            calls(call("toolu_1"), call("toolu_2")),
            tool("toolu_1"),
            {**tool("toolu_2"), "content": [{**text("A wall."), **SHORT}]},
        ),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-of-a-session",
        why="failure mode 38: a client that marks nothing asks again with the same beginning",
        request=ask(user("Hello"), assistant("Hi"), user("Look"), system="You are brief."),
        body=sent(
            system({**text("You are brief."), **SHORT}),
            user("Hello"),
            assistant("Hi"),
            user({**text("Look"), **SHORT}),
        ),
        traits=OPENROUTER,
        caller=SESSION,
    ),
    RequestCase(
        id="cache-of-a-sessions-result",
        why="failure mode 38: most turns of an agent end in a result; a message without text has nothing to mark",
        request=ask(assistant(tool_use("toolu_1")), user(tool_result("toolu_1"))),
        body=sent(calls(call("toolu_1")), {**tool("toolu_1"), "content": [{**text("A wall."), **SHORT}]}),
        traits=OPENROUTER,
        caller=SESSION,
    ),
    RequestCase(
        id="cache-of-a-session-that-marks",
        why="failure mode 38: the client's own markers stand, and none is added",
        request=ask(user({**text("Hello"), **SHORT}), assistant("Hi"), user("Look"), system="You are brief."),
        body=sent(system("You are brief."), user({**text("Hello"), **SHORT}), assistant("Hi"), user("Look")),
        traits=OPENROUTER,
        caller=SESSION,
    ),
    RequestCase(
        id="cache-of-a-search-result",
        why="failure mode 38: a source that the caller has found is often long, and the same in the next turn",
        request=ask(user({"type": "search_result", "title": "T", "source": "S", "content": [text("C")], **SHORT})),
        body=sent(user({**text("T\nSource: S\n\nC"), **SHORT})),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-of-instructions-among-a-users-words",
        why="failure mode 38: whatever ends in text can be marked",
        request=ask(user({"type": "mid_conv_system", "content": [text("Be kind.")], **SHORT}, text("Hello"))),
        body=sent(user({**text("<system-reminder>\nBe kind.\n</system-reminder>"), **SHORT}, text("Hello"))),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-scope",
        why="failure mode 5: what Anthropic alone knows of a marker would be refused",
        request=ask(user({**text("Hello"), "cache_control": {"type": "ephemeral", "ttl": "5m", "scope": "global"}})),
        body=sent(user({**text("Hello"), "cache_control": {"type": "ephemeral", "ttl": "5m"}})),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-breakpoints",
        why="failure mode 38: OpenAI's own word for it; five minutes are less than what it keeps anyway",
        request=ask(user(text("Look"), {**IMAGE, **LONG}), system=SYSTEM),
        body=sent(
            system({**text("You are brief."), **BREAK}, {**text("Be kind."), **LONG_BREAK}),
            user(text("Look"), {**IMAGE_PART, **LONG_BREAK}),
        ),
        traits=GPT_5_6,
    ),
    RequestCase(
        id="cache-breakpoint-of-a-result",
        why="failure mode 38: its tool messages are text, and the newest message is cached unasked",
        request=ask(user("Look"), assistant(tool_use("toolu_1")), user(tool_result("toolu_1", **SHORT))),
        body=sent(user("Look"), calls(call("toolu_1")), tool("toolu_1")),
        traits=GPT_5_6,
    ),
    RequestCase(
        id="cache-of-nothing",
        why="an empty text is left out, and its marker with it",
        request=ask(user({**text(" "), **SHORT}, text("Hello"))),
        body=sent(user("Hello")),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="cache-and-a-schema",
        why="what the gateway adds comes behind what is cached",
        request=ask(
            system=[{**text("Be kind."), **SHORT}],
            output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}},
        ),
        body=sent(
            system(
                {**text("Be kind."), **SHORT},
                text('Answer with one JSON object that fits this JSON schema, and nothing else:\n{"type":"object"}'),
            ),
            user("Hello"),
            response_format={"type": "json_object"},
        ),
        traits=OPENROUTER,
        dropped=("output_config.format",),
    ),
]
