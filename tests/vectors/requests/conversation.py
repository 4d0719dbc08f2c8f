"""Turns: who speaks after whom, and what an empty one becomes (wire.md 4.3; failure modes 20, 45)."""

from dataclasses import replace
from typing import Literal

from tests.vectors.requests import PLAIN, RequestCase, ask, assistant, call, calls, sent, text, tool, tool_use, user

PREFILLS: tuple[Literal["prefix", "continue_final_message"], ...] = ("prefix", "continue_final_message")

CASES = [
    RequestCase(
        id="one-text-block",
        why="a single text is a plain string, which every server takes",
        request=ask(user(text("Hi"))),
        body=sent(user("Hi")),
    ),
    RequestCase(
        id="two-text-blocks",
        why="their boundary is kept",
        request=ask(user(text("Hi"), {**text("there"), "cache_control": {"type": "ephemeral", "ttl": "1h"}})),
        body=sent(user(text("Hi"), text("there"))),
    ),
    RequestCase(
        id="alternating",
        why="the ordinary conversation",
        request=ask(user("Hi"), assistant("Hello"), user("Bye")),
        body=sent(user("Hi"), assistant("Hello"), user("Bye")),
    ),
    RequestCase(
        id="prefill-prefix",
        why="Mistral refuses it unless it is marked as the beginning of the answer",
        request=ask(user("Hi"), assistant("Hel")),
        body=sent(user("Hi"), {**assistant("Hel"), "prefix": True}),
        traits=replace(PLAIN, prefill="prefix"),
    ),
    RequestCase(
        id="prefill-continued",
        why="vLLM would begin another turn after it",
        request=ask(user("Hi"), assistant("Hel")),
        body=sent(user("Hi"), assistant("Hel"), continue_final_message=True, add_generation_prompt=False),
        traits=replace(PLAIN, prefill="continue_final_message"),
    ),
    *(
        RequestCase(
            id=f"prefill-none-{prefill}",
            why="where the user has spoken last, nothing is to be gone on with",
            request=ask(user("Hi"), assistant("Hello"), user("Bye")),
            body=sent(user("Hi"), assistant("Hello"), user("Bye")),
            traits=replace(PLAIN, prefill=prefill),
        )
        for prefill in PREFILLS
    ),
    RequestCase(
        id="same-role-twice",
        why="turns of one role are one message",
        request=ask(user("One"), user("Two"), assistant("1"), assistant(text("2"), text("3"))),
        body=sent(user(text("One"), text("Two")), assistant("1\n\n2\n\n3")),
    ),
    RequestCase(
        id="blank-text-dropped",
        why="failure mode 45: upstreams refuse empty text",
        request=ask(user(text(""), text("Hi"), text(" \n"))),
        body=sent(user("Hi")),
    ),
    RequestCase(
        id="empty-user-string",
        why="failure mode 45: an emptied turn keeps its place",
        request=ask(user("")),
        body=sent(user("(empty)")),
    ),
    RequestCase(
        id="no-user-blocks",
        why="as an empty string",
        request=ask({"role": "user", "content": []}),
        body=sent(user("(empty)")),
    ),
    RequestCase(
        id="empty-user-between",
        why="failure mode 45: without a placeholder two assistant turns would meet",
        request=ask(user("Hi"), assistant("One"), user(" "), assistant("Two"), user("Go on")),
        body=sent(user("Hi"), assistant("One"), user("(empty)"), assistant("Two"), user("Go on")),
    ),
    RequestCase(
        id="empty-user-last",
        why="without a placeholder the assistant's last words would be taken for a beginning to go on from",
        request=ask(user("Hi"), assistant("One"), user("")),
        body=sent(user("Hi"), assistant("One"), user("(empty)")),
    ),
    RequestCase(
        id="empty-assistant",
        why="it says nothing, and the user's turns around it become one",
        request=ask(user("One"), {"role": "assistant", "content": []}, user("Two")),
        body=sent(user(text("One"), text("Two"))),
    ),
    RequestCase(
        id="assistant-only",
        why="a conversation may begin with the assistant",
        request=ask(assistant("Hello")),
        body=sent(assistant("Hello")),
    ),
    RequestCase(
        id="assistant-empty-only",
        why="failure mode 45: somebody must have spoken",
        request=ask(assistant(" ")),
        body=sent(user("(empty)")),
    ),
    RequestCase(
        id="prefill",
        why="a beginning of the answer is sent on",
        request=ask(user("Name a colour"), assistant("My colour is")),
        body=sent(user("Name a colour"), assistant("My colour is")),
    ),
    RequestCase(
        id="prefill-with-whitespace",
        why="failure mode 45: a beginning of the answer must not end in whitespace, a turn before the last may",
        request=ask(assistant("Ready. "), user("Name a colour "), assistant(text("My colour is \n"))),
        body=sent(assistant("Ready. "), user("Name a colour "), assistant("My colour is")),
    ),
    RequestCase(
        id="calls-without-text",
        why="failure mode 45: null stands for no text",
        request=ask(user("Look"), assistant(tool_use("toolu_1", at="north"))),
        body=sent(
            user("Look"),
            calls(call("toolu_1", arguments='{"at":"north"}')),
            tool("toolu_1", "[no result]"),
        ),
    ),
    RequestCase(
        id="calls-without-text-as-string",
        why="failure mode 45: some servers refuse null",
        request=ask(user("Look"), assistant(tool_use("toolu_1"))),
        body=sent(
            user("Look"),
            calls(call("toolu_1"), content=""),
            tool("toolu_1", "[no result]"),
        ),
        traits=replace(PLAIN, empty_assistant_content="string"),
    ),
    RequestCase(
        id="calls-with-text",
        why="text and calls are one message, in whatever order they came",
        request=ask(user("Look"), assistant(text("I look."), tool_use("toolu_1"), text("There."))),
        body=sent(
            user("Look"),
            calls(call("toolu_1"), content="I look.\n\nThere."),
            tool("toolu_1", "[no result]"),
        ),
    ),
    RequestCase(
        id="arguments-are-compact-ascii",
        why="the same arguments are the same bytes in every request, or the prompt cache misses",
        request=ask(user("Look"), assistant(tool_use("toolu_1", where="Zürich 🏔", deep={"b": [1, None], "a": True}))),
        body=sent(
            user("Look"),
            calls(
                call(
                    "toolu_1",
                    arguments='{"where":"Z\\u00fcrich \\ud83c\\udfd4","deep":{"b":[1,null],"a":true}}',
                )
            ),
            tool("toolu_1", "[no result]"),
        ),
    ),
    RequestCase(
        id="assistant-holds-what-only-users-send",
        why="older versions of the API took documents there: the text is kept, the rest is named",
        request=ask(
            user("Hi"),
            assistant(
                text("Here."),
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "A report."}},
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"},
            ),
            user("Thanks"),
        ),
        body=sent(user("Hi"), assistant("Here."), user("Thanks")),
        dropped=("document", "tool_result"),
    ),
    RequestCase(
        id="user-holds-what-only-assistants-send",
        why="a call in a user's turn is told as text with all it says, reasoning is nobody's; both are named",
        request=ask(
            user(
                text("I did"),
                tool_use("toolu_1", at="me"),
                {"type": "thinking", "thinking": "x", "signature": "y"},
                {"type": "redacted_thinking", "data": "z"},
            )
        ),
        body=sent(user(text("I did"), text('[call of the tool look] {"at":"me"}'))),
        dropped=("tool_use", "thinking", "redacted_thinking"),
    ),
]
