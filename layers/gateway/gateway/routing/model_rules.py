"""The rules for models, written by hand.

They say what differs between the models of one provider or one maker, and what the models of one provider have in
common (`…_TRAITS`).

The table of providers says which of them hold where. Of two rules for the same trait the later one wins.
"""

from dataclasses import replace
from typing import Literal, NamedTuple

from translator.traits import COMMON_FIELDS, Effort, OptionalField, SomeTraits, Traits, some_traits

Dialect = Literal["chat", "responses", "anthropic", "converse"]


class Rule(NamedTuple):
    """What differs for the models whose stems begin with `pattern`, a regular expression."""

    pattern: str
    traits: SomeTraits
    without: frozenset[OptionalField] = frozenset()
    """The optional fields that they refuse."""
    more: frozenset[OptionalField] = frozenset()
    """The optional fields that only they know."""
    dialects: tuple[Dialect, ...] = ()
    """The only dialects that they have, where these are not the provider's."""


_LOW_TO_HIGH: tuple[Effort, ...] = ("low", "medium", "high")

SAMPLING: frozenset[OptionalField] = frozenset({"temperature", "top_p", "top_k"})

_STATELESS: frozenset[OptionalField] = frozenset({"store", "include", "summary", "max_tool_calls"})
"""Of Responses: nothing is stored, the model's reasoning comes along, encrypted, and searches can be counted."""

ANYWHERE = (
    Rule(r"gpt-oss|gpt-[5-9]|o\d", some_traits(efforts=_LOW_TO_HIGH)),
    Rule(r"gemini-", some_traits(schemas="google")),
    # Where no parser of the server's takes their reasoning out of the text.
    Rule(r"deepseek-r1|qwq|qwen3(?!.*(instruct|coder))|minimax-m2", some_traits(think_tags="both")),
    # Their templates take no user's message behind a tool's, wherever they are served.
    Rule(
        r"(?:mi[ns]tral|ministral|magistral|codestral|devstral|pixtral|mixtral|voxtral|mathstral|open-mi)",
        some_traits(after_tool="assistant"),
    ),
    # Wherever they are served: a parser misses a call now and then, and where the operator chooses it, it may be wrong.
    # https://github.com/vllm-project/vllm/issues/28297 and https://github.com/QwenLM/qwen-code/issues/10692
    Rule(r"qwen|qwq|hermes|nemotron|deepseek|glm|kimi|moonshot|minimax|gpt-oss", some_traits(written_calls=True)),
)

GPT = (
    Rule(r"gpt-[5-9]|o\d", some_traits(min_output_tokens=16), without=SAMPLING),
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
    # https://platform.openai.com/docs/guides/migrate-to-responses: from 5.4 on they reason beside tools only there.
    Rule(r"gpt-5-[4-9]|gpt-[6-9]", some_traits(), more=_STATELESS, dialects=("responses", "chat")),
    Rule(r"gpt-5-3-codex|gpt-5-[4-9]|gpt-[6-9]", some_traits(), more=frozenset({"phase"})),
    Rule(r"gpt-5.*-pro|o\d-pro|.*codex|.*deep-research", some_traits(), more=_STATELESS, dialects=("responses",)),
)

OPENAI = (*GPT, Rule(r"gpt-5-[6-9]|gpt-[6-9]", some_traits(cache_marker="prompt_cache_breakpoint")))
"""Azure's documentation does not speak of breakpoints."""

GLM = (Rule(r"glm-(4-[5-9]|[5-9])", some_traits(thinking_toggle="thinking")),)

KIMI = (Rule(r"kimi-k(2-[5689]|[3-9])", some_traits(thinking_toggle="thinking")),)
"""2.7 always thinks, and refuses to be told not to."""

MINIMAX = (Rule(r"minimax-m2", some_traits(reasoning_echo="think_tags")),)
"""What it has thought is to stand in the history as it came: https://huggingface.co/MiniMaxAI/MiniMax-M2."""

QWEN = (
    Rule(r"qwen(3|-plus|-flash|-turbo)(?!.*(thinking|instruct|coder))", some_traits(thinking_toggle="enable_thinking")),
)

OPENED_THOUGHTS = (Rule(r"deepseek-r1|qwq|qwen3.*thinking", some_traits(think_tags="closing")),)
"""These always think, and their chat templates open the thought: where the server has no parser for it, only its end
is in the text, and where it has one, the thought comes in its field first.
https://huggingface.co/Qwen/Qwen3-235B-A22B-Thinking-2507
"""

