"""The traits of a model at a provider: the provider's habits, the rules written here, and what the catalogue says."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from translator.traits import Effort, OptionalField, SomeTraits, Traits, some_traits

from gateway.routing.catalogue import ModelFacts, stem
from gateway.routing.provider_table import Dialect
from gateway.routing.providers import Provider


class Rule(NamedTuple):
    """What differs for the models whose stems begin with `pattern`, a regular expression."""

    pattern: str
    traits: SomeTraits
    without: frozenset[OptionalField] = frozenset()
    """The optional fields that they refuse."""
    more: frozenset[OptionalField] = frozenset()
    """The optional fields that only they know."""


_LOW_TO_HIGH: tuple[Effort, ...] = ("low", "medium", "high")
_SAMPLING: frozenset[OptionalField] = frozenset({"temperature", "top_p", "top_k"})

_ANYWHERE = (
    Rule(r"gpt-oss|gpt-[5-9]|o\d", some_traits(efforts=_LOW_TO_HIGH)),
    Rule(r"gemini-", some_traits(schemas="google")),
    # Where no parser of the server's takes their reasoning out of the text.
    Rule(r"deepseek-r1|qwq|qwen3(?!.*(instruct|coder))|minimax-m2", some_traits(think_tags="both")),
)
_GPT = (
    Rule(r"gpt-[5-9]|o\d", some_traits(min_output_tokens=16), without=_SAMPLING),
    Rule(r"o\d", some_traits(), without=frozenset({"parallel_tool_calls"})),
    Rule(r"gpt-5(-mini|-nano)?$", some_traits(efforts=("minimal", "low", "medium", "high"))),
    Rule(r"gpt-5-pro", some_traits(efforts=("high",))),
    Rule(r"gpt-5-1", some_traits(efforts=("none", "low", "medium", "high"))),
    Rule(r"gpt-5-[2-5]", some_traits(efforts=("none", "low", "medium", "high", "xhigh"))),
    Rule(r"gpt-5-[45]", some_traits(reasoning_with_tools="default")),
    Rule(
        r"gpt-5-[6-9]|gpt-[6-9]",
        some_traits(efforts=("none", "low", "medium", "high", "xhigh", "max"), reasoning_with_tools="none"),
    ),
    Rule(r"gpt-6-astra|gpt-6-1-sol", some_traits(efforts=("low", "medium", "high", "xhigh", "max"))),
    Rule(r"gpt-[5-9].*-chat", some_traits(efforts=())),
)
_OPENAI = (*_GPT, Rule(r"gpt-5-[6-9]|gpt-[6-9]", some_traits(cache_marker="prompt_cache_breakpoint")))
"""Azure's documentation does not speak of breakpoints."""
_GLM = (Rule(r"glm-(4-[5-9]|[5-9])", some_traits(thinking_toggle="thinking")),)
_KIMI = (Rule(r"kimi-k(2-[5689]|[3-9])", some_traits(thinking_toggle="thinking")),)
"""2.7 always thinks, and refuses to be told not to."""

_MINIMAX = (Rule(r"minimax-m2", some_traits(reasoning_echo="think_tags")),)
"""What it has thought is to stand in the history as it came: https://huggingface.co/MiniMaxAI/MiniMax-M2."""

_QWEN = (
    Rule(r"qwen(3|-plus|-flash|-turbo)(?!.*(thinking|instruct|coder))", some_traits(thinking_toggle="enable_thinking")),
)

_OPENED = (Rule(r"deepseek-r1|qwq|qwen3.*thinking", some_traits(think_tags="closing")),)
"""These always think, and their chat templates open the thought: where the server has no parser for it, only its end
is in the text, and where it has one, the thought comes in its field first.
https://huggingface.co/Qwen/Qwen3-235B-A22B-Thinking-2507
"""

_WRITES = (Rule(r"qwen|qwq|hermes", some_traits(written_calls=True)),)
"""On servers whose parser the operator must choose, and which miss a call now and then:
https://github.com/vllm-project/vllm/issues/28297 and https://github.com/QwenLM/qwen-code/issues/10692.
"""

_TEMPLATE = (
    Rule(
        r"qwen3(?!.*(thinking|instruct|coder))|glm-(4-[5-9]|[5-9])|deepseek-v(3-[1-9]|[4-9])|kimi-k2-[56]",
        some_traits(thinking_toggle="chat_template_kwargs"),
    ),
)
"""https://docs.vllm.ai/en/latest/features/reasoning_outputs.html"""

_GEMINI_3 = r"gemini-([3-9]|\d\d|flash|pro)"
"""A call of these without the signature that came with it is refused. The names without a number are the newest."""

