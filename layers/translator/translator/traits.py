"""The traits of an upstream model, as data: all that a dialect knows about who answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, ParamSpec, get_args

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
EFFORTS: tuple[Effort, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Every `reasoning_effort` of OpenAI's chat completions, from least to most."""

OptionalField = Literal[
    "temperature",
    "top_p",
    "top_k",
    "stream_options",
    "parallel_tool_calls",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "store",
    "reasoning_format",
    "include",
    "summary",
    "phase",
    "include_obfuscation",
    "max_tool_calls",
]
"""A field that not every upstream knows: of chat completions the first ones, of Responses too the last five."""

Keyword = Literal[
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "additionalProperties",
    "unevaluatedProperties",
    "dependentRequired",
    "dependentSchemas",
    "contains",
    "prefixItems",
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "const",
    "default",
    "examples",
    "title",
    "nullable",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
    "$schema",
    "$id",
    "$comment",
]
"""A keyword of JSON Schema that not every upstream takes; what a schema describes without it stays the same kind."""
KEYWORDS: tuple[Keyword, ...] = get_args(Keyword)

ThinkingToggle = Literal[
    "thinking",
    "enable_thinking",
    "reasoning",
    "reasoning_enabled",
    "reasoning_effort",
    "chat_template_kwargs",
    "reasoningConfig",
]
"""`thinking: {"type": …}` (DeepSeek, Kimi, GLM), `enable_thinking` and a budget (Qwen), `reasoning: {…}` with an effort
or a budget (OpenRouter), `reasoning: {"enabled": …}` (Together), `reasoning_effort`, `default` or `none` (Qwen at
Groq), the variables of chat templates (vLLM, SGLang, llama.cpp), or `reasoningConfig` beside Converse's own fields
(Nova 2)."""

ThinkTagging = Literal["both", "closing"]
"""Between `<think>` and `</think>`; or before `</think>` alone, where its chat template has put the other into the
prompt."""

NativePart = Literal[
    "cache_control",
    "container",
    "context_management",
    "diagnostics",
    "fallbacks",
    "inference_geo",
    "mcp_servers",
    "metadata",
    "output_config",
    "output_format",
    "service_tier",
    "speed",
    "advanced-tool-use-2025-11-20",
    "claude-code-20250219",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "effort-2025-11-24",
    "extended-cache-ttl-2025-04-11",
    "fast-mode-2026-02-01",
    "fine-grained-tool-streaming-2025-05-14",
    "interleaved-thinking-2025-05-14",
    "mcp-client-2025-11-20",
    "oauth-2025-04-20",
    "prompt-caching-scope-2026-01-05",
    "structured-outputs-2025-11-13",
    "tool-search-tool-2025-10-19",
    "web-search-2025-03-05",
]
"""A field or a beta of the Messages API that not every host of Claude knows."""

COMMON_FIELDS: frozenset[OptionalField] = frozenset({"temperature", "top_p", "stream_options"})

