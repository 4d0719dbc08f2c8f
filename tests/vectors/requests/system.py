"""The system prompt, and system messages among the others (wire.md 4.1, 4.3; failure modes 1, 16)."""

from dataclasses import replace

from tests.vectors.requests import (
    HELLO,
    OPENAI,
    PLAIN,
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

BILLING = text("x-anthropic-billing-header: cc_version=2.1.330.abc; cc_entrypoint=cli; cch=1f2e3;")
BRIEF = {"role": "system", "content": "Be brief."}
KEEP = replace(PLAIN, mid_system="keep")

CASES = [
    RequestCase(
        id="system-string",
        why="the simplest form",
        request=ask(system="Be brief."),
        body=sent(BRIEF, HELLO),
    ),
    RequestCase(
        id="system-blocks",
        why="failure mode 38: blocks become one text; cache_control means nothing to another vendor",
        request=ask(system=[{**text("Be brief."), "cache_control": {"type": "ephemeral"}}, text("Be kind.")]),
        body=sent({"role": "system", "content": "Be brief.\n\nBe kind."}, HELLO),
    ),
    RequestCase(
        id="system-billing-block",
        why="failure mode 16: Claude Code's nonce spoils the prompt cache of every other vendor",
        request=ask(system=[BILLING, text("Be brief.")]),
        body=sent(BRIEF, HELLO),
    ),
    RequestCase(
        id="system-only-billing",
        why="nothing is left, so there is no system message",
        request=ask(system=[BILLING]),
        body=sent(HELLO),
    ),
    RequestCase(id="system-empty-string", why="upstreams refuse empty text", request=ask(system=""), body=sent(HELLO)),
    RequestCase(id="system-no-blocks", why="an empty list is no prompt", request=ask(system=[]), body=sent(HELLO)),
    RequestCase(
        id="system-blank-blocks",
        why="blank blocks say nothing",
        request=ask(system=[text(" \n"), text("Be brief.")]),
        body=sent(BRIEF, HELLO),
    ),
    RequestCase(
        id="system-for-developer",
        why="an upstream may call the role developer",
        request=ask(system="Be brief."),
        body=sent({"role": "developer", "content": "Be brief."}, HELLO),
        traits=replace(PLAIN, instructions_role="developer"),
    ),
    RequestCase(
        id="mid-system-kept",
        why="failure mode 1: OpenAI takes a system message anywhere, and the prompt's beginning stays as it was",
        request=ask(user("Hi"), assistant("Hello"), {"role": "system", "content": "Be brief."}, user("Go on")),
        body=sent_to_openai(user("Hi"), assistant("Hello"), BRIEF, user("Go on")),
        traits=OPENAI,
    ),
    RequestCase(
        id="mid-system-folded",
        why="failure mode 1: chat templates of open models refuse it: it becomes a reminder in the user's turn",
        request=ask(user("Hi"), assistant("Hello"), {"role": "system", "content": "Be brief."}, user("Go on")),
        body=sent(
            user("Hi"),
            assistant("Hello"),
            user(text("<system-reminder>\nBe brief.\n</system-reminder>"), text("Go on")),
        ),
    ),
    RequestCase(
        id="mid-system-last",
        why="failure mode 1: Claude Code's very first request ends in a system message",
        request=ask(user("Hi"), {"role": "system", "content": [text("Be brief."), text("Be kind.")]}),
        body=sent(user(text("Hi"), text("<system-reminder>\nBe brief.\n\nBe kind.\n</system-reminder>"))),
    ),
    RequestCase(
        id="mid-system-first",
        why="failure mode 1: the first message may be one, and there need be no user at all",
        request=ask({"role": "system", "content": "Be brief."}),
        body=sent(user("<system-reminder>\nBe brief.\n</system-reminder>")),
    ),
    RequestCase(
        id="mid-system-alone-kept",
        why="somebody must have spoken",
        request=ask({"role": "system", "content": "Be brief."}),
        body=sent(BRIEF, user("(empty)")),
        traits=KEEP,
    ),
    RequestCase(
        id="mid-system-developer",
        why="failure mode 1: OpenAI's name for the role is taken as well",
        request=ask({"role": "developer", "content": "Be brief."}, user("Hi")),
        body=sent(BRIEF, user("Hi")),
        traits=KEEP,
    ),
    RequestCase(
        id="mid-system-empty",
        why="failure mode 1: Claude Code sends directives without content, which must not part the assistant's turn",
        request=ask(
            user("Hi"),
            assistant("One"),
            {"role": "system", "content": [], "output_config": {"effort": "low"}},
            assistant("Two"),
            user("Go on"),
        ),
        body=sent(user("Hi"), assistant("One\n\nTwo"), user("Go on")),
        dropped=("output_config.effort",),
    ),
    RequestCase(
        id="mid-system-between-call-and-result",
        why="failure mode 1: nothing may stand between a call and its tool message",
        request=ask(
            user("Look"),
            assistant(tool_use("toolu_1")),
            {"role": "system", "content": "Be brief."},
            user(tool_result("toolu_1")),
        ),
        body=sent(user("Look"), calls(call("toolu_1")), tool("toolu_1"), BRIEF),
        traits=KEEP,
    ),
    RequestCase(
        id="mid-system-after-results-folded",
        why="failure mode 1: after tool messages the reminder is a user message of its own",
        request=ask(
            user("Look"),
            assistant(tool_use("toolu_1")),
            user(tool_result("toolu_1")),
            {"role": "system", "content": "Be brief."},
        ),
        body=sent(
            user("Look"),
            calls(call("toolu_1")),
            tool("toolu_1"),
            user("<system-reminder>\nBe brief.\n</system-reminder>"),
        ),
    ),
    RequestCase(
        id="mid-system-parts-the-user-turn",
        why="kept in its place, between what the user said before and after it",
        request=ask(user("One"), {"role": "system", "content": "Be brief."}, user("Two")),
        body=sent(user("One"), BRIEF, user("Two")),
        traits=KEEP,
    ),
    RequestCase(
        id="mid-system-cleared",
        why="clear_at: the next user message ends it",
        request=ask(
            user("One"),
            {"role": "system", "content": "Be brief.", "clear_at": "next_user_message"},
            assistant("1"),
            user("Two"),
            {"role": "system", "content": "Be kind.", "clear_at": "next_user_message"},
        ),
        body=sent(user("One"), assistant("1"), user("Two"), {"role": "system", "content": "Be kind."}),
        traits=KEEP,
    ),
    RequestCase(
        id="mid-system-never-cleared",
        why="clear_at: never is the ordinary case",
        request=ask(user("One"), {"role": "system", "content": "Be brief.", "clear_at": "never"}, user("Two")),
        body=sent(user("One"), BRIEF, user("Two")),
        traits=KEEP,
    ),
    RequestCase(
        id="mid-system-holds-an-image",
        why="only text belongs into a system message: what else it holds is named",
        request=ask(
            {
                "role": "system",
                "content": [text("Be brief."), {"type": "image", "source": {"type": "url", "url": "https://x.test/a"}}],
            },
            user("Hi"),
        ),
        body=sent(BRIEF, user("Hi")),
        dropped=("image",),
        traits=KEEP,
    ),
    RequestCase(
        id="system-among-what-the-user-says",
        why="a block of the official description's, on which Anthropic's models act as on the system prompt",
        request=ask(
            user(
                text("One"),
                {"type": "mid_conv_system", "content": [text("Be brief."), text(" "), text("Be kind.")]},
                {"type": "mid_conv_system", "content": []},
                text("Two"),
            )
        ),
        body=sent(user(text("One"), text("<system-reminder>\nBe brief.\n\nBe kind.\n</system-reminder>"), text("Two"))),
    ),
]