RULES: Mapping[str, tuple[Rule, ...]] = {
    "openai": _OPENAI,
    "azure": _GPT,
    "azure-cognitive-services": _GPT,
    "google-vertex": (Rule(_GEMINI_3, some_traits(thought_signature="vertex")),),
    # Only Flash can stop thinking; `minimal` is refused, and `medium` by the Pro models of generation 3.
    "google": (
        Rule(r"gemini-", some_traits(efforts=("none", "low", "medium", "high"))),
        Rule(r"gemini-2-5-pro", some_traits(efforts=_LOW_TO_HIGH)),
        Rule(r"gemini-[3-9].*-pro", some_traits(efforts=("low", "high"))),
        Rule(_GEMINI_3, some_traits(thought_signature="google")),
    ),
    "mistral": (Rule(r"mistral-(small|medium)(-2603|-2604)?$", some_traits(efforts=("none", "high"))),),
    "deepseek": (Rule(r"deepseek-v[4-9]", some_traits(efforts=("low", "high", "max"), thinking_toggle="thinking")),),
    "cohere": (Rule(r"command-a-(plus|reasoning)|north-", some_traits(efforts=("none", "high"))),),
    # It fits what is asked to the model, except that some models cannot stop thinking.
    "openrouter": (
        Rule(
            r"",
            some_traits(
                efforts=("minimal", "low", "medium", "high", "xhigh"),
                thinking_toggle="reasoning",
                reasoning_echo="reasoning_details",
            ),
        ),
        # https://openrouter.ai/docs/features/prompt-caching
        Rule(r"claude|gemini-", some_traits(cache_marker="cache_control")),
    ),
    # https://console.groq.com/docs/reasoning: gpt-oss refuses the format, and has its reasoning in a field anyway.
    "groq": (
        Rule(r"gpt-oss", some_traits(structured_output="json_schema")),
        Rule(r"qwen3", some_traits(thinking_toggle="reasoning_effort"), more=frozenset({"reasoning_format"})),
    ),
    # https://docs.together.ai/docs/inference/chat/reasoning and docs/deepseek-v4-quickstart
    "togetherai": (
        Rule(
            r"deepseek-v(3-1|4)|glm-5|kimi-k2-[56]|qwen3-[56]|cogito-v2",
            some_traits(thinking_toggle="reasoning_enabled"),
        ),
        Rule(r"deepseek-v4", some_traits(efforts=("high", "max"))),
    ),
    # Only 4.3 can stop thinking. https://docs.x.ai/developers/model-capabilities/text/reasoning
    "xai": (
        Rule(r"grok-3-mini", some_traits(efforts=("low", "high"))),
        Rule(r"grok-4-3", some_traits(efforts=("none", "low", "medium", "high"))),
        Rule(r"grok-4-5", some_traits(efforts=_LOW_TO_HIGH)),
        Rule(r"grok-4-6", some_traits(efforts=("low", "medium", "high", "xhigh"))),
    ),
    # https://docs.fireworks.ai/guides/reasoning
    "fireworks-ai": (
        Rule(r"deepseek-v4-pro", some_traits(efforts=("none", "low", "medium", "high", "xhigh"))),
        Rule(r"glm-5", some_traits(efforts=("none", "high", "max"))),
        Rule(r"kimi-k2", some_traits(efforts=_LOW_TO_HIGH)),
    ),
    # Models that think take what `think` takes: https://docs.ollama.com/api/openai-compatibility
    "ollama": (
        Rule(r"deepseek-r1|qwen3(?!.*(instruct|coder))", some_traits(efforts=("none", "low", "medium", "high"))),
        *_WRITES,
    ),
    "vllm": (*_OPENED, *_WRITES, *_TEMPLATE),
    "sglang": (*_OPENED, *_WRITES, *_TEMPLATE),
    "llamacpp": (*_WRITES, *_TEMPLATE),
    "lmstudio": _WRITES,
    "minimax": _MINIMAX,
    "minimax-cn": _MINIMAX,
    "minimax-coding-plan": _MINIMAX,
    "minimax-cn-coding-plan": _MINIMAX,
    "moonshotai": _KIMI,
    "moonshotai-cn": _KIMI,
    "alibaba": _QWEN,
    "alibaba-cn": _QWEN,
    "zai": _GLM,
    "zai-coding-plan": _GLM,
    "zhipuai": _GLM,
    "zhipuai-coding-plan": _GLM,
}
"""By provider; later rules win."""

RESPONSES_ONLY = r"gpt-5.*-pro|o\d-pro|.*codex|.*deep-research"
"""OpenAI's models that have no chat completions."""

SPOKEN: frozenset[Dialect] = frozenset({"chat"})
"""The dialects that the messages function has: a model without one of these cannot be asked."""

_ECHOES: Mapping[str, Literal["reasoning_content", "reasoning_details"]] = {
    "reasoning_content": "reasoning_content",
    "reasoning_details": "reasoning_details",
}
"""By the field in which the catalogue says that reasoning comes: the one in which it is wanted back."""


def model_traits(provider: Provider, model_id: str, facts: ModelFacts | None) -> Traits:
    """What the upstream model can take; without `facts` the provider's habits and the rules decide."""
    traits = provider.traits
    for rule in (*_ANYWHERE, *RULES.get(provider.id, ())):
        if re.match(rule.pattern, stem(model_id)):
            traits = replace(traits, fields=traits.fields - rule.without | rule.more, **rule.traits)
    settled: dict[str, Any] = {name: getattr(provider.traits, name) for name in provider.settled_traits}
    traits = replace(traits, **settled)
    return traits if facts is None else _with_facts(traits, facts)


def model_dialects(provider: Provider, model_id: str, facts: ModelFacts | None) -> tuple[Dialect, ...]:
    """The dialects in which the model can be asked, the one that suits it best first."""
    if RULES.get(provider.id) in (_GPT, _OPENAI) and re.match(RESPONSES_ONLY, stem(model_id)):
        return ("responses",)
    best = facts.dialect if facts is not None and facts.dialect is not None else provider.dialect
    return (best,) if best == "chat" else (best, "chat")


def _with_facts(traits: Traits, facts: ModelFacts) -> Traits:
    sampled = "temperature" in facts.capabilities
    reasons = "reasoning" in facts.capabilities
    return replace(
        traits,
        fields=traits.fields if sampled else traits.fields - _SAMPLING,
        max_output_tokens=facts.max_output_tokens,
        context_window=facts.context_window,
        efforts=traits.efforts if reasons else (),
        thinking_toggle=traits.thinking_toggle if reasons else None,
        reasoning_echo=traits.reasoning_echo or _ECHOES.get(facts.reasoning_field or ""),
        images=traits.images and "images" in facts.capabilities,
        pdf=traits.pdf and not facts.capabilities.isdisjoint({"pdf", "attachment"}),
    )
