"""`make sam-local-up`: what it prints for a person works, until it is told to stop, and nothing is left then."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.running import ROOT
from tests.sam_local.gateway import containers, free_port

pytestmark = [pytest.mark.sam_local, pytest.mark.timeout(300)]


def test_the_printed_lines_reach_the_demo_model_until_ctrl_c(image: str, tmp_path: Path) -> None:
    before, port = containers(), free_port()
    environment = {**os.environ, "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
    command = [sys.executable, "-m", "tests.sam_local.up", str(port)]
    with (
        (tmp_path / "said.txt").open("w") as said,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            export, *assignments = shlex.split(process.stdout.readline())
            assert export == "export", (tmp_path / "said.txt").read_text()
            variables = dict(assignment.split("=", 1) for assignment in assignments)
            assert variables["ANTHROPIC_BASE_URL"] == f"http://127.0.0.1:{port}"
            body = {"model": variables["ANTHROPIC_MODEL"], "max_tokens": 100}
            answer = httpx.post(
                f"{variables['ANTHROPIC_BASE_URL']}/v1/messages",
                headers={"authorization": f"Bearer {variables['ANTHROPIC_AUTH_TOKEN']}"},
                json={**body, "messages": [{"role": "user", "content": "Hello"}]},
                timeout=60,
            )
            assert "Edgeway's demo model" in answer.json()["content"][0]["text"]
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert "SAM does not stream" in (tmp_path / "said.txt").read_text()
    assert containers() <= before
