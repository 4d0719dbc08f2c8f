"""What models can take: hand-typed expectations for those that differ."""

from dataclasses import asdict, replace
from typing import get_args

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.model_rules import Rule
from gateway.routing.model_traits import DOUBTFUL, model_dialects, model_traits
from gateway.routing.providers import Provider, all_providers
from translator.traits import EFFORTS, OptionalField, Traits, some_traits

COMMON = {"temperature", "top_p", "stream_options"}
TOP_K = COMMON | {"top_k"}
BARE = {"stream_options", "parallel_tool_calls"}
OF_RESPONSES = {"include", "summary", "include_obfuscation", "max_tool_calls"}
GPT = BARE | OF_RESPONSES | {"service_tier", "safety_identifier", "prompt_cache_key", "store"}


def of(catalogue: Catalogue, name: str) -> Traits:
    provider_id, _, model = name.partition("/")
    return model_traits(all_providers()[provider_id], model, catalogue.model(provider_id, model))


@pytest.mark.failure_mode(25)
@pytest.mark.parametrize(
    ("name", "efforts"),
    [
        ("openai/gpt-4.1", ""),
        ("openai/gpt-5", "minimal low medium high"),
        ("openai/gpt-5-mini", "minimal low medium high"),
        ("openai/gpt-5-nano", "minimal low medium high"),
        ("openai/gpt-5-pro", "high"),
        ("openai/gpt-5.1", "none low medium high"),
        ("openai/gpt-5.2", "none low medium high xhigh"),
        ("openai/gpt-5.3-chat-latest", ""),
        ("openai/gpt-5.4-mini", "none low medium high xhigh"),
        ("openai/gpt-5.6-sol", "none low medium high xhigh max"),
        ("openai/gpt-6-sol", "none low medium high xhigh max"),
        ("openai/gpt-6-astra", "low medium high xhigh max"),
        ("openai/gpt-6.1-sol", "low medium high xhigh max"),
        ("openai/o3", "low medium high"),
        ("azure/gpt-5", "minimal low medium high"),
        ("google/gemini-2.5-pro", "low medium high"),
        ("google/gemini-2.5-flash", "none low medium high"),
        ("google/gemini-3.1-pro-preview", "low high"),
        ("google/gemini-3.6-flash", "none low medium high"),
        ("google/gemma-4-31b-it", ""),
        ("mistral/mistral-large-latest", ""),
        ("mistral/mistral-medium-latest", "none high"),
        ("mistral/mistral-small-2603", "none high"),
        ("deepseek/deepseek-v4-pro", "low high max"),
        ("deepseek/deepseek-chat", ""),
        ("moonshotai/kimi-k2.6", ""),
        ("cohere/command-a-03-2025", ""),
        ("cohere/command-a-reasoning-08-2025", "none high"),
        ("anthropic/claude-sonnet-5", ""),
        ("groq/openai/gpt-oss-120b", "low medium high"),
        ("groq/llama-3.3-70b-versatile", ""),
        ("openrouter/openai/gpt-5", "minimal low medium high xhigh"),
        ("openrouter/meta-llama/llama-3.3-70b-instruct", ""),
        ("xai/grok-4.3", "none low medium high"),
        ("xai/grok-4.5", "low medium high"),
        ("xai/grok-4.6", "low medium high xhigh"),
        ("xai/grok-4.20-0309-reasoning", ""),
        ("groq/qwen/qwen3-32b", ""),
        ("groq/qwen/qwen3.6-27b", ""),
        ("togetherai/deepseek-ai/DeepSeek-V4-Pro", "high max"),
        ("togetherai/openai/gpt-oss-120b", "low medium high"),
        ("fireworks-ai/accounts/fireworks/models/glm-5p2", "none high max"),
        ("fireworks-ai/accounts/fireworks/models/kimi-k2p6", "low medium high"),
        ("fireworks-ai/accounts/fireworks/models/deepseek-v4-pro", "none low medium high xhigh"),
        ("ollama/qwen3:8b", "none low medium high"),
        ("ollama/qwen3-coder:30b", "low medium high"),
        ("ollama/llama3.2", "low medium high"),
        ("minimax/MiniMax-M3", ""),
        ("vllm/anything", "low medium high"),
        ("vllm/openai/gpt-oss-20b", "low medium high"),
    ],
)
def test_efforts(catalogue: Catalogue, name: str, efforts: str) -> None:
    assert " ".join(of(catalogue, name).efforts) == efforts


