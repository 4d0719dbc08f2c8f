"""What a client replays: reasoning, ids, signatures, and blocks that only Anthropic's models know (wire.md 4.3).

Failure modes 3, 4, 21, 22, 24 and fixtures 3, 14, 15.
"""

from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

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

ECHO = replace(PLAIN, reasoning_echo="reasoning_content")
OPENROUTER = replace(PLAIN, reasoning_echo="reasoning_details")
MINIMAX = replace(PLAIN, reasoning_echo="think_tags")
DETAILS = [{"type": "reasoning.text", "text": "Hm.", "signature": "EqQB"}, {"type": "reasoning.encrypted", "data": "x"}]
DETAILED = (
    "ew1.details.W3sidHlwZSI6InJlYXNvbmluZy50ZXh0IiwidGV4dCI6IkhtLiIsInNpZ25hdHVyZSI6IkVxUUIifSx7InR5cGUiOiJyZWFzb25pbmcuZ"
    "W5jcnlwdGVkIiwiZGF0YSI6IngifV0="
)
GEMINI = replace(PLAIN, thought_signature="google")
MISTRAL = replace(PLAIN, tool_call_id="alphanumeric_9")
LOOK = user("Look")
RESULT = user(tool_result("toolu_1"))

# Golden: what the gateway has once sent must be read for ever.
OURS = "toolu_AX0CYtKvFGNhbGxfYQ"  # call_a
OURS_SIGNED = "toolu_AX0CYtKvFGNhbGxfYf9zaWduZWQ"  # call_a, signed with "signed"
OURS_OF_KIMI = "toolu_AX0CYtKvFGZ1bmN0aW9ucy5CYXNoOjA"  # functions.Bash:0
OURS_OF_KIMI_LATER = "toolu_Aa1rW2QSiGZ1bmN0aW9ucy5CYXNoOjA"  # functions.Bash:0 in another message


def thinking(words: str, signature: str) -> Json:
    return {"type": "thinking", "thinking": words, "signature": signature}


def hidden(words: str) -> str:
    return "ew1.hidden." + urlsafe_b64encode(words.encode()).decode()


def one_call(identity: str, *before: Json) -> Json:
    """A request with one call of that id and its result."""
    return ask(LOOK, assistant(*before, tool_use(identity)), user(tool_result(identity)))


def signed(tool_call: Json, signature: str, vendor: str = "google") -> Json:
    return {**tool_call, "extra_content": {vendor: {"thought_signature": signature}}}


def opaque(identity: str, block: Json, words: str) -> RequestCase:
    """A block of a feature that runs at Anthropic, in an assistant's turn."""
    return RequestCase(
        id=identity,
        why="failure mode 29: told as text, so that the model knows what has happened",
        request=ask(LOOK, assistant(block), user("Go on")),
        body=sent(LOOK, assistant(words), user("Go on")),
    )


OPAQUE: list[tuple[dict[str, Any], str]] = [
    (
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "rain"}},
        '[server_tool_use] {"id":"srvtoolu_1","name":"web_search","input":{"query":"rain"}}',
    ),
    (
        {
            "type": "web_search_tool_result",
            "content": [{"type": "web_search_result", "title": "T", "url": "https://x.test", "encrypted_content": "E"}],
            "cache_control": {"type": "ephemeral"},
        },
        '[web_search_tool_result] {"content":[{"type":"web_search_result","title":"T","url":"https://x.test"}]}',
    ),
    ({"type": "web_fetch_tool_result", "content": {"url": "u"}}, '[web_fetch_tool_result] {"content":{"url":"u"}}'),
    (
        {"type": "code_execution_tool_result", "content": {"stdout": "1"}},
        '[code_execution_tool_result] {"content":{"stdout":"1"}}',
    ),
    ({"type": "bash_code_execution_tool_result", "content": {}}, '[bash_code_execution_tool_result] {"content":{}}'),
    ({"type": "text_editor_code_execution_tool_result"}, "[text_editor_code_execution_tool_result] {}"),
    ({"type": "tool_search_tool_result", "content": {}}, '[tool_search_tool_result] {"content":{}}'),
    ({"type": "advisor_tool_result", "content": "x"}, '[advisor_tool_result] {"content":"x"}'),
    ({"type": "mcp_tool_use", "name": "n", "input": {}}, '[mcp_tool_use] {"name":"n","input":{}}'),
    ({"type": "mcp_tool_result", "content": []}, '[mcp_tool_result] {"content":[]}'),
    ({"type": "mcp_tool_listing", "tools": []}, '[mcp_tool_listing] {"tools":[]}'),
    ({"type": "container_upload", "file_id": "file_1"}, '[container_upload] {"file_id":"file_1"}'),
    ({"type": "compaction", "content": "What has happened so far."}, "What has happened so far."),
    ({"type": "compaction", "content": None}, '[compaction] {"content":null}'),
    ({"type": "compaction", "content": " "}, '[compaction] {"content":" "}'),
]

