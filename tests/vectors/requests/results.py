"""Tool results: order, orphans, duplicates, missing ones, and what they hold (wire.md 4.3; modes 20, 30, 44, 45)."""

from dataclasses import replace
from typing import Any

from tests.vectors.requests import (
    OPENAI,
    PLAIN,
    Json,
    RequestCase,
    ask,
    assistant,
    call,
    calls,
    sent,
    sent_to_openai,
    text,
    tool,
    tool_result,
    tool_use,
    user,
)
from tests.vectors.requests.media import PDF, PDF_DATA, PNG, PNG_PART

LOOK = user("Look")
ONE_CALL = assistant(tool_use("toolu_1"))
TWO_CALLS = assistant(tool_use("toolu_1"), tool_use("toolu_2"))
SENT_CALL = calls(call("toolu_1"))
SENT_CALLS = calls(call("toolu_1"), call("toolu_2"))


def one(content: Any, **more: Any) -> Json:
    """A request with one call and this result of it."""
    return ask(LOOK, ONE_CALL, user(tool_result("toolu_1", content, **more)))


CASES = [
    RequestCase(
        id="result-string",
        why="the simplest form",
        request=one("A wall."),
        body=sent(LOOK, SENT_CALL, tool("toolu_1")),
    ),
    RequestCase(
        id="result-blocks",
        why="tool messages hold one text",
        request=one([text("A wall."), {**text("A door."), "cache_control": {"type": "ephemeral"}}]),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "A wall.\nA door.")),
    ),
    RequestCase(
        id="result-empty",
        why="failure mode 45: upstreams refuse empty text",
        request=one(""),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "(no output)")),
    ),
    RequestCase(
        id="result-without-content",
        why="failure mode 45: content may be left out",
        request=ask(LOOK, ONE_CALL, user({"type": "tool_result", "tool_use_id": "toolu_1"})),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "(no output)")),
    ),
    RequestCase(
        id="result-error",
        why="failure mode 44: the flag has no field, so the text says it",
        request=one("No light.", is_error=True),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "Error: No light.")),
    ),
    RequestCase(
        id="result-error-says-so",
        why="not twice",
        request=one("Error: No light.", is_error=True),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "Error: No light.")),
    ),
    RequestCase(
        id="result-error-of-claude-code",
        why="its wrapper says it as well",
        request=one("<tool_use_error>No light.</tool_use_error>", is_error=True),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "<tool_use_error>No light.</tool_use_error>")),
    ),
    RequestCase(
        id="result-empty-error",
        why="failure mode 44: an error without words is an error still",
        request=one([], is_error=True),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "Error: (no output)")),
    ),
    RequestCase(
        id="result-no-error",
        why="false is the ordinary case",
        request=one("A wall.", is_error=False),
        body=sent(LOOK, SENT_CALL, tool("toolu_1")),
    ),
    RequestCase(
        id="result-image",
        why="failure mode 30: tool messages are text, so the image follows in a user message",
        request=one([text("Seen:"), PNG]),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "Seen:\n[attachment 1 below]"), user(PNG_PART)),
    ),
    RequestCase(
        id="result-images-of-two-calls",
        why="failure mode 30: all tool messages first, and the numbers tell whose image is whose",
        request=ask(
            LOOK, TWO_CALLS, user(tool_result("toolu_1", [PNG]), tool_result("toolu_2", [PNG, PNG]), text("And?"))
        ),
        body=sent(
            LOOK,
            SENT_CALLS,
            tool("toolu_1", "[attachment 1 below]"),
            tool("toolu_2", "[attachment 2 below]\n[attachment 3 below]"),
            user(PNG_PART, PNG_PART, PNG_PART, text("And?")),
        ),
    ),
    RequestCase(
        id="result-image-for-a-blind-model",
        why="failure mode 31: a note in the tool message, and nothing to follow it",
        request=one([PNG]),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "[An image stands here that this model cannot see.]")),
        dropped=("image",),
        traits=replace(PLAIN, images=False),
    ),
    RequestCase(
        id="result-pdf",
        why="failure mode 32: Claude Code puts PDF into tool results",
        request=one([text("PDF:"), PDF]),
        body=sent_to_openai(
            LOOK,
            SENT_CALL,
            tool("toolu_1", "PDF:\n[attachment 1 below]"),
            user({"type": "file", "file": {"filename": "document.pdf", "file_data": PDF_DATA}}),
        ),
        traits=OPENAI,
    ),
    RequestCase(
        id="result-search-result",
        why="as text",
        request=one([{"type": "search_result", "title": "T", "source": "S", "content": [text("C")]}]),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "T\nSource: S\n\nC")),
    ),
    RequestCase(
        id="result-browser-state",
        why="only Anthropic's models read it, so it is told as text",
        request=one([{"type": "browser_state", "url": "https://x.test"}]),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", '[browser_state] {"url":"https://x.test"}')),
    ),
    RequestCase(
        id="results-before-text",
        why="failure mode 20: text before a result in the same turn comes after it",
        request=ask(LOOK, ONE_CALL, user(text("Here:"), tool_result("toolu_1"), text("Go on"))),
        body=sent(LOOK, SENT_CALL, tool("toolu_1"), user(text("Here:"), text("Go on"))),
    ),
    RequestCase(
        id="results-reordered",
        why="failure mode 20: in the order of the calls, whatever theirs is",
        request=ask(LOOK, TWO_CALLS, user(tool_result("toolu_2", "Two"), tool_result("toolu_1", "One"))),
        body=sent(LOOK, SENT_CALLS, tool("toolu_1", "One"), tool("toolu_2", "Two")),
    ),
    RequestCase(
        id="results-in-two-messages",
        why="failure mode 20: both belong to the turn after the calls",
        request=ask(LOOK, TWO_CALLS, user(tool_result("toolu_1", "One")), user(tool_result("toolu_2", "Two"))),
        body=sent(LOOK, SENT_CALLS, tool("toolu_1", "One"), tool("toolu_2", "Two")),
    ),
    RequestCase(
        id="result-missing",
        why="failure mode 20: every call wants an answer, in its place",
        request=ask(LOOK, TWO_CALLS, user(tool_result("toolu_2", "Two"), text("Go on"))),
        body=sent(LOOK, SENT_CALLS, tool("toolu_1", "[no result]"), tool("toolu_2", "Two"), user("Go on")),
    ),
    RequestCase(
        id="results-all-missing",
        why="failure mode 20: an interrupted turn",
        request=ask(LOOK, ONE_CALL, user("Stop")),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "[no result]"), user("Stop")),
    ),
    RequestCase(
        id="result-orphan",
        why="failure mode 20: after compaction results outlive their calls: they become text, never an unmatched id",
        request=ask(user(tool_result("toolu_9", "A wall."), text("Go on"))),
        body=sent(user(text("[result of an earlier tool call] A wall."), text("Go on"))),
    ),
    RequestCase(
        id="result-orphan-with-image",
        why="failure mode 20: its image stands right after it",
        request=ask(user(tool_result("toolu_9", [PNG]))),
        body=sent(user(text("[result of an earlier tool call] [attachment 1 below]"), PNG_PART)),
    ),
    RequestCase(
        id="result-of-an-earlier-turn",
        why="failure mode 20: a call can be answered only at once",
        request=ask(LOOK, ONE_CALL, user("Stop"), assistant("Yes?"), user(tool_result("toolu_1", "Late."))),
        body=sent(
            LOOK,
            SENT_CALL,
            tool("toolu_1", "[no result]"),
            user("Stop"),
            assistant("Yes?"),
            user("[result of an earlier tool call] Late."),
        ),
    ),
    RequestCase(
        id="result-twice",
        why="failure mode 20: one answer to a call: the first; nothing is lost",
        request=ask(LOOK, ONE_CALL, user(tool_result("toolu_1", "One"), tool_result("toolu_1", "Two"))),
        body=sent(LOOK, SENT_CALL, tool("toolu_1", "One"), user("[result of an earlier tool call] Two")),
    ),
    RequestCase(
        id="result-in-the-turn-after-reasoning",
        why="an assistant message of nothing but reasoning does not part a call from its result",
        request=ask(
            LOOK,
            ONE_CALL,
            assistant({"type": "thinking", "thinking": "Hm.", "signature": "ew1.shown"}),
            user(tool_result("toolu_1")),
        ),
        body=sent(LOOK, SENT_CALL, tool("toolu_1")),
    ),
    RequestCase(
        id="calls-of-two-turns",
        why="each turn's calls are answered after it",
        request=ask(
            LOOK,
            assistant(text("I look."), tool_use("toolu_1")),
            user(tool_result("toolu_1", "One")),
            assistant(tool_use("toolu_2")),
            user(tool_result("toolu_2", "Two")),
        ),
        body=sent(
            LOOK,
            calls(call("toolu_1"), content="I look."),
            tool("toolu_1", "One"),
            calls(call("toolu_2")),
            tool("toolu_2", "Two"),
        ),
    ),
]
