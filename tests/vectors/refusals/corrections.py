"""Refusals that name what the model cannot take, and the corrections of its traits (wire.md 7; failure mode 35)."""

from dataclasses import dataclass, field, replace
from typing import Any, get_args

from translator.learned_traits import LearnedTrait, TraitValue
from translator.traits import EFFORTS, OptionalField, Traits

from tests.vectors.refusals import body, openai

EVERYTHING = Traits(fields=frozenset(get_args(OptionalField)), efforts=EFFORTS, pdf=True)
"""A model that is thought to take whatever there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionCase:
    """A refusal, and everything that it corrects; nothing: it is no refusal of that kind."""

    id: str
    why: str
    status: int
    body: bytes
    learned: tuple[LearnedTrait, ...]
    traits: Traits = field(default=EVERYTHING)


def case(
    identity: str,
    why: str,
    answer: bytes,
    *learned: tuple[str, TraitValue],
    status: int = 400,
    **traits: Any,
) -> CorrectionCase:
    return CorrectionCase(
        id=identity,
        why=why,
        status=status,
        body=answer,
        learned=tuple(LearnedTrait(trait, value) for trait, value in learned),
        traits=replace(EVERYTHING, **traits),
    )


def without(*names: str) -> tuple[str, TraitValue]:
    return ("refused_fields", names)


def detail(*names: str, message: str = "Extra inputs are not permitted") -> bytes:
    """FastAPI's refusal, as Mistral gives it."""
    return body({"detail": [{"type": "extra_forbidden", "loc": ["body", name], "msg": message} for name in names]})


TOOLS = (
    "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. "
    "To use function tools, use /v1/responses{}."
)

