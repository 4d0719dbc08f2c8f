"""The names that clients are given must answer with what is configured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from gateway.directory import configuration_of
from gateway.provider_table import Tier
from gateway.providers import configured_providers
from gateway.routing import resolve
from gateway.settings import read_settings

from edgeway.local.offer import Models, Offer, make_offer, with_window

OLLAMA = "http://127.0.0.1:11434/v1/models"
OWN = "http://127.0.0.1:9999/v1/models"


def offered(environment: Mapping[str, str], servers: Mapping[str, list[str]] | None = None) -> Offer:
    """The offer where these addresses list these models."""
    lists = {
        url: json.dumps({"object": "list", "data": [{"id": model} for model in models]}).encode()
        for url, models in (servers or {}).items()
    }
    return make_offer(environment, lists.get)


def tiers(opus: str, sonnet: str, haiku: str) -> dict[Tier, str]:
    return {"opus": opus, "sonnet": sonnet, "haiku": haiku}


@pytest.mark.parametrize(
    ("environment", "servers", "models"),
    [
        pytest.param({}, {}, None, id="nothing"),
        pytest.param(
            {"OPENAI_API_KEY": "k"},
            {},
            Models(tiers("gpt-5", "gpt-5-mini", "gpt-5-nano"), 272_000),
            id="the first provider's tiers, and what the main model takes as input",
        ),
        pytest.param(
            {"GEMINI_API_KEY": "k", "GROQ_API_KEY": "k"},
            {},
            Models(tiers("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"), 1_048_576),
            id="of several providers the preferred one",
        ),
        pytest.param(
            {"AZURE_API_KEY": "k", "AZURE_RESOURCE_NAME": "r", "OPENAI_API_KEY": "k"},
            {},
            Models(tiers("gpt-5", "gpt-5-mini", "gpt-5-nano"), 272_000),
            id="a name that several serve leads to the preferred one",
        ),
        pytest.param(
            {"GROQ_API_KEY": "k", "EDGEWAY_DEFAULT_MODEL": "groq/openai/gpt-oss-120b"},
            {},
            Models(tiers(*["groq/openai/gpt-oss-120b"] * 3), 131_072),
            id="the operator's default model, for all tiers",
        ),
        pytest.param(
            {"OPENAI_API_KEY": "k", "EDGEWAY_DEFAULT_MODEL": "groq/openai/gpt-oss-120b"},
            {},
            Models(tiers("gpt-5", "gpt-5-mini", "gpt-5-nano"), 272_000),
            id="a default model without a key is passed over",
        ),
        pytest.param(
            {},
            {OLLAMA: ["nomic-embed-text", "qwen3:8b", "llama3.2"]},
            Models(tiers(*["ollama/qwen3:8b"] * 3)),
            id="the first model of a found server that can converse",
        ),
        pytest.param(
            {"OPENAI_API_KEY": "k"},
            {OLLAMA: ["qwen3:8b"]},
            Models(tiers("gpt-5", "gpt-5-mini", "gpt-5-nano"), 272_000),
            id="a configured provider goes before a found server",
        ),
        pytest.param(
            {"OPENAI_BASE_URL": "http://127.0.0.1:9999/v1"},
            {OWN: ["qwen3-32b"]},
            Models(tiers(*["openai/qwen3-32b"] * 3)),
            id="a server of one's own in a provider's place has its own models",
        ),
        pytest.param(
            {"OPENAI_BASE_URL": "http://127.0.0.1:9999/v1"},
            {OWN: ["gpt-5", "gpt-5-mini", "gpt-5-nano", "more"]},
            Models(tiers("gpt-5", "gpt-5-mini", "gpt-5-nano"), 272_000),
            id="or the provider's",
        ),
        pytest.param(
            {"OPENAI_BASE_URL": "http://127.0.0.1:9999/v1"},
            {},
            Models(tiers("gpt-5", "gpt-5-mini", "gpt-5-nano"), 272_000),
            id="or it does not say",
        ),
        pytest.param({"VLLM_BASE_URL": "http://127.0.0.1:9999/v1"}, {}, None, id="a server that does not say"),
        pytest.param(
            {"VLLM_BASE_URL": "http://127.0.0.1:9999/v1", "GROQ_API_KEY": "k"},
            {OWN: ["whisper-large"]},
            Models(tiers("openai/gpt-oss-120b", "openai/gpt-oss-120b", "openai/gpt-oss-20b"), 131_072),
            id="a server that cannot converse is passed over",
        ),
    ],
)
def test_which_models_clients_are_told(
    environment: dict[str, str], servers: dict[str, list[str]], models: Models | None
) -> None:
    offer = offered(environment, servers)
    assert offer.models == models
    if models is not None:
        assert [answering(offer, name).endswith(name) for name in models.tiers.values()] == [True] * 3


def test_what_the_server_says_of_its_window_is_told() -> None:
    answer = json.dumps({"object": "list", "data": [{"id": "Qwen/Qwen3-8B", "max_model_len": 40_960}]}).encode()
    offer = make_offer({"VLLM_BASE_URL": "http://127.0.0.1:9999/v1"}, {OWN: answer}.get)
    assert offer.models == Models(tiers(*["vllm/Qwen/Qwen3-8B"] * 3), 40_960)


@pytest.mark.parametrize(
    ("environment", "servers"),
    [
        ({"OPENAI_API_KEY": "k"}, {}),
        ({"GROQ_API_KEY": "k", "EDGEWAY_DEFAULT_MODEL": "groq/openai/gpt-oss-120b"}, {}),
        ({}, {OLLAMA: ["qwen3:8b"]}),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9999/v1"}, {OWN: ["qwen3-32b"]}),
        ({"VLLM_BASE_URL": "http://127.0.0.1:9999/v1"}, {OWN: ["qwen3-32b"]}),
    ],
)
def test_they_answer_for_claudes_own_names_too(environment: dict[str, str], servers: dict[str, list[str]]) -> None:
    offer = offered(environment, servers)
    assert offer.models is not None
    assert answering(offer, "claude-opus-4-8") == answering(offer, offer.models.tiers["opus"])
    assert answering(offer, "claude-sonnet-4-20250514") == answering(offer, offer.models.tiers["sonnet"])


def answering(offer: Offer, name: str) -> str:
    """Who answers, as the functions resolve it."""
    configuration = configuration_of(read_settings(offer.environment))
    configured = configured_providers(offer.environment, configuration.providers)
    return resolve(name, configuration, configured)[0].name


def test_nothing_public_is_asked() -> None:
    asked: list[str] = []
    make_offer({"OPENAI_API_KEY": "k", "GROQ_BASE_URL": "http://example.com/v1"}, lambda url: asked.append(url))
    assert [url for url in asked if "127.0.0.1" not in url] == []


def test_what_was_found_reaches_the_functions_and_the_screen() -> None:
    offer = offered({"HOME": "/home/me"}, {OLLAMA: ["qwen3:8b"]})
    assert offer.environment == {
        "HOME": "/home/me",
        "OLLAMA_BASE_URL": "http://127.0.0.1:11434/v1",
        "EDGEWAY_DEFAULT_MODEL": "ollama/qwen3:8b",
    }
    assert offer.listed == {"ollama": ("qwen3:8b",)}
    assert list(offer.configured) == ["ollama"]


def test_the_operators_names_are_known(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[aliases]\nfast = "groq/openai/gpt-oss-120b"\n')
    assert offered({"EDGEWAY_CONFIG": str(file)}).aliases == ("fast",)


def test_a_window_may_be_known_from_elsewhere() -> None:
    offer = with_window(offered({}, {OLLAMA: ["qwen3:8b"]}), 8192)
    assert offer.models is not None
    assert offer.models.context_window == 8192
    assert with_window(offered({}), 8192).models is None
