"""Starts the stand-in for Bedrock, a process of its own, and says what leads a gateway to it."""

from __future__ import annotations

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