@pytest.mark.failure_mode(35)
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("openai/gpt-5", GPT),
        ("openai/gpt-6.1-sol", GPT | {"phase"}),
        ("openai/gpt-4.1", GPT | {"temperature", "top_p"}),
        ("openai/o3", GPT - {"parallel_tool_calls"}),
        ("azure/gpt-5", BARE),
        ("google/gemini-2.5-pro", COMMON),
        ("mistral/mistral-large-latest", {"temperature", "top_p", "parallel_tool_calls"}),
        ("deepseek/deepseek-v4-pro", COMMON),
        ("cohere/command-a-03-2025", COMMON),
        ("anthropic/claude-haiku-4-5", COMMON | {"parallel_tool_calls"}),
        ("anthropic/claude-sonnet-5", BARE),
        ("openrouter/openai/gpt-5", BARE),
        ("openrouter/meta-llama/llama-3.3-70b-instruct", TOP_K | {"parallel_tool_calls"}),
        ("togetherai/zai-org/GLM-5.2", TOP_K),
        ("groq/qwen/qwen3.6-27b", COMMON | {"parallel_tool_calls", "reasoning_format"}),
        ("groq/openai/gpt-oss-120b", COMMON | {"parallel_tool_calls"}),
        ("llamacpp/anything", TOP_K | {"parallel_tool_calls"}),
        ("ollama/anything", COMMON),
        # models.dev does not say whether it takes a temperature.
        ("nano-gpt/aion-labs/aion-2.0", COMMON),
    ],
)
def test_optional_fields(catalogue: Catalogue, name: str, fields: set[str]) -> None:
    assert of(catalogue, name).fields == fields


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("openai/gpt-5", {"max_tokens_field": "max_completion_tokens", "min_output_tokens": 16}),
        ("openai/gpt-5", {"context_window": 400_000, "max_output_tokens": 128_000, "images": True, "pdf": True}),
        ("openai/gpt-4.1", {"max_tokens_field": "max_completion_tokens", "min_output_tokens": 1}),
        ("openai/gpt-5.2", {"reasoning_with_tools": "any", "mid_system": "keep"}),
        ("openai/gpt-5.4-mini", {"reasoning_with_tools": "default"}),
        ("openai/gpt-5.5", {"reasoning_with_tools": "default"}),
        ("openai/gpt-5.6", {"reasoning_with_tools": "none"}),
        ("openai/gpt-6-astra", {"reasoning_with_tools": "none"}),
        ("google/gemini-2.5-pro", {"max_tokens_field": "max_tokens", "mid_system": "user", "pdf": False}),
        ("google/gemini-2.5-pro", {"thought_signature": None}),
        ("google/gemini-3.1-pro-preview", {"thought_signature": "google"}),
        ("google/gemini-flash-latest", {"thought_signature": "google"}),
        ("google/gemma-4-31b-it", {"thought_signature": None}),
        ("google-vertex/gemini-3.5-flash", {"thought_signature": "vertex"}),
        ("openrouter/google/gemini-3.5-flash", {"thought_signature": None}),
        ("mistral/mistral-large-latest", {"tool_call_id": "alphanumeric_9"}),
        ("deepseek/deepseek-v4-pro", {"thinking_toggle": "thinking", "reasoning_echo": "reasoning_content"}),
        ("deepseek/deepseek-v4-pro", {"tool_choice": "unforced", "structured_output": "json_object"}),
        ("deepseek/deepseek-v4-pro", {"images": False}),
        ("deepseek/deepseek-chat", {"thinking_toggle": None, "reasoning_echo": None}),
        ("moonshotai/kimi-k2.6", {"thinking_toggle": "thinking", "reasoning_echo": "reasoning_content"}),
        ("moonshotai/kimi-k2.7-code", {"thinking_toggle": None}),
        ("moonshotai/kimi-k3", {"thinking_toggle": "thinking"}),
        ("moonshotai/kimi-k2-thinking", {"thinking_toggle": None, "reasoning_echo": "reasoning_content"}),
        ("alibaba/qwen3.5-397b-a17b", {"thinking_toggle": "enable_thinking"}),
        ("alibaba/qwq-plus", {"thinking_toggle": None}),
        ("zai/glm-5.2", {"thinking_toggle": "thinking", "tool_choice": "unforced"}),
        ("cohere/command-a-03-2025", {"tool_choice": "required_or_none", "structured_output": "json_schema"}),
        ("anthropic/claude-sonnet-5", {"structured_output": "none"}),
        ("groq/openai/gpt-oss-120b", {"max_tokens_field": "max_completion_tokens"}),
        ("groq/openai/gpt-oss-120b", {"structured_output": "json_schema"}),
        ("groq/llama-3.3-70b-versatile", {"structured_output": "json_object", "images": False}),
        ("groq/qwen/qwen3.6-27b", {"thinking_toggle": "reasoning_effort", "reasoning_echo": None}),
        ("groq/openai/gpt-oss-120b", {"thinking_toggle": None, "reasoning_echo": None}),
        ("togetherai/deepseek-ai/DeepSeek-V4-Pro", {"thinking_toggle": "reasoning_enabled"}),
        ("togetherai/zai-org/GLM-5.1", {"thinking_toggle": "reasoning_enabled", "efforts": ()}),
        ("togetherai/moonshotai/Kimi-K2.6", {"thinking_toggle": "reasoning_enabled"}),
        ("togetherai/Qwen/Qwen3.5-397B-A17B", {"thinking_toggle": "reasoning_enabled"}),
        ("togetherai/openai/gpt-oss-120b", {"thinking_toggle": None}),
        ("togetherai/deepseek-ai/DeepSeek-R1", {"thinking_toggle": None, "think_tags": "both"}),
        ("lmstudio/anything", {"tool_choice": "unnamed", "structured_output": "json_schema"}),
        ("mistral/mistral-large-latest", {"prefill": "prefix"}),
        ("vllm/anything", {"prefill": "continue_final_message"}),
        ("sglang/anything", {"prefill": "plain"}),
        ("openrouter/openai/gpt-5", {"mid_system": "keep", "pdf": True}),
        ("openrouter/openai/gpt-5", {"thinking_toggle": "reasoning", "reasoning_echo": "reasoning_details"}),
        ("openrouter/meta-llama/llama-3.3-70b-instruct", {"thinking_toggle": None}),
        ("openrouter/anthropic/claude-sonnet-5", {"cache_marker": "cache_control"}),
        ("openrouter/google/gemini-3.5-flash", {"cache_marker": "cache_control"}),
        ("openrouter/openai/gpt-5", {"cache_marker": None}),
        ("anthropic/claude-sonnet-5", {"cache_marker": None}),
        ("openai/gpt-5.5", {"cache_marker": None}),
        ("openai/gpt-5.6-sol", {"cache_marker": "prompt_cache_breakpoint"}),
        ("openai/gpt-6-astra", {"cache_marker": "prompt_cache_breakpoint"}),
        ("azure/gpt-5.6-sol", {"cache_marker": None}),
        ("openrouter/google/gemini-3.5-flash", {"schemas": "google"}),
        ("google/gemini-2.5-pro", {"schemas": "google"}),
        ("google/gemma-4-31b-it", {"schemas": "google"}),
        ("google-vertex/gemini-3.5-flash", {"schemas": "google"}),
        ("openai/gpt-5", {"schemas": "json_schema", "max_tool_description": None}),
        ("minimax/MiniMax-M2.5-highspeed", {"think_tags": "both", "reasoning_echo": "think_tags"}),
        ("minimax/MiniMax-M3", {"think_tags": None, "reasoning_echo": None}),
        ("vllm/deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", {"think_tags": "closing", "reasoning_echo": None}),
        ("sglang/Qwen/Qwen3-235B-A22B-Thinking-2507", {"think_tags": "closing"}),
        ("vllm/Qwen/Qwen3-8B", {"think_tags": "both", "thinking_toggle": "chat_template_kwargs"}),
        ("vllm/Qwen/Qwen3-235B-A22B-Thinking-2507", {"thinking_toggle": None}),
        ("vllm/Qwen/Qwen3-30B-A3B-Instruct-2507", {"thinking_toggle": None}),
        ("sglang/zai-org/GLM-4.6", {"thinking_toggle": "chat_template_kwargs"}),
        ("llamacpp/deepseek-ai/DeepSeek-V3.1", {"thinking_toggle": "chat_template_kwargs"}),
        ("ollama/qwen3:8b", {"think_tags": "both"}),
        ("ollama/qwen3-coder:30b", {"think_tags": None}),
        ("lmstudio/qwq-32b", {"think_tags": "both", "written_calls": True}),
        ("vllm/NousResearch/Hermes-4-70B", {"written_calls": True}),
        ("sglang/Qwen/Qwen3-Coder-30B-A3B-Instruct", {"written_calls": True}),
        ("llamacpp/qwen3-coder", {"written_calls": True}),
        ("ollama/qwen3:8b", {"written_calls": True}),
        ("vllm/meta-llama/Llama-3.3-70B-Instruct", {"written_calls": False}),
        ("alibaba/qwen3.5-397b-a17b", {"written_calls": True}),
        ("vllm/anything", {"context_window": None, "max_output_tokens": None, "images": True}),
        ("ollama/anything", asdict(Traits(efforts=DOUBTFUL, empty_assistant_content="string"))),
    ],
)
def test_other_traits(catalogue: Catalogue, name: str, expected: dict[str, object]) -> None:
    traits = asdict(of(catalogue, name))
    assert {field: traits[field] for field in expected} == expected


