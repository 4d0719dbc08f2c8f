"""Which models are listed, and which of them stand first."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from gateway.routes import model_order
from gateway.routes.model_order import askable_models
from gateway.routing.catalogue import Catalogue
from gateway.routing.model_facts import unknown_model
from gateway.routing.providers import configured_providers


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.open()


def listed(catalogue: Catalogue, environ: Mapping[str, str]) -> list[str]:
    """As `provider/model`."""
    return [f"{facts.provider}/{facts.id}" for facts in askable_models(catalogue, configured_providers(environ))]


@pytest.mark.parametrize(
    ("variable", "first"),
    [
        ("OPENAI_API_KEY", ["openai/gpt-5.6", "openai/gpt-5.6-sol", "openai/gpt-5.6-terra", "openai/gpt-5.6-luna"]),
        ("ANTHROPIC_API_KEY", ["anthropic/claude-fable-5", "anthropic/claude-opus-5", "anthropic/claude-sonnet-5"]),
        ("GEMINI_API_KEY", ["google/gemini-3.7-flash", "google/gemini-3.6-flash"]),
        ("XAI_API_KEY", ["xai/grok-4.6", "xai/grok-4.5", "xai/grok-4.3", "xai/grok-4.20-0309-non-reasoning"]),
        ("MOONSHOT_API_KEY", ["moonshotai/kimi-k3", "moonshotai/kimi-k2.7-code-highspeed"]),
        ("OPENROUTER_API_KEY", ["openrouter/openai/gpt-5.6-sol-pro", "openrouter/openai/gpt-5.6-sol"]),
    ],
)
def test_the_newest_and_most_capable_come_first(catalogue: Catalogue, variable: str, first: list[str]) -> None:
    assert listed(catalogue, {variable: "k"})[: len(first)] == first


def test_what_is_going_away_comes_last(catalogue: Catalogue) -> None:
    facts = askable_models(catalogue, configured_providers({"OPENAI_API_KEY": "k"}))
    stages = [each.status == "deprecated" for each in facts]
    assert stages == sorted(stages)
    assert any(stages)


def test_providers_stand_in_the_order_of_preference_and_the_operators_own_models_before_them(
    catalogue: Catalogue,
) -> None:
    own = catalogue.with_models([unknown_model("openai", "ours")])
    ids = listed(own, {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"})
    assert ids[:2] == ["openai/ours", "anthropic/claude-fable-5"]
    providers = [model.partition("/")[0] for model in ids[1:]]
    assert providers == sorted(providers)


def test_what_is_only_served_in_a_dialect_that_is_not_spoken_is_not_listed(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = {"openai/gpt-5.2", "openai/gpt-5.2-pro", "openai/gpt-5.3-codex"}
    assert several.issubset(listed(catalogue, {"OPENAI_API_KEY": "k"}))
    monkeypatch.setattr(model_order, "SPOKEN", frozenset({"chat"}))
    assert several.intersection(listed(catalogue, {"OPENAI_API_KEY": "k"})) == {"openai/gpt-5.2"}


@pytest.mark.parametrize(
    ("environ", "lists_the_catalogue"),
    [
        ({"OPENAI_API_KEY": "k"}, True),
        ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://eu.api.openai.com/v1"}, True),
        ({"AZURE_API_KEY": "k", "AZURE_RESOURCE_NAME": "r"}, True),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:8000/v1"}, False),
        ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://llm.example.com/v1"}, False),
        ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://evilopenai.com/v1"}, False),
        ({"OPENAI_BASE_URL": "http://10.0.0.2:8000"}, False),
        ({"LMSTUDIO_BASE_URL": "http://127.0.0.1:1234/v1"}, False),
        ({"LMSTUDIO_BASE_URL": "http://10.0.0.2:1234/v1"}, False),
    ],
)
def test_of_a_server_of_ones_own_the_catalogue_says_nothing(
    catalogue: Catalogue, environ: Mapping[str, str], *, lists_the_catalogue: bool
) -> None:
    assert bool(listed(catalogue, environ)) is lists_the_catalogue


def test_what_edgeway_toml_says_of_it_is_listed(catalogue: Catalogue) -> None:
    own = catalogue.with_models([unknown_model("openai", "ours"), unknown_model("groq", "other")])
    assert listed(own, {"OPENAI_BASE_URL": "http://127.0.0.1:8000/v1"}) == ["openai/ours"]