CHAT_TEMPLATES = (
    Rule(
        r"qwen3(?!.*(thinking|instruct|coder))|glm-(4-[5-9]|[5-9])|deepseek-v(3-[1-9]|[4-9])|kimi-k2-[56]",
        some_traits(thinking_toggle="chat_template_kwargs"),
    ),
)
"""https://docs.vllm.ai/en/latest/features/reasoning_outputs.html"""

_GEMINI_3 = r"gemini-([3-9]|\d\d|flash|pro)"
"""A call of these without the signature that came with it is refused. The names without a number are the newest."""

GOOGLE_VERTEX = (Rule(_GEMINI_3, some_traits(thought_signature="vertex")),)

GOOGLE = (
    Rule(r"gemini-", some_traits(efforts=("none", "low", "medium", "high"))),
    Rule(r"gemini-2-5-pro", some_traits(efforts=_LOW_TO_HIGH)),
    Rule(r"gemini-[3-9].*-pro", some_traits(efforts=("low", "high"))),
    Rule(_GEMINI_3, some_traits(thought_signature="google")),
)
"""Only Flash can stop thinking; `minimal` is refused, and `medium` by the Pro models of generation 3."""

MISTRAL = (Rule(r"mistral-(small|medium)(-2603|-2604)?$", some_traits(efforts=("none", "high"))),)

DEEPSEEK = (Rule(r"deepseek-v[4-9]", some_traits(efforts=("low", "high", "max"), thinking_toggle="thinking")),)

COHERE = (Rule(r"command-a-(plus|reasoning)|north-", some_traits(efforts=("none", "high"))),)

OPENROUTER = (
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
)
"""It fits what is asked to the model, except that some models cannot stop thinking."""

GROQ = (
    Rule(r"gpt-oss", some_traits(structured_output="json_schema")),
    Rule(r"qwen3", some_traits(thinking_toggle="reasoning_effort"), more=frozenset({"reasoning_format"})),
)
"""https://console.groq.com/docs/reasoning: gpt-oss refuses the format, and has its reasoning in a field anyway."""

TOGETHER = (
    Rule(
        r"deepseek-v(3-1|4)|glm-5|kimi-k2-[56]|qwen3-[56]|cogito-v2",
        some_traits(thinking_toggle="reasoning_enabled"),
    ),
    Rule(r"deepseek-v4", some_traits(efforts=("high", "max"))),
)
"""https://docs.together.ai/docs/inference/chat/reasoning and docs/deepseek-v4-quickstart"""

XAI = (
    Rule(r"grok-3-mini", some_traits(efforts=("low", "high"))),
    Rule(r"grok-4-3", some_traits(efforts=("none", "low", "medium", "high"))),
    Rule(r"grok-4-5", some_traits(efforts=_LOW_TO_HIGH)),
    Rule(r"grok-4-6", some_traits(efforts=("low", "medium", "high", "xhigh"))),
)
"""Only 4.3 can stop thinking. https://docs.x.ai/developers/model-capabilities/text/reasoning"""

FIREWORKS = (
    Rule(r"deepseek-v4-pro", some_traits(efforts=("none", "low", "medium", "high", "xhigh"))),
    Rule(r"glm-5", some_traits(efforts=("none", "high", "max"))),
    Rule(r"kimi-k2", some_traits(efforts=_LOW_TO_HIGH)),
)
"""https://docs.fireworks.ai/guides/reasoning"""

_CLAUDE = (Rule(r"claude", some_traits(), dialects=("anthropic",)),)

BEDROCK = (
    *GPT,
    *_CLAUDE,
    Rule(r"gpt-[5-9]", some_traits(mid_system="keep")),
    Rule(r"gpt-[5-9]|grok", some_traits(), more=_STATELESS, dialects=("responses",)),
    Rule(r"gpt-oss", some_traits(), dialects=("chat",)),
)
"""Its OpenAI-compatible endpoints do not take Claude. GPT and Grok have Responses alone, under a path of their own at
bedrock-mantle; gpt-oss has it under another, and chat completions everywhere.
https://docs.aws.amazon.com/bedrock/latest/userguide/models-api-compatibility.html
"""

AZURE = (*GPT, *_CLAUDE)
"""Claude is Microsoft Foundry's there, which speaks the Messages API."""

