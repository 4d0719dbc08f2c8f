"""What a person sees first, to the letter."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest

from edgeway.clients import Gateway
from edgeway.local.console.screen import WIDTH, start_screen
from edgeway.local.console.terminal import Terminal
from edgeway.local.offer import Offer, make_offer
from tests.unit.local.screens import Screen

URL = "http://127.0.0.1:3000"
KEY = "ew_" + "k" * 49


def shown(offer: Offer, *, output: io.StringIO | None = None, notes: Sequence[str] = ()) -> list[str]:
    gateway = None
    if models := offer.models:
        opus, sonnet, haiku = models.tiers.values()
        gateway = Gateway(URL, KEY, models.main, opus, sonnet, haiku, models.context_window)
    terminal = Terminal(output or io.StringIO(), {})
    return start_screen(offer, KEY, gateway, terminal, edgeway=".venv/bin/edgeway", hint="", notes=notes)


def offered(environment: Mapping[str, str]) -> Offer:
    return make_offer(environment, lambda _: None)


def test_with_two_providers() -> None:
    lines = shown(offered({"OPENAI_API_KEY": "secret-1", "GOOGLE_API_KEY": "secret-2"}))
    assert lines == [
        "",
        f"  key        {KEY}",
        "  providers  OpenAI  api.openai.com                     gets OPENAI_API_KEY",
        "             Google  generativelanguage.googleapis.com  gets GOOGLE_API_KEY",
        "  default    for Claude's own names: opus → gpt-5, sonnet → gpt-5-mini, haiku → gpt-5-nano",
        "",
        "Claude Code, in another terminal:",
        f"  export ANTHROPIC_BASE_URL={URL}",
        f"  export ANTHROPIC_AUTH_TOKEN={KEY}",
        "  export ANTHROPIC_MODEL=gpt-5",
        "  export ANTHROPIC_DEFAULT_OPUS_MODEL=gpt-5",
        "  export ANTHROPIC_DEFAULT_SONNET_MODEL=gpt-5-mini",
        "  export ANTHROPIC_DEFAULT_HAIKU_MODEL=gpt-5-nano",
        "  export CLAUDE_CODE_MAX_CONTEXT_TOKENS=272000",
        "  export CLAUDE_CODE_AUTO_MODE_SERVER=0",
        "  claude",
        "",
        "Other clients (OpenCode, Cline, Kilo Code, the SDKs, curl): .venv/bin/edgeway clients",
        "",
    ]


def test_a_server_without_a_known_model() -> None:
    assert shown(offered({"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"})) == [
        "",
        f"  key        {KEY}",
        "  providers  vLLM  127.0.0.1:8000  gets no key",
        "  default    none: name a model as provider/model",
        "",
        "Other clients (OpenCode, Cline, Kilo Code, the SDKs, curl): .venv/bin/edgeway clients",
        "",
    ]


def test_a_password_within_an_address_is_not_shown() -> None:
    lines = shown(offered({"VLLM_BASE_URL": "http://me:planted@127.0.0.1:8000/v1"}))
    assert lines[2] == "  providers  vLLM  127.0.0.1:8000  gets no key"


def test_a_small_model_has_its_notes_and_the_small_prompt() -> None:
    environment = {"LLAMACPP_BASE_URL": "http://127.0.0.1:8080", "EDGEWAY_DEFAULT_MODEL": "llamacpp/smollm2"}
    answer = b'{"object": "list", "data": [{"id": "smollm2"}]}'
    offer = make_offer(environment, {"http://127.0.0.1:8080/v1/models": answer}.get)
    lines = shown(offer, notes=["It is often wrong."])
    assert lines[1:6] == [
        "It is often wrong.",
        "",
        f"  key        {KEY}",
        "  providers  llama.cpp  127.0.0.1:8080  gets no key  smollm2",
        "  default    llamacpp/smollm2 answers for every Claude model that is asked for",
    ]


EVERYBODY = {
    **{f"{name}_API_KEY": "k" for name in ("OPENAI", "MISTRAL", "XAI", "DEEPSEEK", "COHERE", "GROQ", "OPENROUTER")},
    "VLLM_BASE_URL": "http://a-host-with-a-name-that-is-far-too-long-for-any-table.internal:8000/v1",
}


@pytest.mark.parametrize("environment", [{"OPENAI_API_KEY": "k"}, EVERYBODY])
def test_it_is_one_screen_and_no_wall(environment: dict[str, str]) -> None:
    lines = shown(make_offer(environment, lambda _: None))
    assert len(lines) < 30
    assert [line for line in lines if len(line) > WIDTH] == []


def test_many_models_are_cut() -> None:
    names = b", ".join(b'{"id": "organisation/a-model-with-a-long-name-%d"}' % number for number in range(40))
    answer = b'{"object": "list", "data": [%b]}' % names
    lines = shown(make_offer({}, {"http://127.0.0.1:8000/v1/models": answer}.get))
    assert [line for line in lines if len(line) > WIDTH and "export" not in line] == []
    assert lines[2].endswith("…")


def test_no_secret_of_a_provider_is_shown() -> None:
    assert "secret" not in "\n".join(shown(offered({"OPENAI_API_KEY": "secret", "GROQ_API_KEY": "secret"})))


def test_colours_are_for_terminals() -> None:
    offer = offered({"OPENAI_API_KEY": "k"})
    assert "\x1b" not in "".join(shown(offer))
    assert "\x1b[1mClaude Code, in another terminal:\x1b[0m" in shown(offer, output=Screen())
