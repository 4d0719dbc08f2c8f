"""Thinking in every form, against every trait of upstreams (wire.md 4.2; failure modes 2, 4, 25)."""

from dataclasses import replace
from typing import Any

from translator.dialect import Caller
from translator.traits import Effort, Traits

from tests.vectors.requests import HELLO, LOOK, LOOK_FUNCTION, PLAIN, SOMEBODY, Json, RequestCase, ask, sent, user

CLAUDE_CODE = Caller(is_claude_code=True)
GPT_5 = replace(PLAIN, efforts=("minimal", "low", "medium", "high"))
OPENROUTER = replace(PLAIN, thinking_toggle="reasoning", efforts=("minimal", "low", "medium", "high", "xhigh"))
GPT_5_2 = replace(PLAIN, efforts=("none", "low", "medium", "high", "xhigh"))
GPT_5_4 = replace(GPT_5_2, reasoning_with_tools="default")
GPT_5_6 = replace(PLAIN, efforts=("none", "low", "medium", "high", "xhigh", "max"), reasoning_with_tools="none")
GEMINI_PRO = replace(PLAIN, efforts=("low", "high"))
DEEPSEEK = replace(PLAIN, efforts=("low", "high", "max"), thinking_toggle="thinking")
GLM = replace(PLAIN, thinking_toggle="thinking")
TOGETHER = replace(PLAIN, thinking_toggle="reasoning_enabled")
VLLM = replace(PLAIN, thinking_toggle="chat_template_kwargs")
TOGETHERS_DEEPSEEK = replace(TOGETHER, efforts=("high", "max"))
GROQS_QWEN = replace(PLAIN, thinking_toggle="reasoning_effort", fields=PLAIN.fields | {"reasoning_format"})
PARSED: Json = {"reasoning_format": "parsed"}
QWEN = replace(PLAIN, thinking_toggle="enable_thinking")

ADAPTIVE: Json = {"type": "adaptive"}
DISABLED: Json = {"type": "disabled"}


def enabled(budget: int | None = None) -> Json:
    return {"type": "enabled"} if budget is None else {"type": "enabled", "budget_tokens": budget}


def level(effort: Effort) -> Json:
    """The field `output_config` with this effort."""
    return {"output_config": {"effort": effort}}


def case(
    identity: str,
    why: str,
    asked: Json,
    fields: Json,
    *,
    traits: Traits = GPT_5,
    dropped: tuple[str, ...] = (),
    caller: Caller = SOMEBODY,
) -> RequestCase:
    """A request that differs in these fields only, and a body that differs in those only."""
    more: dict[str, Any] = {"tools": [LOOK_FUNCTION]} if "tools" in asked else {}
    return RequestCase(
        id=identity,
        why=why,
        request=ask(**asked),
        body=sent(**more, **fields),
        traits=traits,
        dropped=dropped,
        caller=caller,
    )


TOOLS: Json = {"tools": [LOOK]}

