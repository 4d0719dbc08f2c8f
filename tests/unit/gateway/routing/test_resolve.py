"""What callers name, who is configured, and who is asked in which order."""

from typing import Any

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration
from gateway.routing.providers import configured_providers
from gateway.routing.resolve import Candidate, NoUsableKeyError, UnknownModelError, resolve

KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "google": "GEMINI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "groq": "GROQ_API_KEY",
    "alibaba": "DASHSCOPE_API_KEY",
    "cohere": "COHERE_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "deepinfra": "DEEPINFRA_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "perplexity": "PERPLEXITY_API_KEY",
    "ollama": "OLLAMA_BASE_URL",
    "vllm": "VLLM_BASE_URL",
    "lmstudio": "LMSTUDIO_BASE_URL",
}


def candidates(catalogue: Catalogue, model: str, who: str, **options: Any) -> tuple[Candidate, ...]:
    environ = {KEYS[name]: "http://127.0.0.1:9/v1" for name in who.split()}
    return resolve(model, Configuration(catalogue=catalogue, **options), configured_providers(environ))


@pytest.mark.failure_mode(41)
@pytest.mark.parametrize(
    ("model", "configured", "expected"),
    [
        # The product page.
        ("gpt-5", "openai", "openai/gpt-5"),
        ("gpt-5-mini", "openai", "openai/gpt-5-mini"),
        ("gpt-5-nano", "openai", "openai/gpt-5-nano"),
        ("google-ai-studio/gemini-2.5-pro", "google", "google/gemini-2.5-pro"),
        ("anthropic/claude-sonnet-4-20250514", "anthropic", "anthropic/claude-sonnet-4-20250514"),
        ("claude-sonnet-4-20250514", "anthropic", "anthropic/claude-sonnet-4-20250514 anthropic/claude-sonnet-5"),
        ("claude-haiku-4-5", "anthropic", "anthropic/claude-haiku-4-5"),
        ("qwen3.5-397b-a17b", "alibaba", "alibaba/qwen3.5-397b-a17b"),
        ("command-a-03-2025", "cohere", "cohere/command-a-03-2025"),
        ("command-r-plus-08-2024", "cohere", "cohere/command-r-plus-08-2024"),
        ("command-a-plus-05-2026", "cohere", "cohere/command-a-plus-05-2026"),
        # The maker first, then the order of preference, each with its own spelling.
        ("gpt-5", "groq openrouter google openai", "openai/gpt-5 openrouter/openai/gpt-5"),
        ("gpt-5", "openrouter", "openrouter/openai/gpt-5"),
        ("gpt-oss-120b", "groq openrouter", "openrouter/openai/gpt-oss-120b groq/openai/gpt-oss-120b"),
        ("qwen3.5-397b-a17b", "deepinfra", "deepinfra/Qwen/Qwen3.5-397B-A17B"),
        # `provider/model`: known, in another spelling, and never heard of.
        ("openai/gpt-5", "openai openrouter", "openai/gpt-5"),
        ("OpenAI/gpt-5", "openai", "openai/gpt-5"),
        ("openrouter/gpt-5", "openai openrouter", "openrouter/openai/gpt-5"),
        ("openrouter/anthropic/claude-opus-4.6", "openrouter", "openrouter/anthropic/claude-opus-4.6"),
        ("openrouter/auto", "openrouter", "openrouter/openrouter/auto"),
        ("openai/gpt-99-turbo", "openai", "openai/gpt-99-turbo"),
        ("mistralai/some/new:model", "mistral", "mistral/some/new:model"),
        ("ollama/qwen3:4b", "ollama openai", "ollama/qwen3:4b"),
        ("fireworks/accounts/fireworks/models/new", "fireworks", "fireworks-ai/accounts/fireworks/models/new"),
        ("accounts/fireworks/models/new", "fireworks ollama", "fireworks-ai/accounts/fireworks/models/new"),
        ("accounts/fireworks/models/kimi-k3", "fireworks", "fireworks-ai/accounts/fireworks/models/kimi-k3"),
        # What looks like a provider may be a vendor's path at somebody else.
        ("openai/gpt-5", "openrouter", "openrouter/openai/gpt-5"),
        ("openai/gpt-oss-20b", "openai groq", "groq/openai/gpt-oss-20b openai/gpt-oss-20b"),
        ("qwen/qwen3.5-397b-a17b", "deepinfra", "deepinfra/Qwen/Qwen3.5-397B-A17B"),
        ("meta-llama/llama-3.3-70b-instruct", "openrouter", "openrouter/meta-llama/llama-3.3-70b-instruct"),
        # Dates and the mark of the large window.
        ("gpt-5-2025-08-07", "openai", "openai/gpt-5"),
        ("gpt-4o-2024-08-06", "openai", "openai/gpt-4o-2024-08-06"),
        ("gpt-4o-latest", "openai", "openai/gpt-4o"),
        ("claude-haiku-4-5-20251001", "anthropic", "anthropic/claude-haiku-4-5-20251001"),
        ("claude-haiku-4-5-20251001", "openrouter", "openrouter/anthropic/claude-haiku-4.5"),
        ("mistral-medium", "mistral", "mistral/mistral-medium-latest"),
        ("claude-opus-4-6[1m]", "anthropic", "anthropic/claude-opus-4-6"),
        ("openai/gpt-5[1M]", "openai", "openai/gpt-5"),
        (" gpt-5 ", "openai", "openai/gpt-5"),
        # Claude ids that nobody serves go to the tiers of the first.
        ("claude-opus-4-8", "openai google", "openai/gpt-5"),
        ("claude-sonnet-5", "openai", "openai/gpt-5-mini"),
        ("claude-haiku-4-5", "openai", "openai/gpt-5-nano"),
        ("claude-fable-5", "openai", "openai/gpt-5"),
        ("claude-3-5-sonnet-20241022", "google", "google/gemini-2.5-flash"),
        ("claude-haiku-4-5", "google", "google/gemini-2.5-flash-lite"),
        ("claude-next", "groq", "groq/openai/gpt-oss-120b"),
        ("claude-next", "perplexity google", "google/gemini-2.5-flash"),
        ("anthropic/claude-sonnet-4-20250514", "openai", "openai/gpt-5-mini"),
        ("anthropic/claude-sonnet-4-20250514", "openai openrouter", "openrouter/anthropic/claude-sonnet-4"),
        ("claude-next-9", "anthropic", "anthropic/claude-next-9 anthropic/claude-sonnet-5"),
        ("claude-sonnet-4-5", "ollama openai", "openai/gpt-5-mini"),
        ("claude-sonnet-4-5", "lmstudio", "lmstudio/claude-sonnet-4-5"),
        # What Claude Code's picker can show.
        ("anthropic/gpt-5", "openai anthropic", "openai/gpt-5"),
        ("anthropic/openai/gpt-5", "openai", "openai/gpt-5"),
        ("anthropic/mythos-9", "anthropic openai", "anthropic/mythos-9"),
        # The one server on this machine.
        ("smollm2", "ollama", "ollama/smollm2"),
        ("smollm2", "ollama openai", "ollama/smollm2"),
        ("hf.co/someone/smollm2:Q4", "vllm", "vllm/hf.co/someone/smollm2:Q4"),
        ("Qwen/Qwen2.5-7B-Instruct-AWQ", "vllm", "vllm/Qwen/Qwen2.5-7B-Instruct-AWQ"),
        ("openai/gpt-oss-20b", "ollama", "ollama/openai/gpt-oss-20b"),
        ("openai/gpt-oss-20b", "ollama openai", "openai/gpt-oss-20b"),
        ("gpt-oss-20b", "ollama", "ollama/gpt-oss-20b"),
        ("gpt-oss-20b", "ollama groq", "groq/openai/gpt-oss-20b"),
    ],
)
def test_candidates(catalogue: Catalogue, model: str, configured: str, expected: str) -> None:
    assert [each.name for each in candidates(catalogue, model, configured)] == expected.split()