def test_no_model_has_a_trait_that_the_translator_does_not_know(catalogue: Catalogue) -> None:
    providers = all_providers()
    for facts in catalogue.search():
        traits = model_traits(providers[facts.provider], facts.id, facts)
        assert traits.fields <= set(get_args(OptionalField))
        assert list(traits.efforts) == [effort for effort in EFFORTS if effort in traits.efforts], facts


@pytest.mark.parametrize(
    ("name", "dialects"),
    [
        ("openai/gpt-5", "responses chat"),
        ("azure/gpt-5", "chat"),
        ("azure/gpt-5.4", "responses chat"),
        ("xai/grok-4.6", "responses chat"),
        ("meta/muse-spark", "chat"),
        ("openai/gpt-6.1-sol", "responses chat"),
        ("openai/gpt-5-pro", "responses"),
        ("openai/gpt-5.3-codex", "responses"),
        ("openrouter/openai/gpt-5-pro", "chat"),
        ("mistral/mistral-large-latest", "chat"),
        ("anthropic/claude-sonnet-5", "anthropic chat"),
        ("opencode/claude-opus-5", "anthropic chat"),
        ("minimax/MiniMax-M3", "anthropic chat"),
        ("kimi-for-coding/k3", "anthropic chat"),
        ("azure/claude-opus-5", "anthropic"),
        ("azure-cognitive-services/claude-of-tomorrow", "anthropic"),
        ("openrouter/anthropic/claude-opus-5", "chat"),
        ("freemodel/claude-opus-4-8", "chat"),
        ("deepseek/anything", "chat"),
    ],
)
def test_dialects(catalogue: Catalogue, name: str, dialects: str) -> None:
    provider_id, _, model = name.partition("/")
    found = model_dialects(all_providers()[provider_id], model, catalogue.model(provider_id, model))
    assert " ".join(found) == dialects