_CONVERSE_ONLY = r"nova|llama|palmyra|command|jamba|titan|pixtral|deepseek-r1"
"""The stems of Bedrock's models that only its Converse API serves, by the same page."""

BEDROCK_RUNTIME = (
    *BEDROCK,
    # What each takes: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
    Rule(
        _CONVERSE_ONLY,
        some_traits(structured_output="none", tool_choice="unforced", streamed_calls=False, after_tool="assistant"),
        dialects=("converse",),
    ),
    # https://docs.aws.amazon.com/nova/latest/userguide/tool-choice.html and prompt caching for Amazon Nova
    Rule(
        r"nova",
        some_traits(tool_choice="any", streamed_calls=True, after_tool="any", cache_marker="cache_control", pdf=True),
    ),
    Rule(r"nova-micro", some_traits(images=False, pdf=False)),
    Rule(r"nova-2", some_traits(efforts=("low", "medium"), thinking_toggle="reasoningConfig")),
)
"""Nova 2 knows `high` too, but takes no limit of the answer beside it.
https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
"""

CLAUDE_PLATFORM = (Rule(r"", some_traits(), dialects=("anthropic",)),)

OLLAMA = (Rule(r"deepseek-r1|qwen3(?!.*(instruct|coder))", some_traits(efforts=("none", "low", "medium", "high"))),)
"""Models that think take what `think` takes: https://docs.ollama.com/api/openai-compatibility"""

VLLM = (*OPENED_THOUGHTS, *CHAT_TEMPLATES)

LLAMACPP = CHAT_TEMPLATES

OPENAI_TRAITS = Traits(
    fields=COMMON_FIELDS.union(
        ("parallel_tool_calls", "service_tier", "safety_identifier", "prompt_cache_key", "store"),
        ("include", "summary", "include_obfuscation", "max_tool_calls"),
    ),
    max_tokens_field="max_completion_tokens",
    mid_system="keep",
    pdf=True,
    lookaround=False,
)
AZURE_TRAITS = Traits(
    fields=COMMON_FIELDS | {"parallel_tool_calls"},
    max_tokens_field="max_completion_tokens",
    mid_system="keep",
    lookaround=False,
)
ANTHROPIC_TRAITS = Traits(fields=COMMON_FIELDS | {"parallel_tool_calls"}, structured_output="none")
MISTRAL_TRAITS = Traits(
    # Every field that it does not know is a 422, `stream_options` among them; usage comes without asking.
    fields=frozenset({"temperature", "top_p", "parallel_tool_calls"}),
    tool_call_id="alphanumeric_9",
    prefill="prefix",
)
GOOGLE_TRAITS = Traits(schemas="google")
COHERE_TRAITS = Traits(tool_choice="required_or_none")
THINKS_WITHOUT_FORCED_TOOLS_TRAITS = Traits(tool_choice="unforced", structured_output="json_object")
"""DeepSeek, Kimi, GLM and Qwen refuse a forced tool while they think, and know no schema for the answer."""
XAI_TRAITS = Traits(fields=COMMON_FIELDS | {"store", "include"})
"""https://docs.x.ai/developers/model-capabilities/text/reasoning: only Responses gives reasoning, encrypted, and takes
it back."""
QWEN_TRAITS = Traits(
    fields=COMMON_FIELDS | {"top_k", "parallel_tool_calls"}, tool_choice="unforced", structured_output="json_object"
)
GROQ_TRAITS = Traits(
    fields=COMMON_FIELDS | {"parallel_tool_calls"},
    max_tokens_field="max_completion_tokens",
    structured_output="json_object",
)
CEREBRAS_TRAITS = Traits(fields=COMMON_FIELDS | {"parallel_tool_calls"}, max_tokens_field="max_completion_tokens")
OPENROUTER_TRAITS = Traits(fields=COMMON_FIELDS | {"top_k", "parallel_tool_calls"}, mid_system="keep", pdf=True)
OPEN_SERVER_TRAITS = Traits(fields=COMMON_FIELDS | {"top_k", "parallel_tool_calls"})
"""vLLM, SGLang and llama.cpp, and the firms that host open models with them."""
VLLM_TRAITS = replace(OPEN_SERVER_TRAITS, prefill="continue_final_message")
OLLAMA_TRAITS = Traits(empty_assistant_content="string")
WITH_TOP_K_TRAITS = Traits(fields=COMMON_FIELDS | {"top_k"})
LM_STUDIO_TRAITS = replace(WITH_TOP_K_TRAITS, tool_choice="unnamed")