@pytest.mark.failure_mode(41)
@pytest.mark.parametrize(
    ("model", "default_model", "configured", "expected"),
    [
        ("claude-haiku-4-5", "google/gemini-2.5-pro", "openai google", "google/gemini-2.5-pro"),
        ("claude-haiku-4-5", "smollm2", "ollama", "ollama/smollm2"),
        ("claude-next", "gpt-5", "anthropic openai", "anthropic/claude-next openai/gpt-5"),
        ("claude-haiku-4-5", "gpt-5", "anthropic openai", "anthropic/claude-haiku-4-5"),
        ("gpt-5", "gemini-2.5-pro", "openai google", "openai/gpt-5"),
        ("claude-next", "claude-other", "openai", "openai/gpt-5-mini"),
    ],
)
def test_the_default_model_stands_for_claude_ids_only(
    catalogue: Catalogue, model: str, default_model: str, configured: str, expected: str
) -> None:
    found = candidates(catalogue, model, configured, default_model=default_model)
    assert [each.name for each in found] == expected.split()


@pytest.mark.failure_mode(41)
@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("fast", "openai/gpt-5-nano"),
        ("claude-haiku-4-5", "google/gemini-2.5-flash"),
        ("claude-haiku-4-5[1m]", "google/gemini-2.5-flash"),
        ("claude-opus-4-6[1m]", "openai/gpt-5"),
        ("claude-opus-4-6", "openai/gpt-5-mini"),
        ("loop", "openai/gpt-5"),
        ("smart", "google/gemini-2.5-pro openai/gpt-99"),
    ],
)
def test_aliases(catalogue: Catalogue, model: str, expected: str) -> None:
    aliases = {
        "fast": ("openai/gpt-5-nano",),
        "claude-haiku-4-5": ("google/gemini-2.5-flash",),
        "claude-opus-4-6": ("openai/gpt-5-mini",),
        "claude-opus-4-6[1m]": ("openai/gpt-5[1m]",),
        "loop": ("openai/gpt-5",),
        "openai/gpt-5": ("google/gemini-2.5-pro",),
        "smart": ("anthropic/claude-opus-5", "gemini/gemini-2.5-pro", "google/gemini-2.5-pro", "openai/gpt-99"),
    }
    found = candidates(catalogue, model, "openai google", aliases=aliases)
    assert [each.name for each in found] == expected.split()