_NEVER_REFUSED = {"never_refused": True}
"""Of a trait: no refusal speaks of it, so that nothing is learnt of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What one upstream model can take. The defaults fit an OpenAI-compatible server that nothing is known of."""

    fields: frozenset[OptionalField] = field(default=COMMON_FIELDS, metadata=_NEVER_REFUSED)
    """The optional fields it knows; the others are left out and named as dropped. Fields are refused one by one."""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    min_output_tokens: int = 1
    """Smaller requests are raised to this (GPT-5 refuses fewer than 16)."""
    max_output_tokens: int | None = None
    context_window: int | None = field(default=None, metadata=_NEVER_REFUSED)
    efforts: tuple[Effort, ...] = ()
    """The `reasoning_effort` values it takes, from least to most; empty: the field is not sent."""
    thinking_toggle: ThinkingToggle | None = None
    """The switch it takes."""
    reasoning_with_tools: Literal["any", "default", "none"] = "any"
    """With tools present: any effort, none sent at all, or only `none` (OpenAI's newer models on this endpoint)."""
    reasoning_echo: Literal["reasoning_content", "reasoning", "reasoning_details", "think_tags"] | None = None
    """The field in which it wants its own reasoning back on assistant turns, or the text itself, between the tags."""
    think_tags: ThinkTagging | None = field(default=None, metadata=_NEVER_REFUSED)
    """Its reasoning stands at the beginning of the text."""
    written_calls: bool = field(default=False, metadata=_NEVER_REFUSED)
    """It writes calls into its text now and then, in a format of `chat/answer/call_formats.py`."""
    thought_signature: Literal["google", "vertex"] | None = None
    """It signs its tool calls below this name in `extra_content`, and wants the signatures back (Gemini 3)."""
    thinking: Literal["asked", "off"] = "asked"
    """Whether it thinks as callers ask, or never: where it is to."""
    cache_marker: Literal["cache_control", "prompt_cache_breakpoint"] | None = None
    """What ends on a content part what it is to cache: Anthropic's own word (OpenRouter, for Claude and Gemini), or
    OpenAI's, which a tool message cannot hold."""
    instructions_role: Literal["system", "developer"] = "system"
    mid_system: Literal["keep", "user"] = "user"
    """A system message among the others: kept in place, or folded into user text."""
    images: bool = True
    pdf: bool = False
    """It reads PDF documents as `file` parts."""
    prefill: Literal["plain", "prefix", "continue_final_message"] = "plain"
    """A last turn of the assistant's, which the model is to go on with: sent as it is, marked with `prefix` (Mistral),
    or with `continue_final_message` beside the messages (vLLM)."""
    tool_choice: Literal["any", "unforced", "unnamed", "required_or_none"] = "any"
    """`any`: `auto`, `none`, `required` and a named function. `unforced`: `auto` and `none`. `unnamed`: no named
    function (LM Studio). `required_or_none`: those two (Cohere)."""
    structured_output: Literal["json_schema", "json_object", "none"] = "json_schema"
    schemas: Literal["json_schema", "google", "bare"] = "json_schema"
    """Of tools and answers: JSON Schema, the subset of OpenAPI's that Google takes, or only names, types and words."""
    refused_keywords: tuple[Keyword, ...] = ()
    """Keywords that it takes in no schema of a tool. They are refused one by one."""
    refused_tools: tuple[str, ...] = ()
    """Callers' tools whose schema it refuses, and those that it refuses altogether, by their marks: `tool_marks`."""
    lookaround: bool = True
    """Whether patterns in schemas may look ahead and behind (OpenAI and Azure refuse that)."""
    max_tool_description: int | None = None
    """Characters. What a description says beyond them is told in the system prompt (older OpenAI models at Azure)."""
    tool_call_id: Literal["any", "alphanumeric_9"] = "any"
    """Mistral wants exactly nine letters and digits."""
    empty_assistant_content: Literal["null", "string"] = "null"
    """What stands for no text beside tool calls."""
    content: Literal["parts", "plain", "string"] = "parts"
    """Of messages: a list of parts where there are several, only where one is no text, or always one text."""
    after_tool: Literal["any", "assistant"] = "any"
    """Who may speak behind a tool's message: anybody, or only the assistant: then a user's words go into it."""
    turns: Literal["free", "alternating"] = "free"
    """Whether a user must speak first and each in turn, as many chat templates want it."""
    max_images: int | None = None
    """In one request; the last ones are kept."""
    refused_parts: tuple[NativePart, ...] = ()
    """Where it speaks the Messages API itself: what it refuses of that."""
    dialect: Literal["chat", "responses"] | None = None
    """What it has asked for in place of the dialect that the tables name."""
    reasoning_replay: Literal["encrypted", "text", "off"] = "encrypted"
    """On Responses, what goes back of its own reasoning: what it has encrypted, the text itself, or nothing."""
    reasoning_scope: str = field(default="", metadata=_NEVER_REFUSED)
    """Where encrypted reasoning can be read: that of another scope is left out."""
    tool_output: Literal["parts", "text"] = "parts"
    """On Responses, what the output of a tool holds: images and files too, or only text."""
    web_search: Literal["none", "upstream"] = "none"
    """On Responses, whether the upstream searches the web itself for callers who offer Anthropic's search."""
    streamed_calls: bool = True
    """On Converse, it calls tools in an answer that is streamed; else its answer comes whole."""


LEARNABLE = frozenset(each.name for each in fields(Traits) if not each.metadata)
"""The names of the traits that a refusal can correct."""

SomeTraits = Mapping[str, Any]
"""A part of the traits, by name."""

_Arguments = ParamSpec("_Arguments")


def _as_given(_make: Callable[_Arguments, Traits]) -> Callable[_Arguments, SomeTraits]:
    def given(*_: _Arguments.args, **traits: _Arguments.kwargs) -> SomeTraits:
        return traits

    return given


some_traits = _as_given(Traits)
"""The traits that are given, and no others. The type checker knows the arguments of `Traits`."""
