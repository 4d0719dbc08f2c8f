"""Model servers on this machine: what counts as one, and what is set for it."""

import json
from collections.abc import Mapping
from pathlib import Path
from threading import Barrier

import pytest
from gateway.catalogue import Catalogue
from gateway.configuration import Configuration
from gateway.providers import all_providers, configured_providers
from gateway.routing import resolve

from edgeway.local_models import SERVERS, FoundServer, ask, find_servers, found_environment, listed_models
from edgeway.model_lists import Entry
from tests.unit.local_models.servers import server

OLLAMA = "http://127.0.0.1:11434/v1/models"
LM_STUDIO = "http://127.0.0.1:1234/v1/models"
VLLM = "http://127.0.0.1:8000/v1/models"
SGLANG = "http://127.0.0.1:30000/v1/models"
LLAMA_CPP = "http://127.0.0.1:8080/v1/models"


def listing(*models: str) -> bytes:
    return json.dumps({"object": "list", "data": [{"id": model, "object": "model"} for model in models]}).encode()


def found(provider: str, *models: str) -> FoundServer:
    return FoundServer(all_providers()[provider], tuple(map(Entry, models)))


class Machine:
    """Answers for the servers of a machine, and notes what it was asked."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self.asked: list[str] = []
        self._answers = answers

    def __call__(self, url: str) -> bytes | None:
        self.asked.append(url)
        return self._answers.get(url)


def test_every_usual_port_is_asked() -> None:
    machine = Machine({})
    assert find_servers({}, machine) == ()
    assert sorted(machine.asked) == sorted([OLLAMA, LM_STUDIO, VLLM, SGLANG, LLAMA_CPP])


def test_they_are_asked_all_at_once() -> None:
    together = Barrier(len(SERVERS), timeout=10)

    def probe(_: str) -> None:
        together.wait()  # breaks, and with it the test, unless all are here

    assert find_servers({}, probe) == ()


def test_what_is_found_comes_in_order_of_preference() -> None:
    machine = Machine({LLAMA_CPP: listing("/models/m.gguf"), VLLM: listing("Qwen/Qwen3-8B"), OLLAMA: listing()})
    assert find_servers({}, machine) == (
        found("vllm", "Qwen/Qwen3-8B"),
        found("llamacpp", "/models/m.gguf"),
    )


@pytest.mark.parametrize("value", ["http://127.0.0.1:9/v1", ""])
def test_what_the_operator_has_set_is_not_looked_for(value: str) -> None:
    machine = Machine({OLLAMA: listing("m")})
    assert find_servers({"OLLAMA_BASE_URL": value, "LLAMA_CPP_BASE_URL": value}, machine) == ()
    assert sorted(machine.asked) == sorted([LM_STUDIO, VLLM, SGLANG])


def test_what_the_operators_file_says_is_not_looked_for(tmp_path: Path) -> None:
    file = tmp_path / "edgeway.toml"
    file.write_text('[providers.ollama]\nbase_url = "http://127.0.0.1:9/v1"\nallow_http = true\n')
    machine = Machine({OLLAMA: listing("m")})
    assert find_servers({"EDGEWAY_CONFIG": str(file)}, machine) == ()
    assert OLLAMA not in machine.asked


@pytest.mark.parametrize(
    ("answer", "models"),
    [
        (listing("a", "b"), ("a", "b")),
        (b'{"object": "list", "data": [{"id": "a", "meta": {"n": 1}}], "models": []}', ("a",)),
        (listing(), ()),
        (None, ()),
        (b"", ()),
        (b"<html>", ()),
        (b"\xff", ()),
        (b"[]", ()),
        (b'{"object": "list"}', ()),
        (b'{"data": [{"id": "claude-sonnet-5", "type": "model"}], "has_more": false}', ()),  # another gateway
        (b'{"object": "list", "data": {"id": "a"}}', ()),
        (b'{"object": "list", "data": ["a"]}', ()),
        (b'{"object": "list", "data": [{"id": "a"}, {"name": "b"}]}', ()),
        (listing("a\nb"), ()),
        (listing("a" * 201), ()),
        (listing(""), ()),
    ],
)
def test_what_counts_as_a_list_of_models(answer: bytes | None, models: tuple[str, ...]) -> None:
    assert tuple(entry.id for entry in listed_models(answer)) == models


@pytest.mark.parametrize(
    ("servers", "environ", "expected"),
    [
        ([], {}, {}),
        (
            [found("ollama", "nomic-embed-text", "qwen3:4b")],
            {},
            {"OLLAMA_BASE_URL": "http://127.0.0.1:11434/v1", "EDGEWAY_DEFAULT_MODEL": "ollama/qwen3:4b"},
        ),
        (
            [found("lmstudio", "a"), found("llamacpp", "b")],
            {},
            {
                "LMSTUDIO_BASE_URL": "http://127.0.0.1:1234/v1",
                "LLAMACPP_BASE_URL": "http://127.0.0.1:8080/v1",
                "EDGEWAY_DEFAULT_MODEL": "lmstudio/a",
            },
        ),
        (
            [found("vllm", "text-embedding"), found("llamacpp", "b")],
            {},
            {
                "VLLM_BASE_URL": "http://127.0.0.1:8000/v1",
                "LLAMACPP_BASE_URL": "http://127.0.0.1:8080/v1",
                "EDGEWAY_DEFAULT_MODEL": "llamacpp/b",
            },
        ),
        ([found("vllm", "text-embedding")], {}, {"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"}),
        ([found("vllm", "a")], {"EDGEWAY_DEFAULT_MODEL": "x/y"}, {"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"}),
        ([found("vllm", "a")], {"OPENAI_API_KEY": "k"}, {"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"}),
        ([found("vllm", "a")], {"VLLM_BASE_URL": "http://127.0.0.1:9/v1"}, {}),
    ],
)
def test_what_is_set_for_it(servers: list[FoundServer], environ: dict[str, str], expected: dict[str, str]) -> None:
    assert found_environment(servers, environ) == expected


def test_the_default_model_of_the_operators_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "edgeway.toml"
    file.write_text('default_model = "vllm/other"\n')
    variables = found_environment([found("vllm", "a")], {"EDGEWAY_CONFIG": str(file)})
    assert variables == {"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"}


@pytest.mark.parametrize("model", ["qwen3:4b", "/models/m.gguf", "Qwen/Qwen3-8B"])
def test_a_claude_id_reaches_what_was_found(model: str) -> None:
    environ = found_environment([found("llamacpp", model)], {})
    configuration = Configuration(catalogue=Catalogue.open(), default_model=environ["EDGEWAY_DEFAULT_MODEL"])
    [candidate] = resolve("claude-haiku-4-5", configuration, configured_providers(environ))
    assert (candidate.provider.id, candidate.model) == ("llamacpp", model)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"hello", b"hello"),
        (401, b"hello", None),
        (200, b"x" * 1_000_001, None),
    ],
)
def test_asking(status: int, body: bytes, expected: bytes | None) -> None:
    with server(body, status) as url:
        assert ask(f"{url}/models") == expected
    assert ask(f"{url}/models") is None  # nobody listens any more
