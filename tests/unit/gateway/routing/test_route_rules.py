"""The routes of edgeway.toml: what they mean, and what is said where they are wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration, read_configuration
from gateway.routing.route_rules import LONG_CONTEXT, CacheRule, RouteRule, Routes, matches
from gateway.toml_document import DocumentError

ROOT = Path(__file__).resolve().parents[4]


def read(tmp_path: Path, catalogue: Catalogue, text: str) -> Configuration:
    file = tmp_path / "edgeway.toml"
    file.write_text(text)
    return read_configuration(file, catalogue)


def test_the_example_of_the_documentation(tmp_path: Path, catalogue: Catalogue) -> None:
    [example] = re.findall(
        r"^```toml\n(.*?)^```$", (ROOT / "docs" / "routing.md").read_text(), flags=re.MULTILINE | re.DOTALL
    )
    routes = read(tmp_path, catalogue, example).routes
    assert routes == Routes(
        order="cache",
        auto=("openai/gpt-5-nano", "openai/gpt-5"),
        rules=(
            RouteRule(
                name="background",
                roles=frozenset({"background", "sub_agent"}),
                use=("groq/openai/gpt-oss-120b", "openai/gpt-5-mini"),
                parameters={"effort": "low"},
                most={"max_tokens": 8000},
            ),
            RouteRule(
                name="long", roles=frozenset({"long_context"}), above_tokens=200_000, use=("google/gemini-2.5-pro",)
            ),
            RouteRule(
                name="trial",
                models=("claude-sonnet-*",),
                owners=("team-a",),
                use=("anthropic/claude-sonnet-5", "openai/gpt-5"),
                weights=(9, 1),
            ),
            RouteRule(name="rest", order="latency", most={"effort": "high"}, hedge=True),
        ),
        of_key={"alice": ("openai/*", "claude-*")},
        of_owner={"interns": ("*haiku*",)},
    )
    assert not routes.is_plain
    assert Routes().is_plain
    assert read(tmp_path, catalogue, "").routes.is_plain


def test_everything_that_a_rule_can_say(tmp_path: Path, catalogue: Catalogue) -> None:
    text = """
    [routes.rules.one]
    keys = "alice"
    max_tokens = 5
    temperature = 0
    most_effort = "medium"
    """
    (rule,) = read(tmp_path, catalogue, text).routes.rules
    assert rule == RouteRule(
        name="one", keys=("alice",), parameters={"max_tokens": 5, "temperature": 0.0}, most={"effort": "medium"}
    )
    assert rule.above_tokens == LONG_CONTEXT


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[routes]\norder = "cheapest"', "routes.order: must be one of list, price, latency, throughput, cache"),
        ('[routes]\nauto = ["gpt-5"]', "routes.auto: must be provider/model"),
        ('[routes.rules.a]\nroles = ["chief"]', "routes.rules.a.roles: may hold main, background"),
        ('[routes.rules.a]\nuse = ["nobody/x"]', "routes.rules.a.use: must be provider/model"),
        ('[routes.rules.a]\nuse = ["openai/x"]\nweights = [1, 2]', "routes.rules.a.weights: must hold one number"),
        ('[routes.rules.a]\nuse = ["openai/x"]\nweights = [0]', "routes.rules.a.weights: must hold whole numbers"),
        ('[routes.rules.a]\nuse = ["openai/x"]\nweights = 3', "routes.rules.a.weights: must be a list of whole"),
        ('[routes.rules.a]\neffort = "huge"', "routes.rules.a.effort: must be one of low, medium, high, xhigh, max"),
        ("[routes.rules.a]\nmodel = 5", "routes.rules.a.model: is not known here; known are use, order, roles"),
        ("[routes]\nrule = 5", "routes.rule: is not known here; known are prefer, order, auto, rules"),
        ("[allowed]\nkey = 5", "allowed.key: is not known here; known are keys, owners"),
        ("[allowed.keys]\nalice = 5", "allowed.keys.alice: must be a text or a list of texts"),
    ],
)
def test_mistakes(tmp_path: Path, catalogue: Catalogue, text: str, told: str) -> None:
    with pytest.raises(DocumentError) as mistake:
        read(tmp_path, catalogue, text)
    assert f": {told}" in str(mistake.value)


def test_for_whom_answers_are_kept(tmp_path: Path, catalogue: Catalogue) -> None:
    assert read(tmp_path, catalogue, "").response_cache is None
    assert read(tmp_path, catalogue, "[response_cache]\nttl_seconds = 5").response_cache == CacheRule(ttl_seconds=5)
    named = '[response_cache]\nttl_seconds = 5\nkeys = "evals"\nowners = ["a"]'
    assert read(tmp_path, catalogue, named).response_cache == CacheRule(ttl_seconds=5, keys=("evals",), owners=("a",))
    with pytest.raises(DocumentError, match="response_cache: needs ttl_seconds"):
        read(tmp_path, catalogue, '[response_cache]\nkeys = "evals"')


def test_patterns() -> None:
    assert matches(("openai/*",), "OpenAI/gpt-5")
    assert matches(("x", "*GPT*"), "a", "openai/gpt-5")
    assert not matches(("gpt",), "gpt-5")
    assert not matches((), "gpt-5")
