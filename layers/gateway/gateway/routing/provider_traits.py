"""What the models of a provider can take, as its table says, before the rules for single models."""

from dataclasses import replace

from translator.traits import COMMON_FIELDS, Traits

OPENAI = Traits(
    fields=COMMON_FIELDS.union(
        ("parallel_tool_calls", "service_tier", "safety_identifier", "prompt_cache_key", "store"),
        ("include", "summary", "include_obfuscation"),
    ),
    max_tokens_field="max_completion_tokens",
    mid_system="keep",
    pdf=True,
)
AZURE = Traits(
    fields=COMMON_FIELDS | {"parallel_tool_calls"}, max_tokens_field="max_completion_tokens", mid_system="keep"
)
ANTHROPIC = Traits(fields=COMMON_FIELDS | {"parallel_tool_calls"}, structured_output="none")
MISTRAL = Traits(
    # Every field that it does not know is a 422, `stream_options` among them; usage comes without asking.
    fields=frozenset({"temperature", "top_p", "parallel_tool_calls"}),
    tool_call_id="alphanumeric_9",
    prefill="prefix",
)
GOOGLE = Traits(schemas="google")
COHERE = Traits(tool_choice="required_or_none")
THINKS_WITHOUT_FORCED_TOOLS = Traits(tool_choice="unforced", structured_output="json_object")
"""DeepSeek, Kimi, GLM and Qwen refuse a forced tool while they think, and know no schema for the answer."""
XAI = Traits(fields=COMMON_FIELDS | {"store", "include"})
"""https://docs.x.ai/developers/model-capabilities/text/reasoning: only Responses gives reasoning, encrypted, and takes
it back."""
QWEN = Traits(
    fields=COMMON_FIELDS | {"top_k", "parallel_tool_calls"}, tool_choice="unforced", structured_output="json_object"
)
GROQ = Traits(
    fields=COMMON_FIELDS | {"parallel_tool_calls"},
    max_tokens_field="max_completion_tokens",
    structured_output="json_object",
)
CEREBRAS = Traits(fields=COMMON_FIELDS | {"parallel_tool_calls"}, max_tokens_field="max_completion_tokens")
OPENROUTER = Traits(fields=COMMON_FIELDS | {"top_k", "parallel_tool_calls"}, mid_system="keep", pdf=True)
OPEN_SERVER = Traits(fields=COMMON_FIELDS | {"top_k", "parallel_tool_calls"})
"""vLLM, SGLang and llama.cpp, and the firms that host open models with them."""
VLLM = replace(OPEN_SERVER, prefill="continue_final_message")
WITH_TOP_K = Traits(fields=COMMON_FIELDS | {"top_k"})
LM_STUDIO = replace(WITH_TOP_K, tool_choice="unnamed")
