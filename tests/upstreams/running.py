"""Starts the stand-ins for Bedrock and for Anthropic's API, each a process, and says what leads a gateway to it."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.running import ROOT, started
from tests.upstreams import bedrock


@dataclass(frozen=True, slots=True)
class BedrockStandIn:
    """A stand-in that runs."""

    url: str

    def asked(self) -> list[dict[str, Any]]:
        """What it was asked, oldest first."""
        requests: list[dict[str, Any]] = httpx.get(f"{self.url}/_requests").json()
        return requests

    def environment(self, **more: str) -> dict[str, str]:
        """What leads a gateway to it."""
        return {
            "OPENAI_API_KEY": "",
            "OPENAI_BASE_URL": "",
            "EDGEWAY_BEDROCK": "true",
            "AWS_REGION": bedrock.REGION,
            "AMAZON_BEDROCK_BASE_URL": f"{self.url}/runtime/openai/v1",
            "BEDROCK_MANTLE_BASE_URL": f"{self.url}/mantle/v1",
            "AWS_ENDPOINT_URL_BEDROCK": self.url,
            "AWS_ACCESS_KEY_ID": bedrock.KEY_ID,
            "AWS_SECRET_ACCESS_KEY": bedrock.SECRET,
            "AWS_SESSION_TOKEN": bedrock.TOKEN,
            **more,
        }


@contextmanager
def running_bedrock() -> Iterator[BedrockStandIn]:
    """One on a free port."""
    command = [sys.executable, "-m", "tests.upstreams.bedrock"]
    with started(command, ROOT, {"PYTHONPATH": str(ROOT)}, subprocess.PIPE) as process:
        assert process.stdout is not None
        yield BedrockStandIn(process.stdout.readline().decode().strip())


@dataclass(frozen=True, slots=True)
class ClaudeStandIn:
    """A stand-in for Anthropic's API that runs."""

    url: str

    def asked(self, key: str) -> list[Received]:
        """What its models were asked by the account of this key, oldest first."""
        told: list[dict[str, Any]] = httpx.get(f"{self.url}/_requests").json()
        return [
            Received(each["path"], each["headers"], base64.b64decode(each["body"]), each["usage"])
            for each in told
            if each["key"] == key and "/messages" in each["path"]
        ]

    def play(self, status: int, body: object, **headers: str) -> None:
        """Let it answer the next request with this."""
        httpx.post(f"{self.url}/_play", json={"status": status, "body": body, "headers": headers})

    def environment(self, key: str, **more: str) -> dict[str, str]:
        """What leads a gateway to it, with this key."""
        return {
            "OPENAI_API_KEY": "",
            "OPENAI_BASE_URL": "",
            "ANTHROPIC_API_KEY": key,
            "EDGEWAY_ANTHROPIC_BASE_URL": f"{self.url}/v1",
            **more,
        }


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came to the stand-in for Anthropic's API."""

    path: str
    headers: dict[str, str]
    body: bytes
    usage: dict[str, Any]
    """That it told; nothing where it gave no answer."""


@contextmanager
def running_claude() -> Iterator[ClaudeStandIn]:
    """One on a free port."""
    command = [sys.executable, "-m", "tests.upstreams.claude"]
    with started(command, ROOT, {"PYTHONPATH": str(ROOT)}, subprocess.PIPE) as process:
        assert process.stdout is not None
        yield ClaudeStandIn(process.stdout.readline().decode().strip())
