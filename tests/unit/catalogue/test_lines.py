"""The generator: from the data of models.dev to the lines that the reader reads."""

import random

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.model_facts import COLUMNS, ModelFacts, Prices

from edgeway.catalogue.lines import conversing, model_lines, provider_lines
from tests.unit.catalogue.source import Config, Cost, Limits, Modalities, Model, Provider

FULL = Model(
    "maker",
    "vendor/Model.1-2025-01-02",
    name="Model\tOne",
    family="models",
    capabilities=frozenset({"tool_call", "reasoning", "temperature", "structured_output", "attachment"}),
    modalities=Modalities(input=("text", "image", "pdf"), output=("text",)),
    open_weights=True,
    limits=Limits(context=200_000, output=32_000, input=100_000),
    interleaved_field="reasoning_content",
    cost=(
        Cost(input=0.0375, output=1.5, reasoning=4.0, cache_read=0.0, cache_write=1.25),
        Cost(input=3, output=15, reasoning=15, min_context=200_000),
    ),
    status="beta",
    provider_config=Config(npm="@ai-sdk/anthropic"),
)


def read(*models: Model) -> tuple[ModelFacts, ...]:
    lines = model_lines(models)
    assert {len(line.split("\t")) for line in lines} == {len(COLUMNS)}
    return Catalogue("\n".join(["#edgeway\ta\t2026-01-02", *lines, ""]).encode()).search()


def test_what_is_written_is_what_is_read() -> None:
    assert read(FULL) == (
        ModelFacts(
            provider="maker",
            id="vendor/Model.1-2025-01-02",
            name="Model One",
            family="models",
            released="2025-01-02",
            context_window=200_000,
            max_input_tokens=100_000,
            max_output_tokens=32_000,
            prices=(
                Prices(input=37_500, output=1_500_000, cache_read=0, cache_write=1_250_000, reasoning=4_000_000),
                Prices(input=3_000_000, output=15_000_000, above=200_000),
            ),
            capabilities=frozenset(
                {
                    "reasoning",
                    "tools",
                    "attachment",
                    "images",
                    "pdf",
                    "temperature",
                    "structured_output",
                    "open_weights",
                }
            ),
            reasoning_field="reasoning_content",
            status="beta",
            dialect="anthropic",
        ),
    )


def test_what_is_not_known_stays_unknown() -> None:
    [facts] = read(Model("maker", "m", name="m", capabilities=frozenset(), limits=Limits(context=0, output=0)))
    assert facts == ModelFacts("maker", "m", "m", "", "", None, None, None, (), frozenset(), None, None, None)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, None),
        (Config(npm="@ai-sdk/openai"), "responses"),
        (Config(npm="@ai-sdk/openai-compatible"), "chat"),
        (Config(npm="@ai-sdk/anthropic"), "anthropic"),
        (Config(api_shape="responses"), "responses"),
        (Config(npm="@ai-sdk/openai", api_shape="completions"), "chat"),
        (Config(npm="@ai-sdk/google"), None),
    ],
)
def test_dialects(config: Config | None, expected: str | None) -> None:
    assert read(Model("maker", "m", provider_config=config))[0].dialect == expected


def test_a_temperature_is_refused_only_to_a_model_that_is_known_to_take_none() -> None:
    takes = Model("maker", "takes", capabilities=frozenset({"temperature"}))
    lines = model_lines([takes, Model("maker", "refuses"), Model("maker", "unsaid")], {("maker", "unsaid")})
    sampled = {line.split("\t")[2]: "T" in line.split("\t")[10] for line in lines}
    assert sampled == {"takes": True, "refuses": False, "unsaid": True}


def test_only_what_answers_text_with_text_is_kept() -> None:
    models = [
        Model("maker", "chat"),
        Model("maker", "draws", modalities=Modalities(output=("image",))),
        Model("maker", "listens", modalities=Modalities(input=("audio",))),
        Model("maker", "text-embedding-3"),
        Model("maker", "vectors", family="text-embedding"),
        Model("maker", "Ours-Embedding-8B"),
        Model("maker", "rerank-3"),
        Model("maker", "gpt-realtime-2"),
        Model("maker", "gpt-4o-transcribe"),
        Model("maker", "chatgpt-image-latest", modalities=Modalities(output=("text", "image"))),
        Model("maker", "gemini-3-live-preview"),
        Model("maker", "gemini-3-image", modalities=Modalities(output=("text", "image"))),
        Model("maker", "olive-7b"),
    ]
    assert [model.id for model in conversing(models)] == ["chat", "gemini-3-image", "olive-7b"]


def test_the_order_of_the_source_does_not_matter() -> None:
    models = [Model(provider, f"m-{number}") for provider in ("a", "b") for number in range(20)]
    providers = [Provider(name, env=("SHARED_KEY",)) for name in ("b", "a", "longer")]
    shuffled_models, shuffled_providers = list(models), list(providers)
    random.Random(7).shuffle(shuffled_models)
    random.Random(7).shuffle(shuffled_providers)
    assert model_lines(shuffled_models) == model_lines(models)
    assert provider_lines(shuffled_providers, []) == provider_lines(providers, [])


def test_provider_lines() -> None:
    providers = [
        Provider("plain", name="Plain", env=("PLAIN_API_KEY",), api="https://plain.example/v1/"),
        Provider("plain-coding-plan", env=("PLAIN_API_KEY", "PLAN_TOKEN")),
        Provider("whole", env=("GITHUB_TOKEN", "WHOLE_PAT"), api="https://whole.example/v1/chat/completions"),
        Provider("account", env=("ACCOUNT_ID", "ACCOUNT_TOKEN"), api="https://a.example/${ACCOUNT_ID}/v1"),
        Provider("tokened", env=("HOST_TOKEN",), api="https://${HOST_TOKEN}.example/v1"),
        Provider("other", npm="@ai-sdk/anthropic", api=None),
    ]
    assert provider_lines(providers, [Model("other", "big"), Model("other", "small", cost=(Cost(0.1, -0.2),))]) == [
        "account\tA provider\thttps://a.example/${ACCOUNT_ID}/v1\tACCOUNT_TOKEN\tchat\t\t\t",
        "other\tA provider\t\t\tanthropic\tbig\tbig\tsmall",
        "plain\tPlain\thttps://plain.example/v1\tPLAIN_API_KEY\tchat\t\t\t",
        "plain-coding-plan\tA provider\thttps://api.example/v1\tPLAN_TOKEN\tchat\t\t\t",
        "tokened\tA provider\thttps://${HOST_TOKEN}.example/v1\t\tchat\t\t\t",
        "whole\tA provider\thttps://whole.example/v1\tWHOLE_PAT\tchat\t\t\t",
    ]