CASES = [
    # what the caller asks for
    case("thinking-absent", "nobody has asked: the model decides", {}, {}),
    case(
        "thinking-disabled",
        "failure mode 25: off is the least that the model has",
        {"thinking": DISABLED},
        {"reasoning_effort": "minimal"},
    ),
    case(
        "thinking-between-tools",
        "no other vendor can do that",
        {"thinking": {"type": "between_tools"}},
        {"reasoning_effort": "minimal"},
    ),
    case(
        "thinking-enabled",
        "the product page: without a budget it is medium",
        {"thinking": enabled()},
        {"reasoning_effort": "medium"},
    ),
    case(
        "budget-0",
        "a budget below Anthropic's least is accepted",
        {"thinking": enabled(0)},
        {"reasoning_effort": "low"},
    ),
    case("budget-3999", "failure mode 25: below 4000", {"thinking": enabled(3999)}, {"reasoning_effort": "low"}),
    case("budget-4000", "from 4000", {"thinking": enabled(4000)}, {"reasoning_effort": "medium"}),
    case(
        "budget-15999",
        "below 16000; above max_tokens is accepted",
        {"thinking": enabled(15999)},
        {"reasoning_effort": "medium"},
    ),
    case("budget-16000", "from 16000", {"thinking": enabled(16000)}, {"reasoning_effort": "high"}),
    case("budget-31999", "Claude Code's greatest", {"thinking": enabled(31999)}, {"reasoning_effort": "high"}),
    case(
        "adaptive",
        "failure mode 25: without an effort it is medium",
        {"thinking": ADAPTIVE},
        {"reasoning_effort": "medium"},
    ),
    case(
        "adaptive-with-display",
        "what is shown is no matter of the upstream's",
        {"thinking": {"type": "adaptive", "display": "omitted"}},
        {"reasoning_effort": "medium"},
    ),
    case(
        "adaptive-with-effort",
        "failure mode 25: its effort",
        {"thinking": ADAPTIVE, **level("high")},
        {"reasoning_effort": "high"},
    ),
    case(
        "effort-over-budget",
        "failure mode 25: the effort is the newer word",
        {"thinking": enabled(31999), **level("low")},
        {"reasoning_effort": "low"},
    ),
    case(
        "effort-alone",
        "failure mode 25: an effort without thinking means it",
        level("low"),
        {"reasoning_effort": "low"},
    ),
    case(
        "effort-but-disabled",
        "failure mode 4: off is off: the two contradict",
        {"thinking": DISABLED, **level("high")},
        {"reasoning_effort": "minimal"},
    ),
    case(
        "effort-alone-of-claude-code",
        "its side requests send an effort without thinking, and do not mean it",
        level("high"),
        {"reasoning_effort": "minimal"},
        caller=CLAUDE_CODE,
    ),
    case(
        "adaptive-of-claude-code",
        "its turns mean it",
        {"thinking": ADAPTIVE, **level("high")},
        {"reasoning_effort": "high"},
        caller=CLAUDE_CODE,
    ),
    RequestCase(
        id="effort-of-a-message",
        why="the last word counts, wherever it stands",
        request=ask(
            {"role": "system", "content": [], "output_config": {"effort": "high"}},
            {"role": "system", "output_config": {"effort": "high"}},
            {**HELLO, "output_config": {"effort": "low"}},
            user("Go on"),
            thinking=ADAPTIVE,
            output_config={"effort": "max"},
        ),
        body=sent(user({"type": "text", "text": "Hello"}, {"type": "text", "text": "Go on"}), reasoning_effort="low"),
        traits=GPT_5,
    ),
    # what the upstream can take
    case("effort-max-to-high", "failure mode 25: the nearest below", level("max"), {"reasoning_effort": "high"}),
    case("effort-xhigh-to-high", "the nearest below", level("xhigh"), {"reasoning_effort": "high"}),
    case("effort-max-to-xhigh", "the nearest below", level("max"), {"reasoning_effort": "xhigh"}, traits=GPT_5_2),
    case("effort-xhigh", "as it is", level("xhigh"), {"reasoning_effort": "xhigh"}, traits=GPT_5_2),
    case("effort-max", "as it is", level("max"), {"reasoning_effort": "max"}, traits=GPT_5_6),
    case("effort-medium-to-low", "the nearest below", level("medium"), {"reasoning_effort": "low"}, traits=GEMINI_PRO),
    case(
        "effort-below-the-least",
        "the least there is",
        level("low"),
        {"reasoning_effort": "high"},
        traits=replace(PLAIN, efforts=("none", "high")),
    ),
    case(
        "off-to-none",
        "failure mode 25: where there is a none",
        {"thinking": DISABLED},
        {"reasoning_effort": "none"},
        traits=GPT_5_2,
    ),
    case(
        "off-is-impossible",
        "failure mode 25: the model thinks on, and the caller is told",
        {"thinking": DISABLED},
        {},
        traits=GEMINI_PRO,
        dropped=("thinking",),
    ),
    case(
        "off-is-impossible-whatever-the-effort",
        "failure mode 4: off and an effort contradict each other, and neither will be",
        {"thinking": DISABLED, **level("low")},
        {},
        traits=GEMINI_PRO,
        dropped=("thinking", "output_config.effort"),
    ),
    case(
        "off-whatever-the-effort",
        "failure mode 4: where the model can be told to stop, there is nothing for an effort to rule",
        {"thinking": DISABLED, **level("low")},
        {"reasoning_effort": "none"},
        traits=GPT_5_2,
    ),
    case(
        "off-is-impossible-for-claude-code",
        "where nobody has asked for it, nothing is lost",
        level("high"),
        {},
        traits=GEMINI_PRO,
        caller=CLAUDE_CODE,
    ),
    case(
        "no-reasoner",
        "a model that does not reason",
        {"thinking": enabled(8000)},
        {},
        traits=PLAIN,
        dropped=("thinking",),
    ),
    case("no-reasoner-off", "off is what it is anyway", {"thinking": DISABLED}, {}, traits=PLAIN),
    case(
        "no-reasoner-effort",
        "named by its own name",
        level("high"),
        {},
        traits=PLAIN,
        dropped=("output_config.effort",),
    ),
    # the switch of DeepSeek, Kimi and GLM
    case(
        "toggle-on",
        "a switch and an effort",
        {"thinking": ADAPTIVE, **level("max")},
        {"thinking": {"type": "enabled"}, "reasoning_effort": "max"},
        traits=DEEPSEEK,
    ),
    case(
        "toggle-off",
        "failure mode 4: an effort beside disabled is refused",
        {"thinking": DISABLED, **level("high")},
        {"thinking": {"type": "disabled"}},
        traits=DEEPSEEK,
    ),
    case(
        "switch-with-a-budget",
        "the product page's own example",
        {"thinking": {"type": "enabled", "budget_tokens": 5000}},
        {"enable_thinking": True, "thinking_budget": 5000},
        traits=QWEN,
    ),
    case(
        "switch-without-a-budget",
        "the model decides how long",
        {"thinking": {"type": "adaptive"}},
        {"enable_thinking": True},
        traits=QWEN,
    ),
    case(
        "switch-off",
        "it thinks unless told",
        {"thinking": {"type": "disabled"}},
        {"enable_thinking": False},
        traits=QWEN,
    ),
    case("switch-untouched", "nobody has asked", {}, {}, traits=QWEN),
    case("toggle-untouched", "nobody has asked", {}, {}, traits=DEEPSEEK),
    case(
        "toggle-only",
        "a switch and nothing else",
        {"thinking": enabled(8000)},
        {"thinking": {"type": "enabled"}},
        traits=GLM,
    ),
    # the switches of Together, and of Groq for Qwen
    case(
        "together-on",
        "failure mode 25: on or off",
        {"thinking": ADAPTIVE},
        {"reasoning": {"enabled": True}},
        traits=TOGETHER,
    ),
    case(
        "together-off",
        "failure mode 25: on or off",
        {"thinking": DISABLED},
        {"reasoning": {"enabled": False}},
        traits=TOGETHER,
    ),
    case("together-untouched", "nobody has asked", {}, {}, traits=TOGETHER),
    case(
        "together-with-an-effort",
        "failure mode 25: DeepSeek there takes an effort as well",
        {"thinking": ADAPTIVE, **level("max")},
        {"reasoning": {"enabled": True}, "reasoning_effort": "max"},
        traits=TOGETHERS_DEEPSEEK,
    ),
    case(
        "together-off-without-an-effort",
        "failure mode 4: an effort beside off is refused",
        {"thinking": DISABLED, **level("max")},
        {"reasoning": {"enabled": False}},
        traits=TOGETHERS_DEEPSEEK,
    ),
    case(
        "groq-on",
        "failure mode 25: the value that thinks is called default; the format is a matter of ours",
        {"thinking": ADAPTIVE},
        {"reasoning_effort": "default", **PARSED},
        traits=GROQS_QWEN,
    ),
    case(
        "groq-off",
        "failure mode 25: or none",
        {"thinking": DISABLED},
        {"reasoning_effort": "none", **PARSED},
        traits=GROQS_QWEN,
    ),
    case("groq-untouched", "nobody has asked", {}, PARSED, traits=GROQS_QWEN),
    # the variables of chat templates
    *(
        case(
            f"template-{name}",
            "failure mode 25: vLLM, SGLang and llama.cpp leave it to the model's chat template",
            {"thinking": thinking},
            {"chat_template_kwargs": {"enable_thinking": is_on, "thinking": is_on}},
            traits=VLLM,
        )
        for name, thinking, is_on in (("on", ADAPTIVE, True), ("off", DISABLED, False))
    ),
    case("template-untouched", "nobody has asked", {}, {}, traits=VLLM),
    # reasoning together with tools on OpenAI's chat completions
    case("with-tools-any", "older models take both", {"thinking": ADAPTIVE, **TOOLS}, {"reasoning_effort": "medium"}),
    case(
        "with-tools-default",
        "failure mode 2: gpt-5.4 takes tools only where no effort is named",
        {"thinking": ADAPTIVE, **TOOLS},
        {},
        traits=GPT_5_4,
        dropped=("thinking",),
    ),
    case(
        "with-tools-default-off",
        "failure mode 2: as little as there is",
        {"thinking": DISABLED, **TOOLS},
        {},
        traits=GPT_5_4,
    ),
    case(
        "without-tools-default",
        "alone it takes any effort",
        {"thinking": ADAPTIVE},
        {"reasoning_effort": "medium"},
        traits=GPT_5_4,
    ),
    case(
        "with-tools-none",
        "failure mode 2: gpt-5.6 takes tools only with none, and what is lost is named",
        {"thinking": ADAPTIVE, **TOOLS},
        {"reasoning_effort": "none"},
        traits=GPT_5_6,
        dropped=("thinking",),
    ),
    case(
        "with-tools-none-unasked",
        "failure mode 2: also where nobody has asked: the default is refused",
        TOOLS,
        {"reasoning_effort": "none"},
        traits=GPT_5_6,
    ),
    case(
        "with-tools-none-effort",
        "failure mode 2: named by its own name",
        {**level("high"), **TOOLS},
        {"reasoning_effort": "none"},
        traits=GPT_5_6,
        dropped=("output_config.effort",),
    ),
    case(
        "without-tools-none",
        "alone it takes any effort",
        {"thinking": ADAPTIVE},
        {"reasoning_effort": "medium"},
        traits=GPT_5_6,
    ),
    # OpenRouter's switch
    case(
        "openrouter-effort",
        "failure mode 25: within its own object",
        {"thinking": ADAPTIVE, **level("high")},
        {"reasoning": {"effort": "high"}},
        traits=OPENROUTER,
    ),
    case(
        "openrouter-nearest-effort",
        "failure mode 25: the nearest below",
        level("max"),
        {"reasoning": {"effort": "xhigh"}},
        traits=OPENROUTER,
    ),
    case(
        "openrouter-budget",
        "a budget is one there too",
        {"thinking": {"type": "enabled", "budget_tokens": 500}},
        {"reasoning": {"max_tokens": 500}},
        traits=OPENROUTER,
    ),
    case(
        "openrouter-budget-and-effort",
        "failure mode 25: only one of the two, and the effort is the newer word",
        {"thinking": {"type": "enabled", "budget_tokens": 500}, **level("low")},
        {"reasoning": {"effort": "low"}},
        traits=OPENROUTER,
    ),
    case(
        "openrouter-budget-without-room",
        "failure mode 19: a budget that leaves nothing for the answer is refused",
        {"thinking": {"type": "enabled", "budget_tokens": 1000}},
        {"reasoning": {"effort": "low"}},
        traits=OPENROUTER,
    ),
    case(
        "openrouter-budget-without-room-in-the-window",
        "failure mode 19: nor may it exceed the limit to which ours was lowered",
        {"thinking": {"type": "enabled", "budget_tokens": 600}},
        {"reasoning": {"effort": "low"}, "max_tokens": 500},
        traits=replace(OPENROUTER, max_output_tokens=500),
    ),
    case("openrouter-off", "off", {"thinking": DISABLED}, {"reasoning": {"effort": "none"}}, traits=OPENROUTER),
    case("openrouter-untouched", "nobody has asked", {}, {}, traits=OPENROUTER),
    case(
        "openrouter-without-efforts",
        "on, as much as it likes",
        {"thinking": ADAPTIVE},
        {"reasoning": {"enabled": True}},
        traits=replace(OPENROUTER, efforts=()),
    ),
    case(
        "openrouter-tools-without-reasoning",
        "failure mode 2: learnt of a model behind it",
        {"thinking": {"type": "enabled", "budget_tokens": 500}, **TOOLS},
        {"reasoning": {"effort": "none"}},
        traits=replace(OPENROUTER, reasoning_with_tools="none"),
        dropped=("thinking",),
    ),
    # off, whatever is asked
    case(
        "never",
        "failure mode 25: the operator's word, or one refusal's",
        {"thinking": ADAPTIVE, **level("high")},
        {"reasoning_effort": "minimal"},
        traits=replace(GPT_5, thinking="off"),
        dropped=("thinking", "output_config.effort"),
    ),
    case(
        "never-by-the-switch",
        "failure mode 4: a history without its reasoning",
        {"thinking": ADAPTIVE, **level("high")},
        {"thinking": {"type": "disabled"}},
        traits=replace(DEEPSEEK, thinking="off"),
        dropped=("thinking", "output_config.effort"),
    ),
    case(
        "never-unasked",
        "failure mode 4: also where it would think by itself",
        {},
        {"thinking": {"type": "disabled"}},
        traits=replace(DEEPSEEK, thinking="off"),
    ),
]