def test_the_last_rule_that_names_dialects_counts() -> None:
    rules = (
        Rule("", some_traits(), dialects=("responses",)),
        Rule("claude", some_traits(), dialects=("anthropic", "chat")),
        Rule("claude-opus", some_traits(images=False)),
    )
    acme = Provider(id="acme", name="Acme", rules=rules)
    assert model_dialects(acme, "claude-opus-5", None) == ("anthropic", "chat")
    assert model_dialects(acme, "gpt-5", None) == ("responses",)


def test_what_the_operator_writes_is_the_only_dialect(catalogue: Catalogue) -> None:
    openai, known = all_providers()["openai"], catalogue.model("openai", "gpt-5.6")
    assert known is not None
    settled = replace(openai, settled_dialect="chat")
    assert model_dialects(settled, "gpt-5.6", known) == ("chat",)
    assert model_dialects(settled, "gpt-5.6", replace(known, settled_dialect="responses")) == ("responses",)
    assert model_dialects(openai, "gpt-5-pro", None) == ("responses",)


def test_a_server_of_ones_own_speaks_chat(catalogue: Catalogue) -> None:
    openai = all_providers()["openai"]
    assert model_dialects(openai, "gpt-5.6", None, is_own=True) == ("chat", "responses")
    assert model_dialects(openai, "gpt-5-pro", None, is_own=True) == ("responses", "chat")
