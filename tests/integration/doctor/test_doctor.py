"""`edgeway doctor` examines the local gateway as it would a deployment."""

from __future__ import annotations

import json
import subprocess
from typing import Any, NamedTuple

import pytest

from tests.running import EDGEWAY, Gateway, Upstream

SLOW = "[[play:pace-20x30]]"


class Examined(NamedTuple):
    status: int
    verdicts: dict[str, str]
    stderr: str


def doctor(url: str, key: str, *words: str) -> Examined:
    command = [str(EDGEWAY), "doctor", "--url", url, "--key", key, "--json", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(ran.stdout) if ran.stdout else {"findings": []}
    verdicts = {finding["check"]: finding["verdict"] for finding in report["findings"]}
    return Examined(ran.returncode, verdicts, ran.stderr)


@pytest.mark.parametrize("stage", ["", "/Prod"])
def test_a_healthy_gateway(gateway: Gateway, upstream: Upstream, stage: str) -> None:
    examined = doctor(gateway.url + stage, gateway.key, "--model", "gpt-5", "--prompt", SLOW)
    assert examined == Examined(
        0,
        {
            "GET / without a key": "passed",
            "HEAD / without a key": "passed",
            "GET /api/hello without a key": "passed",
            "a key as x-api-key": "passed",
            "a key as Authorization: Bearer": "passed",
            "a wrong x-api-key is a 401": "passed",
            "a wrong bearer is a 401": "passed",
            "no key is a 401": "passed",
            "an unknown route with x-api-key is a 404": "passed",
            "an unknown route with a bearer is a 404": "passed",
            "a 400 has its shape and its request-id": "passed",
            "a prompt that holds markup and paths arrives": "passed",
            "a request of 1 MB": "passed",
            "a request of 4 MB": "passed",
            "a request of 5.5 MB": "passed",
            "a request of 6.5 MB": "passed",
            "a request of 11 MB": "passed",
            "GET /v1/models is fast, cold and warm": "passed",
            "models are listed": "passed",
            "tokens are counted": "passed",
            "a whole answer": "passed",
            "a stream begins and ends as it should": "passed",
            "events arrive one by one": "passed",
            "a stream of more than 30 s": "skipped",
            "a throttled request is a 429": "skipped",
        },
        "",
    )
    assert len(upstream.requests()) == 2  # nothing else costs anything


def test_a_wrong_key(gateway: Gateway, upstream: Upstream) -> None:
    examined = doctor(gateway.url, "a-wrong-key")
    failed = [check for check, verdict in examined.verdicts.items() if verdict == "failed"]
    assert (examined.status, failed) == (1, ["a key as x-api-key", "a key as Authorization: Bearer"])
    assert examined.verdicts["everything that needs a key"] == "skipped"
    assert upstream.requests() == []


def test_a_burst_that_nobody_throttles(gateway: Gateway) -> None:
    examined = doctor(gateway.url, gateway.key, "--model", "gpt-5", "--prompt", SLOW, "--burst", "3")
    assert (examined.status, examined.verdicts["a throttled request is a 429"]) == (0, "noted")


def test_an_upstream_that_fails(gateway: Gateway) -> None:
    examined = doctor(gateway.url, gateway.key, "--model", "openai/")
    failed = [check for check, verdict in examined.verdicts.items() if verdict == "failed"]
    assert (examined.status, failed) == (1, ["a whole answer"])


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [("http://127.0.0.1:1", 3, "http://127.0.0.1:1 cannot be reached"), ("nowhere", 2, "nowhere is no address")],
)
def test_no_gateway(url: str, status: int, said: str) -> None:
    examined = doctor(url, "some-key-here")
    assert (examined.status, said in examined.stderr) == (status, True)


def test_a_person_sees_a_table(gateway: Gateway) -> None:
    command = [str(EDGEWAY), "doctor", "--url", gateway.url, "--key", "a-wrong-key"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    (line,) = [line for line in ran.stdout.splitlines() if "a key as x-api-key" in line]
    assert line.startswith("✗ failed")
    assert "Is the key right? `edgeway keys list`." in line
    assert ran.stdout.splitlines()[-1] == "11 checks, 2 failed."
