"""Which tool must be called, and how many at once (wire.md 4.4; failure modes 29, 48)."""

from dataclasses import replace

from translator.prompt.client_tools import CLIENT_TOOLS
from translator.traits import Traits

from tests.vectors.requests import LOOK, LOOK_FUNCTION, OPENAI, PLAIN, Json, RefusedCase, RequestCase, ask, sent
from tests.vectors.requests import sent_to_openai as to_openai

LISTEN: Json = {**LOOK, "name": "listen"}
LISTEN_FUNCTION: Json = {"type": "function", "function": {**LOOK_FUNCTION["function"], "name": "listen"}}
AUTO: Json = {"type": "auto"}
ANY: Json = {"type": "any"}
NONE: Json = {"type": "none"}
NAMED: Json = {"type": "tool", "name": "look"}
NAMED_FUNCTION: Json = {"type": "function", "function": {"name": "look"}}
SERIAL: Json = {"disable_parallel_tool_use": True}
UNFORCED = replace(PLAIN, tool_choice="unforced")
LM_STUDIO = replace(PLAIN, tool_choice="unnamed")
COHERE = replace(PLAIN, tool_choice="required_or_none")


def case(
    identity: str, why: str, choice: Json, fields: Json, *, traits: Traits = PLAIN, dropped: tuple[str, ...] = ()
) -> RequestCase:
    """A request with one tool and this choice."""
    return RequestCase(
        id=f"choice-{identity}",
        why=why,
        request=ask(tools=[LOOK], tool_choice=choice),
        body=sent(tools=[LOOK_FUNCTION], **fields),
        traits=traits,
        dropped=dropped,
    )


CASES = [
    case("auto", "the same word", AUTO, {"tool_choice": "auto"}),
    case("any", "failure mode 48: called required", ANY, {"tool_choice": "required"}),
    case("tool", "failure mode 48: by name", NAMED, {"tool_choice": NAMED_FUNCTION}),
    case("none", "failure mode 48: the tools stay, for the prompt cache", NONE, {"tool_choice": "none"}),
    case(
        "any-unforced",
        "failure mode 48: an upstream that forces nothing",
        ANY,
        {"tool_choice": "auto"},
        traits=UNFORCED,
        dropped=("tool_choice",),
    ),
    case("tool-unforced", "as any", NAMED, {"tool_choice": "auto"}, traits=UNFORCED, dropped=("tool_choice",)),
    case("auto-unforced", "nothing is lost", AUTO, {"tool_choice": "auto"}, traits=UNFORCED),
    case("none-unforced", "nothing is lost", NONE, {"tool_choice": "none"}, traits=UNFORCED),
    case("auto-lm-studio", "LM Studio knows the words", AUTO, {"tool_choice": "auto"}, traits=LM_STUDIO),
    case("any-lm-studio", "LM Studio knows the words", ANY, {"tool_choice": "required"}, traits=LM_STUDIO),
    case("none-lm-studio", "LM Studio knows the words", NONE, {"tool_choice": "none"}, traits=LM_STUDIO),
    RequestCase(
        id="choice-tool-lm-studio",
        why="failure mode 48: LM Studio takes no name; where one tool alone is offered, it is the one that is required",
        request=ask(tools=[LOOK, LISTEN], tool_choice=NAMED),
        body=sent(tools=[LOOK_FUNCTION], tool_choice="required"),
        traits=LM_STUDIO,
    ),
    case("auto-cohere", "where nothing is chosen the model chooses", AUTO, {}, traits=COHERE),
    case(
        "auto-cohere-serial",
        "what else the choice says is told apart from its type",
        {**AUTO, **SERIAL},
        {},
        traits=COHERE,
        dropped=("tool_choice.disable_parallel_tool_use",),
    ),
    case("any-cohere", "required is known", ANY, {"tool_choice": "required"}, traits=COHERE),
    case("none-cohere", "none is known", NONE, {"tool_choice": "none"}, traits=COHERE),
    case("tool-cohere", "the only tool is the one that is required", NAMED, {"tool_choice": "required"}, traits=COHERE),
    RequestCase(
        id="choice-tool-cohere-of-two",
        why="some tool, but which one is lost",
        request=ask(tools=[LOOK, LISTEN], tool_choice=NAMED),
        body=sent(tools=[LOOK_FUNCTION, LISTEN_FUNCTION], tool_choice="required"),
        traits=COHERE,
        dropped=("tool_choice.name",),
    ),
    *(
        RequestCase(
            id=f"serial-{choice['type']}",
            why="one call at a time, where the upstream knows it",
            request=ask(tools=[LOOK], tool_choice={**choice, **SERIAL}),
            body=to_openai(tools=[LOOK_FUNCTION], tool_choice=encoded, parallel_tool_calls=False),
            traits=OPENAI,
        )
        for choice, encoded in ((AUTO, "auto"), (ANY, "required"), (NAMED, NAMED_FUNCTION))
    ),
    RequestCase(
        id="serial-false",
        why="parallel calls are the ordinary case",
        request=ask(tools=[LOOK], tool_choice={**AUTO, "disable_parallel_tool_use": False}),
        body=to_openai(tools=[LOOK_FUNCTION], tool_choice="auto"),
        traits=OPENAI,
    ),
    case(
        "serial-unknown",
        "failure mode 48: named where it cannot be honoured",
        {**AUTO, **SERIAL},
        {"tool_choice": "auto"},
        dropped=("tool_choice.disable_parallel_tool_use",),
    ),
    *(
        RequestCase(
            id=f"choice-{choice['type']}-without-tools",
            why="a choice without tools is refused by upstreams, and means nothing",
            request=ask(tool_choice={**choice}),
            body=sent(),
        )
        for choice in ({**AUTO, **SERIAL}, NONE)
    ),
    RequestCase(
        id="choice-of-a-tool-without-a-name",
        why="it has the official one",
        request=ask(tools=[{"type": "bash_20250124"}], tool_choice={"type": "tool", "name": "bash"}),
        body=sent(
            tools=[{"type": "function", "function": CLIENT_TOOLS["bash_"]}],
            tool_choice={"type": "function", "function": {"name": "bash"}},
        ),
    ),
    RequestCase(
        id="choice-auto-of-a-dropped-tool",
        why="failure mode 29: no tool is left, so there is no choice either",
        request=ask(tools=[{"type": "web_search_20250305", "name": "web_search"}], tool_choice=AUTO),
        body=sent(),
        dropped=("tools.web_search_20250305",),
    ),
]

REFUSED = [
    RefusedCase(
        id="choice-any-of-server-tools",
        why="failure mode 29: nothing is left that could be called",
        request=ask(tools=[{"type": "web_fetch_20250910", "name": "web_fetch"}], tool_choice=ANY),
        message="tool_choice.any: none of the tools can be offered",
    ),
    RefusedCase(
        id="choice-of-a-server-tool",
        why="failure mode 29: it cannot be offered",
        request=ask(
            tools=[LOOK, {"type": "web_fetch_20250910", "name": "web_fetch"}],
            tool_choice={"type": "tool", "name": "web_fetch"},
        ),
        message="tool_choice.name: the tool 'web_fetch' is not among those that can be offered",
    ),
    RefusedCase(
        id="choice-of-a-deferred-tool",
        why="no search has loaded it",
        request=ask(tools=[LOOK, {**LISTEN, "defer_loading": True}], tool_choice={"type": "tool", "name": "listen"}),
        message="tool_choice.name: the tool 'listen' is not among those that can be offered",
    ),
]