def test_an_alias_for_which_nobody_can_be_asked(catalogue: Catalogue) -> None:
    aliases = {"smart": ("anthropic/claude-opus-5", "openai/gpt-5")}
    with pytest.raises(NoUsableKeyError) as refused:
        candidates(catalogue, "smart", "google", aliases=aliases)
    assert str(refused.value) == (
        "model: smart. It stands for another; "
        "model: anthropic/claude-opus-5. Anthropic is not configured: set ANTHROPIC_API_KEY"
    )


def test_a_candidate_has_all_that_a_call_needs(catalogue: Catalogue) -> None:
    [candidate] = candidates(catalogue, "google-ai-studio/gemini-2.5-pro", "google")
    assert candidate.model == "gemini-2.5-pro"
    assert candidate.base_url == "https://generativelanguage.googleapis.com/v1beta/openai"
    assert [tier.input for tier in candidate.prices] == [1_250_000, 2_500_000]
    assert candidate.traits.max_output_tokens == 65_536
    assert candidate.dialects == ("chat",)


def test_a_model_that_the_catalogue_knows_elsewhere_only_is_asked_at_its_maker(catalogue: Catalogue) -> None:
    """Whoever has its maker's key is not told to set another's."""
    assert "openai" not in catalogue.providers_of("gpt-5-codex")
    [candidate] = candidates(catalogue, "gpt-5-codex", "openai")
    assert (candidate.name, candidate.dialects) == ("openai/gpt-5-codex", ("responses",))


def test_reasoning_can_be_read_at_one_address_only(catalogue: Catalogue) -> None:
    [here] = candidates(catalogue, "openai/gpt-5", "openai")
    [again] = candidates(catalogue, "openai/gpt-5-mini", "openai")
    [there] = candidates(catalogue, "google/gemini-2.5-pro", "google")
    assert here.traits.reasoning_scope == again.traits.reasoning_scope != there.traits.reasoning_scope


def test_a_model_that_the_catalogue_does_not_know_has_no_prices(catalogue: Catalogue) -> None:
    [candidate] = candidates(catalogue, "openai/gpt-99", "openai")
    assert (candidate.facts, candidate.prices) == (None, ())


