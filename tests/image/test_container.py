"""The image, built from the Dockerfile and run as docs/container.md says: read-only, with nothing but a volume."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.image.base import base_image
from tests.laws import check, decode
from tests.running import ROOT, Upstream, answers
from tests.sam_local.engine import docker, engine_answers, host_addresses
from tests.sam_local.gateway import listening
from tests.upstreams import scripted

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]

IMAGE = "edgeway:tests"
LIMIT = 60.0


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    if not engine_answers():
        pytest.fail("the Docker engine does not answer: run `make image-test`, which sees to it")
    with base_image(os.environ["PYTHON313"]) as base:
        print(f"built from {base}")  # noqa: T201 -- shown with -rP
        making = ["make", "--silent", "image", f"IMAGE={IMAGE}"]
        made = subprocess.run(making, cwd=ROOT, capture_output=True, text=True, check=False)
        assert made.returncode == 0, (made.stdout + made.stderr)[-4000:]
        try:
            yield IMAGE
        finally:
            docker("rmi", "--force", IMAGE)


@pytest.fixture(scope="module")
def volume(image: str) -> Iterator[str]:
    name = docker("volume", "create")
    yield name
    docker("volume", "rm", "--force", name)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with listening(scripted.Upstream(), http=scripted.Protocol) as port:
        yield Upstream(f"http://{host_addresses()[0]}:{port}", os.getpid())


def options(volume: str, upstream: Upstream) -> list[str]:
    variables = {
        "EDGEWAY_STORE": "sqlite:/data/edgeway.db",
        "OPENAI_API_KEY": "upstream-key",
        "OPENAI_BASE_URL": f"{upstream.url}/v1",
    }
    environment = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
    return ["--read-only", "--volume", f"{volume}:/data", *environment]


@contextmanager
def running(image: str, *words: str) -> Iterator[tuple[str, str]]:
    """A container, and the address at which it is found."""
    container = docker("run", "--detach", "--publish", "127.0.0.1::8080", *words, image)
    try:
        yield container, "http://" + docker("port", container, "8080").splitlines()[0]
    finally:
        docker("rm", "--force", container)


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + LIMIT
    while not holds() and time.monotonic() < until:
        time.sleep(0.1)
    return holds()


def state(container: str) -> Any:
    return json.loads(docker("inspect", container, "--format", "{{json .State}}"))


def test_it_serves_is_healthy_and_drains(image: str, volume: str, upstream: Upstream) -> None:
    chosen = options(volume, upstream)
    made = docker("run", "--rm", *chosen, image, "keys", "create", "--name", "first", "--json")
    key = json.loads(made)["key"]
    with running(image, *chosen, "--health-interval", "1s") as (container, url):
        assert eventually(lambda: answers(url)), docker("logs", container)
        assert docker("exec", container, "python", "-c", "import os; print(os.getuid())") == "10001"
        body = {"model": "gpt-5", "max_tokens": 9, "stream": True}
        body["messages"] = [{"role": "user", "content": "[[play:pace-100x20]]"}]
        received = b""
        with httpx.stream("POST", f"{url}/v1/messages", headers={"x-api-key": key}, json=body) as answer:
            pieces = answer.iter_bytes()
            received += next(pieces)
            docker("kill", "--signal", "TERM", container)
            received += b"".join(pieces)
        events = decode(received)
        check(events)
        assert events[-1]["type"] == "message_stop"
        assert eventually(lambda: not state(container)["Running"])
        assert state(container)["ExitCode"] == 0
        logged = [json.loads(line) for line in docker("logs", container).splitlines()]
        assert logged[-1]["message"] == "stopped"
        assert key not in docker("logs", container)


def test_its_health_is_asked_for(image: str, volume: str, upstream: Upstream) -> None:
    with running(image, *options(volume, upstream), "--health-interval", "1s") as (container, _):
        assert eventually(lambda: state(container)["Health"]["Status"] == "healthy")


def test_without_a_store_it_says_what_it_needs(image: str) -> None:
    ended = subprocess.run(["docker", "run", "--rm", image], capture_output=True, text=True, check=False)
    assert (ended.returncode, "--store" in ended.stderr) == (2, True)
