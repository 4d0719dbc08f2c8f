"""What the messages function needs of its memory: the most that a process has held, after requests of rising size.

A process of the local server holds all functions that are deployed, messages among them. No size is asserted but
against what the template gives that function.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import psutil
import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.bench.conftest import Report
from tests.bench.figures import Figure
from tests.running import ROOT, Gateway, running_gateway, running_upstream

SIZES = (0, 1_000_000, 5_000_000)
"""Bytes of the prompt. Lambda takes 6 MB with the event around it."""
WIDE, WORDS = "\N{GRINNING FACE}", "words and more words \n"
"""One character beyond the first 65,536, and Python keeps every character of the text in four bytes."""
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@pytest.mark.bench
def test_the_largest_request_leaves_half_of_the_default_memory(report: Report) -> None:
    peak = 0
    for size in SIZES:
        peak, timing = peak_after(size)
        report(Figure(f"the most that a process held, {size / 1e6:g} MB of prompt ({timing})", "MB", peak))
    assert peak <= default_memory() / 2


def peak_after(size: int) -> tuple[int, str]:
    """Megabytes, of a gateway that has just been started, and how long its own part took."""
    with running_upstream() as upstream, running_gateway(upstream) as gateway:
        timing = ask(gateway, WIDE + WORDS * (size // len(WORDS)))
        serving = psutil.Process(gateway.pid).children(recursive=True)
        held = [PEAK.findall(Path(f"/proc/{process.pid}/status").read_text()) for process in serving]
        return max(int(kilobytes) for (kilobytes,) in held) // 1024, timing


def ask(gateway: Gateway, prompt: str) -> str:
    """One streamed answer to a prompt of this length; its server-timing."""
    content = f"[[play:pace-60x10]] {prompt}"
    asked = {
        "model": "gpt-5",
        "max_tokens": 1000,
        "stream": True,
        "messages": [{"role": "user", "content": content}],
    }
    answer = httpx.post(
        f"{gateway.url}/v1/messages",
        content=json.dumps(asked, ensure_ascii=False).encode(),
        headers={"x-api-key": gateway.key, "content-type": "application/json"},
        timeout=60,
    )
    assert answer.status_code == 200
    assert "message_stop" in answer.text
    return answer.headers["server-timing"]


def default_memory() -> int:
    template = yaml_parse((ROOT / "template.yaml").read_text())
    return int(template["Parameters"]["MessagesMemory"]["Default"])