@pytest.mark.parametrize(
    ("model", "configured", "message"),
    [
        (
            "gpt-5",
            "google",
            "No provider that serves it is configured: set OPENAI_API_KEY (OpenAI), or OPENROUTER_API_",
        ),
        ("gpt-5", "ollama", "No provider that serves it is configured: set OPENAI_API_KEY (OpenAI), or "),
        ("gpt-5", "", "No provider that serves it is configured: set OPENAI_API_KEY (OpenAI), or "),
        ("claude-haiku-4-5", "", "No provider that serves it is configured: set ANTHROPIC_API_KEY (Anthropic), or "),
        ("google-ai-studio/gemini-2.5-pro", "openai", "Google is not configured: set GEMINI_API_KEY"),
        ("google/new", "openrouter", "Google is not configured: set GEMINI_API_KEY"),
        ("google/gemini-2.5-pro", "ollama", "Google is not configured: set GEMINI_API_KEY"),
        ("groq/new", "ollama", "Groq is not configured: set GROQ_API_KEY"),
        ("anthropic/claude-haiku-4-5", "ollama", "Anthropic is not configured: set ANTHROPIC_API_KEY"),
        ("azure/gpt-5", "openai", "Azure is not configured: set AZURE_API_KEY and AZURE_RESOURCE_NAME"),
        ("vllm/anything", "openai", "vLLM is not configured: set VLLM_BASE_URL"),
        ("sap-ai-core/gpt-5", "openai", "SAP AI Core is not configured: set SAP_AI_CORE_BASE_URL"),
    ],
)
def test_who_must_be_configured(catalogue: Catalogue, model: str, configured: str, message: str) -> None:
    with pytest.raises(NoUsableKeyError) as refused:
        candidates(catalogue, model, configured)
    assert str(refused.value).startswith(f"model: {model}. {message}")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("openai/gpt-5", "OpenAI is not configured: set {}OPENAI_API_KEY"),
        (
            "azure/gpt-5",
            "Azure is not configured: set {}AZURE_API_KEY and {}AZURE_RESOURCE_NAME",
        ),
        (
            "sonar-pro",
            "No provider that serves it is configured: set {}PERPLEXITY_API_KEY (Perplexity), or {}OPENROUTER_API_KEY",
        ),
    ],
)
@pytest.mark.parametrize(
    ("keys_below", "one"),
    [
        ("/edgeway/providers", "the SSM parameter"),
        ("/edgeway/providers/", "the SSM parameter"),
        ("secretsmanager:/edgeway/providers/", "the secret"),
    ],
)
def test_where_keys_lie_on_aws_what_holds_them_is_named(
    catalogue: Catalogue, model: str, message: str, keys_below: str, one: str
) -> None:
    with pytest.raises(NoUsableKeyError) as refused:
        candidates(catalogue, model, "google", keys_below=keys_below)
    expected = message.replace("{}", f"{one} /edgeway/providers/")
    assert str(refused.value).startswith(f"model: {model}. {expected}")


def test_a_default_model_that_cannot_be_asked_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(NoUsableKeyError) as refused:
        candidates(catalogue, "claude-next", "openai", default_model="google/gemini-2.5-pro")
    assert str(refused.value) == (
        "model: claude-next. The default model stands for it; "
        "model: google/gemini-2.5-pro. Google is not configured: set GEMINI_API_KEY"
    )


ANY_MODEL = "Any model of a provider can be named as provider/model."


@pytest.mark.parametrize(
    ("model", "configured", "suggested"),
    [
        ("gpt5", "openai", "gpt-5, gpt-5.6, gpt-5.5"),
        ("gpt-9-ultra", "openai", "openai/gpt-9-ultra"),
        ("gemini-2.5-prp", "google", "google/gemini-2.5-prp, gemini-2.5-pro, gemini-2.5-flash, gemini-3.1-pro"),
        ("claude-next", "", "anthropic/claude-next, claude-sonnet-latest, claude-sonnet-5, claude-sonnet-4"),
    ],
)
def test_nobody_knows_it(catalogue: Catalogue, model: str, configured: str, suggested: str) -> None:
    with pytest.raises(UnknownModelError) as refused:
        candidates(catalogue, model, configured)
    assert str(refused.value) == f"model: {model}. Did you mean {suggested}? {ANY_MODEL}"


def test_nothing_resembles_it(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownModelError) as refused:
        candidates(catalogue, "smollm2", "ollama vllm")
    assert str(refused.value) == f"model: smollm2. {ANY_MODEL}"


@pytest.mark.parametrize("model", ["", "  ", "gpt-5\topenai\tgpt-5", "gpt-5\n/", "x" * 257])
def test_what_is_no_name_is_not_repeated(catalogue: Catalogue, model: str) -> None:
    with pytest.raises(UnknownModelError) as refused:
        candidates(catalogue, model, "openai ollama")
    assert str(refused.value) == "model: a model's name has 1 to 256 printable characters"
