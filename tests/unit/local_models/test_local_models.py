"""Model servers on this machine: what counts as one, and what is set for it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration
from gateway.routing.providers import all_providers, configured_providers
from gateway.routing.resolve import resolve

from edgeway.local_models import SERVERS, FoundServer, ask, find_servers, found_environment, listed_models

OLLAMA = "http://127.0.0.1:11434/v1/models"
LM_STUDIO = "http://127.0.0.1:1234/v1/models"
VLLM = "http://127.0.0.1:8000/v1/models"
SGLANG = "http://127.0.0.1:30000/v1/models"
LLAMA_CPP = "http://127.0.0.1:8080/v1/models"


def listing(*models: str) -> bytes:
    return json.dumps({"object": "list", "data": [{"id": model, "object": "model"} for model in models]}).encode()


def server(provider: str, *models: str) -> FoundServer:
    return FoundServer(all_providers()[provider], models)


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
    assert find_servers({}, machine) == (server("vllm", "Qwen/Qwen3-8B"), server("llamacpp", "/models/m.gguf"))


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
    assert listed_models(answer) == models


@pytest.mark.parametrize(
    ("found", "environ", "expected"),
    [
        ([], {}, {}),
        (
            [server("ollama", "nomic-embed-text", "qwen3:4b")],
            {},
            {"OLLAMA_BASE_URL": "http://127.0.0.1:11434/v1", "EDGEWAY_DEFAULT_MODEL": "ollama/qwen3:4b"},
        ),
        (
            [server("lmstudio", "a"), server("llamacpp", "b")],
            {},
            {
                "LMSTUDIO_BASE_URL": "http://127.0.0.1:1234/v1",
                "LLAMACPP_BASE_URL": "http://127.0.0.1:8080/v1",
                "EDGEWAY_DEFAULT_MODEL": "lmstudio/a",
            },
        ),
        (
            [server("vllm", "text-embedding"), server("llamacpp", "b")],
            {},
            {
                "VLLM_BASE_URL": "http://127.0.0.1:8000/v1",
                "LLAMACPP_BASE_URL": "http://127.0.0.1:8080/v1",
                "EDGEWAY_DEFAULT_MODEL": "llamacpp/b",
            },
        ),
        ([server("vllm", "text-embedding")], {}, {"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"}),
        ([server("vllm", "a")], {"EDGEWAY_DEFAULT_MODEL": "x/y"}, {"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"}),
        ([server("vllm", "a")], {"OPENAI_API_KEY": "k"}, {"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"}),
        ([server("vllm", "a")], {"VLLM_BASE_URL": "http://127.0.0.1:9/v1"}, {}),
    ],
)
def test_what_is_set_for_it(found: list[FoundServer], environ: dict[str, str], expected: dict[str, str]) -> None:
    assert found_environment(found, environ) == expected


def test_the_default_model_of_the_operators_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "edgeway.toml"
    file.write_text('default_model = "vllm/other"\n')
    found = found_environment([server("vllm", "a")], {"EDGEWAY_CONFIG": str(file)})
    assert found == {"VLLM_BASE_URL": "http://127.0.0.1:8000/v1"}


@pytest.mark.parametrize("model", ["qwen3:4b", "/models/m.gguf", "Qwen/Qwen3-8B"])
def test_a_claude_id_reaches_what_was_found(model: str) -> None:
    environ = found_environment([server("llamacpp", model)], {})
    configuration = Configuration(catalogue=Catalogue.open(), default_model=environ["EDGEWAY_DEFAULT_MODEL"])
    [candidate] = resolve("claude-haiku-4-5", configuration, configured_providers(environ))
    assert (candidate.provider.id, candidate.model) == ("llamacpp", model)


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class calls it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/v1/models"
        finally:
            http.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"hello", b"hello"),
        (401, b"hello", None),
        (200, b"x" * 1_000_001, None),
    ],
)
def test_asking(status: int, body: bytes, expected: bytes | None) -> None:
    with answering(status, body) as url:
        assert ask(url) == expected
    assert ask(url) is None  # nobody listens any more
