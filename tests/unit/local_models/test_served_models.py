"""Asking the operator's own servers what they serve."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from gateway.routing.providers import configured_providers
from gateway.routing.served_models import ServedModel, Serving, Servings, ServingsFile
from gateway.settings import read_settings

from edgeway.served_models import MAX_BYTES, Asking, ServerLists, asking_servers, fetch
from tests.unit.local_models.servers import LITELLM, LM_STUDIO, OLLAMA, VLLM, server

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HERE = "http://127.0.0.1:8000/v1"
KEY = "planted-key-of-the-server"


@dataclass(slots=True)
class Network:
    """Answers by URL, and notes what it was asked."""

    answers: dict[str, Any]
    asked: list[tuple[str, bytes | None]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes | None:
        self.asked.append((url, body))
        self.keys.add(headers.get("authorization"))
        answer = self.answers.get(url)
        return None if answer is None else json.dumps(answer).encode()


def ask(network: Network, **environ: str) -> Servings:
    return ServerLists(network, now=lambda: NOW).ask(configured_providers(environ))


def test_only_servers_of_ones_own_are_asked_and_with_their_key() -> None:
    network = Network({f"{HERE}/models": VLLM})
    told = ask(network, OPENAI_BASE_URL=HERE, OPENAI_API_KEY=KEY, GROQ_API_KEY="k", AZURE_API_KEY="k")
    assert told == {"openai": Serving(HERE, (ServedModel("Qwen/Qwen3-8B", 40_960, "2026-11-30"),))}
    assert (network.asked, network.keys) == ([(f"{HERE}/models", None)], {f"Bearer {KEY}"})


def test_lm_studio_tells_of_the_window_at_an_address_of_its_own() -> None:
    plain = {"object": "list", "data": [{"id": model["id"]} for model in LM_STUDIO["data"]]}  # type: ignore[index]
    network = Network({f"{HERE}/models": plain, "http://127.0.0.1:8000/api/v0/models": LM_STUDIO})
    assert ask(network, LMSTUDIO_BASE_URL=HERE)["lmstudio"].models == (
        ServedModel("qwen3-8b", 4_096, "2026-11-30"),
        ServedModel("gemma-3-4b", 131_072, "2026-11-30"),
    )


def test_ollama_is_asked_for_each_model_once() -> None:
    show = ("http://127.0.0.1:8000/api/show", b'{"model": "qwen3:8b"}')
    network = Network({f"{HERE}/models": OLLAMA, show[0]: {"parameters": "num_ctx 8192"}})
    lists, configured = ServerLists(network, now=lambda: NOW), configured_providers({"OLLAMA_BASE_URL": HERE})
    for _ in range(2):
        assert lists.ask(configured)["ollama"].models == (ServedModel("qwen3:8b", 8_192, "2026-11-18"),)
    assert network.asked.count(show) == 1
    network.answers[f"{HERE}/models"] = {"data": [{"id": "qwen3:8b", "created": 1_796_000_000}]}  # made anew
    network.answers[show[0]] = {"parameters": "num_ctx 4096"}
    assert lists.ask(configured)["ollama"].models == (ServedModel("qwen3:8b", 4_096, "2026-11-18"),)


def test_a_server_that_says_nothing_of_windows_is_listed_all_the_same() -> None:
    network = Network({f"{HERE}/models": LITELLM})
    assert ask(network, OPENAI_BASE_URL=HERE)["openai"].models == (ServedModel("team-gpt", None, "2023-02-28"),)


def test_no_more_than_the_list_is_asked_of_a_public_server() -> None:
    url = "https://llm.example.com/v1"
    network = Network({f"{url}/models": LITELLM})
    ask(network, OPENAI_BASE_URL=url, OPENAI_API_KEY=KEY)
    assert network.asked == [(f"{url}/models", None)]


def test_what_cannot_converse_is_not_listed() -> None:
    network = Network({f"{HERE}/models": [{"id": "nomic-embed-text", "max_model_len": 9}]})
    assert ask(network, VLLM_BASE_URL=HERE) == {"vllm": Serving(HERE, ())}


def test_who_does_not_answer_keeps_what_it_said_and_a_date_is_the_first_one() -> None:
    network, moment = Network({}), [NOW]
    lists, configured = ServerLists(network, now=lambda: moment[0]), configured_providers({"VLLM_BASE_URL": HERE})
    assert lists.ask(configured) == {}
    network.answers[f"{HERE}/models"] = {"data": [{"id": "a", "max_model_len": 9}]}
    first = lists.ask(configured)
    assert first == {"vllm": Serving(HERE, (ServedModel("a", 9, "2026-11-30"),))}
    moment[0] += timedelta(days=3)
    assert lists.ask(configured) == first
    network.answers.clear()
    assert lists.ask(configured) == first
    assert lists.ask(configured_providers({"VLLM_BASE_URL": "http://127.0.0.1:9/v1"})) == {}


ANTHROPIC = {
    "data": [
        {"type": "model", "id": "claude-opus-5", "created_at": "2026-07-24T00:00:00Z"},
        {"type": "model", "id": "claude-sonnet-9", "created_at": "soon"},
    ],
    "has_more": False,
}
CLAUDES = "https://api.anthropic.com/v1"


def test_who_makes_claude_is_asked_now_and_then_as_its_api_wants_it() -> None:
    sent: list[Mapping[str, str]] = []
    answers: list[bytes | None] = [None, json.dumps(ANTHROPIC).encode(), None]

    def fetch(url: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes | None:
        assert (url, body) == (f"{CLAUDES}/models?limit=1000", None)
        sent.append(headers)
        return answers[len(sent) - 1]

    moment = [NOW]
    lists = ServerLists(fetch, now=lambda: moment[0])
    configured = configured_providers({"ANTHROPIC_API_KEY": KEY, "GROQ_API_KEY": "k"})
    models = (ServedModel("claude-opus-5", None, "2026-07-24"), ServedModel("claude-sonnet-9", None, "2026-11-30"))
    told = {"anthropic": Serving(CLAUDES, models)}
    asked = []
    for seconds, expected in ((0, {}), (299, {}), (300, told), (3899, told), (3900, told)):
        moment[0] = NOW + timedelta(seconds=seconds)
        assert lists.ask(configured) == expected
        asked.append(len(sent))
    assert asked == [1, 1, 2, 2, 3]
    assert sent == [{"x-api-key": KEY, "anthropic-version": "2023-06-01"}] * 3


def asking(path: Path, network: Network, environ: Mapping[str, str]) -> Asking:
    return Asking(read_settings(environ), environ, path, ServerLists(network, now=lambda: NOW))


def test_the_file_is_written_only_where_something_has_changed(tmp_path: Path) -> None:
    path, network = tmp_path / "served.json", Network({})
    asker = asking(path, network, {"VLLM_BASE_URL": HERE})
    asker.ask()
    assert not path.exists()
    network.answers[f"{HERE}/models"] = VLLM
    asker.ask()
    written = path.stat()
    asker.ask()
    assert path.stat() == written
    assert ServingsFile(path).read() == {"vllm": Serving(HERE, (ServedModel("Qwen/Qwen3-8B", 40_960, "2026-11-30"),))}


def test_a_mistake_of_the_operators_is_left_to_the_functions(tmp_path: Path) -> None:
    network = Network({})
    asking(tmp_path / "served.json", network, {"VLLM_BASE_URL": "nonsense"}).ask()
    assert network.asked == []


def test_what_nobody_expected_is_logged_without_its_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    asker = asking(tmp_path / "no" / "such" / "folder", Network({f"{HERE}/models": VLLM}), {"VLLM_BASE_URL": HERE})
    asker.end()
    with caplog.at_level(logging.DEBUG):
        asker.ask_without_fail()
    assert [record.message for record in caplog.records if record.name != "asyncio"] == [
        "the operator's own servers could not be asked what they serve: FileNotFoundError"
    ]


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [(200, b"hello", b"hello"), (401, b"hello", None), (302, b"hello", None), (200, b"x" * (MAX_BYTES + 1), None)],
)
def test_asking_over_the_network(
    status: int, answer: bytes, expected: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    with server(b"elsewhere") as elsewhere, server(answer, status, f"{elsewhere}/models") as url:
        assert fetch(f"{url}/models", {"authorization": KEY}) == expected
        assert fetch(f"{url}/models", {"authorization": KEY}, b"{}") == expected
    with caplog.at_level(logging.DEBUG):
        assert fetch(f"{url}/models", {"authorization": KEY}) is None  # nobody listens any more
        assert fetch("http://[", {"authorization": KEY}) is None
        assert fetch(f"{url}/models", {"authorization": f"{KEY}☃"}) is None
    assert KEY not in caplog.text


def test_the_functions_are_told_of_the_file_while_it_lasts() -> None:
    with server(json.dumps(VLLM).encode()) as url:
        environ = {"VLLM_BASE_URL": url}
        with asking_servers(read_settings(environ), environ) as variables:
            path = Path(variables["EDGEWAY_SERVED_MODELS"])
            file = ServingsFile(path)
            give_up = monotonic() + 60
            while not file.read() and monotonic() < give_up:
                sleep(0.01)
            assert [model.id for model in file.read()["vllm"].models] == ["Qwen/Qwen3-8B"]
    assert not path.parent.exists()


def test_where_nothing_can_be_written_the_server_runs_without(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/no/such/folder")
    with asking_servers(read_settings({}), {}) as variables:
        assert variables == {}
    assert len(caplog.records) == 1