CASES = [
    # LM Studio, Mistral
    case(
        "tool-choice-object",
        "failure mode 48: LM Studio knows words only, and says so in a bare text",
        body({"error": "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"}),
        ("tool_choice", "unnamed"),
    ),
    case(
        "response-format-schema-only",
        "failure mode 47: LM Studio takes a schema and nothing less",
        body({"error": "'response_format.type' must be 'json_schema' or 'text'"}),
        ("structured_output", "json_schema"),
        structured_output="json_object",
    ),
    case(
        "prefill",
        "Mistral wants a turn that is to be gone on with marked",
        openai("Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"),
        ("prefill", "prefix"),
    ),
    *(
        case(
            f"prefill-{name}",
            "a server that has no such field",
            openai(f"Unrecognized request argument: '{name}'", param=name),
            ("prefill", "plain"),
            prefill=prefill,
        )
        for name, prefill in (
            ("prefix", "prefix"),
            ("continue_final_message", "continue_final_message"),
            ("add_generation_prompt", "continue_final_message"),
        )
    ),
    # Kimi
    case(
        "one-temperature",
        "failure mode 35: Kimi's models that think have one value",
        openai("invalid temperature: only 1 is allowed for this model"),
        without("temperature"),
    ),
    case(
        "one-top-p",
        "failure mode 35: and of the other as well",
        openai("invalid top_p: only 0.95 is allowed for this model"),
        without("top_p"),
    ),
    case(
        "thinking-always",
        "failure mode 25: Kimi's coder cannot stop thinking",
        openai("invalid thinking: only type=enabled is allowed for this model"),
        ("thinking_toggle", None),
        thinking_toggle="thinking",
    ),
    # Together, Groq
    case(
        "template-variables",
        "failure mode 25: a server that has no variables",
        openai("unsupported parameter: 'chat_template_kwargs'", param="chat_template_kwargs"),
        ("thinking_toggle", None),
        thinking_toggle="chat_template_kwargs",
    ),
    case(
        "reasoning-switch",
        "failure mode 25: the switch is the field of that name that is sent",
        openai("Unsupported parameter: 'reasoning'", param="reasoning"),
        ("thinking_toggle", None),
        thinking_toggle="reasoning_enabled",
    ),
    case(
        "cache-breakpoint",
        "failure mode 38: a model that knows no breakpoints",
        openai(
            "Unknown parameter: 'messages[0].content[0].prompt_cache_breakpoint'.",
            param="messages[0].content[0].prompt_cache_breakpoint",
        ),
        ("cache_marker", None),
        cache_marker="prompt_cache_breakpoint",
    ),
    case(
        "reasoning-format",
        "failure mode 35: another model at Groq",
        openai("reasoning_format is not supported with this model", param="reasoning_format"),
        without("reasoning_format"),
    ),
    case(
        "groq-history",
        "failure mode 22: Groq takes no reasoning back",
        openai(
            "'messages.1' : for 'role:assistant' the following must be satisfied"
            "[('messages.1' : property 'reasoning_content' is unsupported)]"
        ),
        ("reasoning_echo", None),
        reasoning_echo="reasoning_content",
    ),
    # one parameter by its name
    case(
        "temperature-value",
        "failure mode 35: GPT-5 takes only the default",
        openai(
            "Unsupported value: 'temperature' does not support 0.7 with this model. "
            "Only the default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        ),
        without("temperature"),
    ),
    case(
        "top-p-parameter",
        "failure mode 35: and not even that of the other",
        openai("Unsupported parameter: 'top_p' is not supported with this model.", param="top_p"),
        without("top_p"),
    ),
    case(
        "named-in-words-only",
        "failure mode 35: Cohere names no param",
        body({"message": "top_k is not supported"}),
        without("top_k"),
        status=422,
    ),
    case(
        "deprecated",
        "failure mode 35: Anthropic's newer models",
        openai("`temperature` is deprecated for this model."),
        without("temperature"),
    ),
    case("groq", "failure mode 35", openai("property 'store' is unsupported, did you mean 'stop'?"), without("store")),
    case(
        "google",
        "failure mode 35: Google wraps its errors in a list",
        body(
            [{"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "top_k": Cannot find.'}}]
        ),
        without("top_k"),
    ),
    case(
        "several-arguments",
        "failure mode 35: whatever it names is left out at once",
        openai("Unrecognized request arguments supplied: prompt_cache_key, store"),
        without("prompt_cache_key", "store"),
    ),
    case(
        "mistral-detail",
        "failure mode 35: the places of FastAPI's details",
        detail("stream_options", "store"),
        without("store", "stream_options"),
        status=422,
    ),
    case(
        "parallel-tool-calls",
        "failure mode 48: refused by o3",
        openai("Unsupported parameter: 'parallel_tool_calls'", param="parallel_tool_calls"),
        without("parallel_tool_calls"),
    ),
    case(
        "one-of-two",
        "Anthropic's newer models take one of the two",
        openai("`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
        without("top_p"),
    ),
    case(
        "not-sent",
        "what was not sent cannot be left out",
        openai("Unsupported parameter: 'top_k'", param="top_k"),
        fields=frozenset(),
    ),
    # the limit of the answer
    case(
        "max-tokens-by-the-new-name",
        "failure mode 18: OpenAI's reasoning models",
        openai(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        ),
        ("max_tokens_field", "max_completion_tokens"),
    ),
    case(
        "max-tokens-by-the-old-name",
        "failure mode 18: Mistral",
        detail("max_completion_tokens"),
        ("max_tokens_field", "max_tokens"),
        status=422,
        max_tokens_field="max_completion_tokens",
    ),
    case(
        "max-tokens-unknown",
        "failure mode 18: without the advice",
        detail("max_tokens"),
        ("max_tokens_field", "max_completion_tokens"),
        status=422,
    ),
    case(
        "two-things-at-once",
        "one retry corrects both",
        detail("store", "max_completion_tokens"),
        ("max_tokens_field", "max_tokens"),
        without("store"),
        status=422,
        max_tokens_field="max_completion_tokens",
    ),
    case(
        "ceiling-openai",
        "failure mode 19",
        openai(
            "max_tokens is too large: 32000. This model supports at most 16384 completion tokens, "
            "whereas you provided 32000.",
            param="max_tokens",
        ),
        ("max_output_tokens", 16384),
    ),
    case(
        "ceiling-groq",
        "failure mode 19",
        openai("`max_tokens` must be less than or equal to `16384`", param="max_tokens"),
        ("max_output_tokens", 16384),
    ),
    case(
        "ceiling-alibaba",
        "failure mode 19: Alibaba and DeepSeek give a range",
        openai("Range of max_tokens should be [1, 8192]"),
        ("max_output_tokens", 8192),
    ),
    case(
        "ceiling-anthropic",
        "failure mode 19",
        openai("max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens for this model"),
        ("max_output_tokens", 64000),
    ),
    case(
        "ceiling-google",
        "failure mode 19: the end of its range is outside",
        openai("max_output_tokens must be within the supported range from 1 (inclusive) to 65537 (exclusive)"),
        ("max_output_tokens", 65536),
    ),
    case(
        "ceiling-bedrock",
        "failure mode 19",
        openai("The maximum tokens you requested exceeds the model limit of 4096"),
        ("max_output_tokens", 4096),
    ),
    case(
        "ceiling-below-the-floor",
        "no model takes so little",
        openai("max_tokens must be less than or equal to 10"),
        min_output_tokens=16,
    ),
    case(
        "floor",
        "failure mode 18: the probe asks for one token",
        openai("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead."),
        ("min_output_tokens", 16),
    ),
    case("floor-too-high", "no model wants so much", openai("max_tokens must be at least 100000")),
    # reasoning
    case(
        "tools-with-none",
        "failure mode 2: the newer wording offers none",
        openai(TOOLS.format(" or set reasoning_effort to 'none'"), param="reasoning_effort"),
        ("dialect", "responses"),
        ("reasoning_with_tools", "none"),
        efforts=(),
    ),
    case(
        "tools-without-effort",
        "failure mode 2: the older wording only wants it unnamed",
        openai(TOOLS.format(""), param="reasoning_effort"),
        ("dialect", "responses"),
        ("reasoning_with_tools", "default"),
        efforts=("low", "medium", "high"),
    ),
    case(
        "tools-without-effort-already",
        "failure mode 2: there is nothing left to leave out",
        openai(TOOLS.format("")),
        efforts=("low", "medium", "high"),
        reasoning_with_tools="default",
        dialect="responses",
    ),
    case(
        "effort-listed",
        "failure mode 25: it says what it takes",
        openai(
            "Unsupported value: 'minimal' is not supported with the 'gpt-5.1' model. "
            "Supported values are: 'none', 'low', 'medium', and 'high'.",
            param="reasoning_effort",
        ),
        ("efforts", ("none", "low", "medium", "high")),
    ),
    case(
        "effort-one-of",
        "failure mode 25: Groq's Qwen knows only on and off",
        openai("`reasoning_effort` must be one of `none` or `default`"),
        ("efforts", ("none",)),
    ),
    case(
        "effort-refused",
        "failure mode 25: all but this one",
        openai("reasoning_effort: 'max' is not supported"),
        ("efforts", ("none", "minimal", "low", "medium", "high", "xhigh")),
    ),
    case(
        "effort-unknown",
        "failure mode 35: xAI's models that reason as they like",
        body({"code": "Client specified an invalid argument", "error": "Argument not supported: reasoningEffort"}),
        ("efforts", ()),
    ),
    case(
        "effort-of-a-model-that-does-not-think",
        "failure mode 25: Ollama",
        openai('"llama3.2" does not support thinking'),
        ("efforts", ()),
    ),
    case("effort-too-slow", "no refusal", openai("With this reasoning_effort the request has taken too long")),
    case(
        "switch-of-its-own",
        "failure mode 4: DeepSeek behind an address of which nothing is known",
        openai("thinking options type cannot be disabled when reasoning_effort is set"),
        ("thinking_toggle", "thinking"),
    ),
    case(
        "no-effort-beside-the-switch",
        "failure mode 4: the switch is known already",
        openai("thinking options type cannot be disabled when reasoning_effort is set"),
        ("efforts", ()),
        thinking_toggle="thinking",
    ),
    *(
        case(
            f"no-{name}",
            "a server that does not know the switch",
            openai(f"Unrecognized request argument supplied: {name}"),
            ("thinking_toggle", None),
            thinking_toggle="thinking",
        )
        for name in ("thinking", "enable_thinking", "thinking_budget")
    ),
    case(
        "echo-wanted",
        "failure mode 4: DeepSeek",
        openai("The reasoning_content in the thinking mode must be passed back to the API."),
        ("reasoning_echo", "reasoning_content"),
    ),
    case(
        "echo-wanted-by-kimi",
        "failure mode 4: Kimi",
        openai("thinking is enabled but reasoning_content is missing in assistant tool call message at index 2"),
        ("reasoning_echo", "reasoning_content"),
    ),
    case(
        "echo-lost",
        "failure mode 4: the caller has lost it, so it cannot think on in this conversation",
        openai("The reasoning_content in the thinking mode must be passed back to the API."),
        ("thinking", "off"),
        reasoning_echo="reasoning_content",
    ),
    case(
        "echo-refused",
        "failure mode 24: Groq",
        openai(
            "'messages.1' : for 'role:assistant' the following must be satisfied"
            "[('messages.1' : property 'reasoning_content' is unsupported)]"
        ),
        ("reasoning_echo", None),
        reasoning_echo="reasoning_content",
    ),
    case(
        "echo-refused-in-its-newer-name",
        "failure mode 24",
        openai("property 'reasoning' is unsupported"),
        ("reasoning_echo", None),
        reasoning_echo="reasoning",
    ),
    case(
        "signature-wanted",
        "failure mode 3: Gemini behind another address",
        openai("Function call is missing a thought_signature in functionCall parts."),
        ("thought_signature", "google"),
    ),
    case(
        "signature-refused",
        "failure mode 3: a server that does not know what holds it",
        openai("Unrecognized request argument supplied: extra_content"),
        ("thought_signature", None),
        thought_signature="google",
    ),
    # tools and structure
    case(
        "forced-tool-deepseek",
        "failure mode 48: while it thinks",
        openai("Thinking mode does not support this tool_choice"),
        ("tool_choice", "unforced"),
    ),
    case(
        "forced-tool-qwen",
        "failure mode 48: while it thinks",
        openai("The tool_choice parameter does not support being set to required or object in thinking mode"),
        ("tool_choice", "unforced"),
    ),
    case(
        "forced-tool-kimi",
        "failure mode 48: while it thinks",
        openai("tool_choice specified is incompatible with thinking enabled"),
        ("tool_choice", "unforced"),
    ),
    case(
        "automatic-tool",
        "failure mode 48: Cohere has no word for the default",
        openai("tool_choice: 'auto' is not supported", param="tool_choice"),
        ("tool_choice", "required_or_none"),
    ),
    case(
        "schema",
        "failure mode 47: DeepSeek knows JSON and no schema",
        openai("This response_format type is unavailable now"),
        ("structured_output", "json_object"),
    ),
    case(
        "json",
        "failure mode 47: or not even that",
        openai("response_format is not supported by this model", param="response_format"),
        ("structured_output", "none"),
        structured_output="json_object",
    ),
    *(
        case(f"schemas-{at}", "failure mode 6: Gemini behind another address", openai(message), ("schemas", "google"))
        for at, message in enumerate(
            [
                "Unknown name \"$schema\" at 'tools[0].function_declarations[3].parameters': Cannot find field.",
                "Unknown name \"const\" at 'generation_config.response_schema.properties[0].value': Cannot find field.",
                "tools[0].function_declarations[0].parameters.properties: should be non-empty for OBJECT type",
                "function declaration enum only allowed for STRING type",
                "When using any_of, it must be the only field set",
            ]
        )
    ),
    case(
        "description-too-long",
        "failure mode 33: older models at Azure",
        openai(
            "Invalid 'tools[0].function.description': string too long. "
            "Expected a string with maximum length 1024, but got a string with length 6400 instead.",
            param="tools[0].function.description",
        ),
        ("max_tool_description", 1024),
    ),
    case(
        "id-of-nine",
        "failure mode 21: Mistral behind another address",
        openai("Tool call id was call_a but must be a-z, A-Z, 0-9, with a length of 9."),
        ("tool_call_id", "alphanumeric_9"),
    ),
    # messages
    case(
        "system-first",
        "failure mode 1: a chat template",
        openai("System message must be at the beginning."),
        ("mid_system", "user"),
        mid_system="keep",
    ),
    case(
        "no-system",
        "failure mode 1: OpenAI's first reasoning models",
        openai("Unsupported value: 'messages[0].role' does not support 'system' with this model."),
        ("instructions_role", "developer"),
    ),
    case(
        "no-developer",
        "failure mode 1",
        openai("role 'developer' is not supported"),
        ("instructions_role", "system"),
        instructions_role="developer",
    ),
    case(
        "null-content",
        "failure mode 45",
        openai("Invalid value for 'content': expected a string, got null."),
        ("empty_assistant_content", "string"),
    ),
    *(
        case(
            f"image-{at}",
            "failure mode 31: words of several servers",
            openai(message),
            ("images", False),
            status=status,
        )
        for at, (status, message) in enumerate(
            [
                (400, "Failed to deserialize: messages[0]: unknown variant `image_url`, expected `text`"),
                (404, "No endpoints found that support image input"),
                (400, "image input is not supported - hint: you may need to provide the mmproj"),
                (400, "At most 0 image(s) may be provided in one request."),
                (400, "some-model is not a multimodal model"),
                (400, "This model does not support images"),
            ]
        )
    ),
    case(
        "file",
        "failure mode 32",
        openai("Invalid value: 'file'. Supported values are: 'text' and 'image_url'."),
        ("pdf", False),
    ),
    # what is no refusal of a parameter
    case(
        "the-schema-of-a-tool",
        "a name within what the caller has sent is not a parameter",
        openai("Invalid schema: 'temperature' is not permitted", param="tools[0].function.parameters"),
        ("schemas", "bare"),
    ),
    case(
        "an-image-of-another-kind",
        "it can see",
        openai("You uploaded an unsupported image. Supported image formats are png, jpeg, gif and webp."),
    ),
    case("an-image-that-is-broken", "it can see", openai("Could not process image: it exceeds 5 MB")),
    *(
        case(f"one-{kind}-{at}", "others of another kind would be taken", openai(message))
        for kind, messages in {
            "image": (
                "This model does not support images larger than 20 MB",
                "The API does not support image type image/bmp",
                "We do not support image URLs from this host",
                "This model doesn't support image format tiff",
            ),
            "file": (
                "This model does not support file type text/csv",
                "The API does not support documents larger than 100 pages",
            ),
        }.items()
        for at, message in enumerate(messages)
    ),
    *(
        case(f"a-limit-that-none-has-{at}", "everybody would pay for it", openai(message))
        for at, message in enumerate(
            (
                "max_tokens must be at most 1",
                "max_tokens must be less than or equal to 255",
                "tools[0].function.description has a maximum length 1",
            )
        )
    ),
    case("something-else", "no words that are known", openai("Your request was bad")),
    case("limited", "another status", openai("temperature is not supported"), status=429),
    case("broken", "another status", openai("temperature is not supported"), status=500),
]