FALLBACK: Json = {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}, "trigger": None}

CASES = [
    *(opaque(f"opaque-{at}-{block['type']}", block, words) for at, (block, words) in enumerate(OPAQUE)),
    RequestCase(
        id="opaque-by-a-user",
        why="compaction may stand in a user's turn",
        request=ask(user({"type": "compaction", "content": "So far."}, text("Go on"))),
        body=sent(user(text("So far."), text("Go on"))),
    ),
    RequestCase(
        id="fallback",
        why="the mark of where another model took over is no part of the prompt, whoever echoes it",
        request=ask(user(text("Hi"), FALLBACK), assistant(text("One"), FALLBACK, text("two")), user("Go on")),
        body=sent(user("Hi"), assistant("One\n\ntwo"), user("Go on")),
    ),
    RequestCase(
        id="reasoning-dropped",
        why="failure mode 24: an upstream that does not ask for it gets no reasoning, never as text",
        request=one_call("toolu_1", thinking("Hm.", "ew1.shown")),
        body=sent(LOOK, calls(call("toolu_1")), tool("toolu_1")),
    ),
    RequestCase(
        id="reasoning-alone",
        why="nothing else in the turn, so there is no turn",
        request=ask(user("Hi"), assistant(thinking("Hm.", "ew1.shown")), user("Go on")),
        body=sent(user(text("Hi"), text("Go on"))),
    ),
    RequestCase(
        id="reasoning-echoed",
        why="failure mode 4: DeepSeek refuses a turn with calls and without its reasoning",
        request=one_call("toolu_1", thinking("Hm.", "ew1.shown")),
        body=sent(LOOK, {**calls(call("toolu_1")), "reasoning_content": "Hm."}, tool("toolu_1")),
        traits=ECHO,
    ),
    RequestCase(
        id="reasoning-echoed-from-the-signature",
        why="failure mode 22: where the client does not see the text, the signature holds it",
        request=one_call("toolu_1", thinking("", hidden("Hm, naïve 🤔"))),
        body=sent(LOOK, {**calls(call("toolu_1")), "reasoning_content": "Hm, naïve 🤔"}, tool("toolu_1")),
        traits=ECHO,
    ),
    RequestCase(
        id="reasoning-echoed-twice",
        why="failure mode 4: all of the turn's reasoning, under the upstream's name for it",
        request=one_call("toolu_1", thinking("One.", "ew1.shown"), text("So"), thinking("Two.", "ew1.shown")),
        body=sent(LOOK, {**calls(call("toolu_1"), content="So"), "reasoning": "One.\nTwo."}, tool("toolu_1")),
        traits=replace(PLAIN, reasoning_echo="reasoning"),
    ),
    RequestCase(
        id="reasoning-of-others",
        why="failure mode 22: what others have signed, or nobody, is not ours to give back; the field must be there",
        request=one_call(
            "toolu_1",
            thinking("Secret.", "EqQBCgIYAhIkMTIz"),
            {"type": "thinking", "thinking": "Unsigned."},
            {"type": "redacted_thinking", "data": "abc"},
            thinking("", "ew1.hidden.!!"),
        ),
        body=sent(LOOK, {**calls(call("toolu_1")), "reasoning_content": ""}, tool("toolu_1")),
        traits=ECHO,
    ),
    RequestCase(
        id="reasoning-of-a-turn-without-calls",
        why="wanted only beside calls",
        request=ask(user("Hi"), assistant(thinking("Hm.", "ew1.shown"), text("Hello")), user("Go on")),
        body=sent(user("Hi"), assistant("Hello"), user("Go on")),
        traits=ECHO,
    ),
    RequestCase(
        id="id-of-ours",
        why="the upstream meets its own id again",
        request=one_call(OURS),
        body=sent(LOOK, calls(call("call_a")), tool("call_a")),
    ),
    RequestCase(
        id="id-with-other-letters",
        why="mode 21: an id that another gateway has made up breaks no conversation",
        request=one_call("toolu_é"),
        body=sent(LOOK, calls(call("call_15d3ee670762bdb75497d733")), tool("call_15d3ee670762bdb75497d733")),
    ),
    RequestCase(
        id="id-of-anthropic",
        why="a legal id of somebody else stays as it is",
        request=one_call("toolu_01A09q90qw90lq917835lq9"),
        body=sent(LOOK, calls(call("toolu_01A09q90qw90lq917835lq9")), tool("toolu_01A09q90qw90lq917835lq9")),
    ),
    RequestCase(
        id="id-that-repeats",
        why="failure mode 21: Kimi's ids begin again in every turn; no id may name two calls",
        request=ask(
            LOOK,
            assistant(tool_use(OURS_OF_KIMI)),
            user(tool_result(OURS_OF_KIMI, "One")),
            assistant(tool_use(OURS_OF_KIMI_LATER)),
            user(tool_result(OURS_OF_KIMI_LATER, "Two")),
        ),
        body=sent(
            LOOK,
            calls(call("functions.Bash:0")),
            tool("functions.Bash:0", "One"),
            calls(call("call_5e0ac15c0ee84843e687ccdc")),
            tool("call_5e0ac15c0ee84843e687ccdc", "Two"),
        ),
    ),
    RequestCase(
        id="id-that-the-client-repeats",
        why="failure mode 21: a history of another gateway may repeat ids: in one turn, and in two",
        request=ask(
            LOOK,
            assistant(tool_use("call_0", at="north"), tool_use("call_0", at="south")),
            user(tool_result("call_0", "One"), tool_result("call_0", "Two")),
            assistant(tool_use("call_0")),
            user(tool_result("call_0", "Three")),
        ),
        body=sent(
            LOOK,
            calls(
                call("call_0", arguments='{"at":"north"}'),
                call("call_30232ddd8339ebb2100272c6", arguments='{"at":"south"}'),
            ),
            tool("call_0", "One"),
            tool("call_30232ddd8339ebb2100272c6", "Two"),
            calls(call("call_9e1bb84f7635658208142f92")),
            tool("call_9e1bb84f7635658208142f92", "Three"),
        ),
    ),
    RequestCase(
        id="id-too-long",
        why="failure mode 21: OpenAI takes 40 characters",
        request=one_call("call_" + "x" * 36),
        body=sent(LOOK, calls(call("call_eec9842a8c6c6dbdf065c93c")), tool("call_eec9842a8c6c6dbdf065c93c")),
    ),
    RequestCase(
        id="id-for-mistral",
        why="failure mode 21: exactly nine letters and digits",
        request=one_call(OURS),
        body=sent(LOOK, calls(call("f453acdd8")), tool("f453acdd8")),
        traits=MISTRAL,
    ),
    RequestCase(
        id="id-of-mistral",
        why="its own ids are legal",
        request=one_call("a1B2c3D4e"),
        body=sent(LOOK, calls(call("a1B2c3D4e")), tool("a1B2c3D4e")),
        traits=MISTRAL,
    ),
    RequestCase(
        id="signature-restored",
        why="failure mode 3: Gemini refuses a call without its signature, which came in the id",
        request=one_call(OURS_SIGNED),
        body=sent(LOOK, calls(signed(call("call_a"), "signed")), tool("call_a")),
        traits=GEMINI,
    ),
    RequestCase(
        id="signature-restored-for-vertex",
        why="failure mode 3: Vertex has a name of its own for the same field",
        request=one_call(OURS_SIGNED),
        body=sent(LOOK, calls(signed(call("call_a"), "signed", "vertex")), tool("call_a")),
        traits=replace(PLAIN, thought_signature="vertex"),
    ),
    RequestCase(
        id="signature-stripped",
        why="failure mode 3: no other upstream knows the field",
        request=one_call(OURS_SIGNED),
        body=sent(LOOK, calls(call("call_a")), tool("call_a")),
    ),
    RequestCase(
        id="signature-of-parallel-calls",
        why="failure mode 3: only the first call of a turn is signed",
        request=ask(
            LOOK,
            assistant(tool_use(OURS_SIGNED), tool_use("toolu_2")),
            user(tool_result(OURS_SIGNED), tool_result("toolu_2")),
        ),
        body=sent(
            LOOK,
            calls(signed(call("call_a"), "signed"), call("toolu_2")),
            tool("call_a"),
            tool("toolu_2"),
        ),
        traits=GEMINI,
    ),
    RequestCase(
        id="signature-missing",
        why="failure mode 3: a call that another model has made is told to be one",
        request=one_call("toolu_1"),
        body=sent(LOOK, calls(signed(call("toolu_1"), "skip_thought_signature_validator")), tool("toolu_1")),
        traits=GEMINI,
    ),
    RequestCase(
        id="tool-changes-are-no-text",
        why="they change the tools, and say nothing",
        request=ask(
            user(text("Hi"), {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "look"}}),
            assistant("Hello"),
            {
                "role": "system",
                "content": [{"type": "tool_addition", "tool": {"type": "tool_reference", "name": "look"}}],
            },
            user("Go on"),
        ),
        body=sent(user("Hi"), assistant("Hello"), user("Go on")),
    ),
    # reasoning in the form in which the upstream has sent it
    RequestCase(
        id="details-echoed",
        why="failure mode 22: OpenRouter gets its own details back, unchanged, also without a call",
        request=ask(LOOK, assistant(thinking("Hm.", DETAILED), text("A wall.")), user("Go on")),
        body=sent(LOOK, {**assistant("A wall."), "reasoning_details": DETAILS}, user("Go on")),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="details-echoed-with-a-call",
        why="failure mode 22: of all blocks, in order",
        request=one_call("toolu_1", thinking("Hm.", DETAILED), thinking("", DETAILED)),
        body=sent(LOOK, {**calls(call("toolu_1")), "reasoning_details": [*DETAILS, *DETAILS]}, tool("toolu_1")),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="details-of-somebody-else",
        why="failure mode 22: what it has not sent it does not get",
        request=one_call("toolu_1", thinking("Hm.", "EqQB"), thinking("Hm.", "ew1.shown")),
        body=sent(LOOK, calls(call("toolu_1")), tool("toolu_1")),
        traits=OPENROUTER,
    ),
    RequestCase(
        id="details-as-text",
        why="failure mode 22: after a change of the upstream, what can be read of them",
        request=one_call("toolu_1", thinking("", DETAILED)),
        body=sent(LOOK, {**calls(call("toolu_1")), "reasoning_content": "Hm."}, tool("toolu_1")),
        traits=ECHO,
    ),
    RequestCase(
        id="think-tags-echoed",
        why="failure mode 24: MiniMax wants to read what it has said as it has said it",
        request=ask(LOOK, assistant(thinking("Hm.", "ew1.shown"), text("A wall.")), user("Go on")),
        body=sent(LOOK, assistant("<think>\nHm.\n</think>\n\nA wall."), user("Go on")),
        traits=MINIMAX,
    ),
    RequestCase(
        id="think-tags-echoed-with-a-call",
        why="failure mode 24: also where it has said nothing else",
        request=one_call("toolu_1", thinking("Hm.", "ew1.shown")),
        body=sent(LOOK, calls(call("toolu_1"), content="<think>\nHm.\n</think>\n\n"), tool("toolu_1")),
        traits=MINIMAX,
    ),
    RequestCase(
        id="think-tags-of-nothing",
        why="it has not thought",
        request=one_call("toolu_1"),
        body=sent(LOOK, calls(call("toolu_1")), tool("toolu_1")),
        traits=MINIMAX,
    ),
]
