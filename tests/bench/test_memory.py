"""What the messages function needs of its memory: the most that its workers have held, after requests of rising size.

A worker of the local server runs the runtime and the function that are deployed. It lacks what only AWS needs: boto3, for
the providers' keys. No size is asserted but against what the template gives the function.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import psutil
import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.running import ROOT, Gateway, running_gateway, running_upstream

SIZES = (0, 1_000_000, 5_000_000)
"""Bytes of the prompt. Lambda takes 6 MB with the event around it."""
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@pytest.mark.bench
def test_the_largest_request_leaves_half_of_the_default_memory(capsys: pytest.CaptureFixture[str]) -> None:
    peaks = [peak_after(size) for size in SIZES]
    figures = ", ".join(f"{size / 1e6:g} MB of prompt {peak} MB" for size, peak in zip(SIZES, peaks, strict=True))
    with capsys.disabled():
        print(f"\nthe most that a worker of the messages function held: {figures}")  # noqa: T201
    assert peaks[-1] <= default_memory() / 2


def peak_after(size: int) -> int:
    """Megabytes, of a gateway that has just been started."""
    with running_upstream() as upstream, running_gateway(upstream) as gateway:
        ask(gateway, "" if size == 0 else "words and more words \n" * (size // 22))
        workers = psutil.Process(gateway.pid).children(recursive=True)
        return max(int(PEAK.findall(Path(f"/proc/{worker.pid}/status").read_text())[0]) for worker in workers) // 1024


def ask(gateway: Gateway, prompt: str) -> None:
    """One streamed answer to a prompt of this length."""
    content = f"[[play:pace-60x10]] {prompt}"
    asked = {
        "model": "gpt-5",
        "max_tokens": 1000,
        "stream": True,
        "messages": [{"role": "user", "content": content}],
    }
    answer = httpx.post(
        f"{gateway.url}/v1/messages",
        content=json.dumps(asked),
        headers={"x-api-key": gateway.key, "content-type": "application/json"},
        timeout=60,
    )
    assert answer.status_code == 200
    assert "message_stop" in answer.text


def default_memory() -> int:
    template = yaml_parse((ROOT / "template.yaml").read_text())
    return int(template["Parameters"]["MessagesMemory"]["Default"])
