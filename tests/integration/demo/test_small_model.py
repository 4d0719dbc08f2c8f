"""What a person sees who asks for the small model without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.running import ROOT

NOBODY = "http://127.0.0.1:9/simple"  # the port of the discard service, at which nothing listens


def test_offline_it_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edgeway.small_model", "--folder", str(tmp_path / "model")]
    environment = {"PATH": os.environ["PATH"], "PIP_INDEX_URL": NOBODY, "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "*"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""  # which is for the port
    assert ended.stderr.startswith("SmolLM2 135M Instruct is downloaded once, 127 MB, into ")
    assert "SmolLM2 135M Instruct could not be installed; what pip says stands above." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list((tmp_path / "model").iterdir()) == []
