"""The Python that Lambda runs, and what it brings along, as far as this machine has them."""

from __future__ import annotations

import subprocess
from typing import Final

from tests.running import ROOT

LIBRARIES: Final = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
"""Of AWS's own; all of it is pure Python, so this environment's may stand for it."""


def make(*arguments: str, makefile: str = "") -> subprocess.CompletedProcess[str]:
    """Run the project's make, with more rules on its standard input."""
    command = ["make", "--silent", "--file=Makefile", "--file=-", *arguments]
    return subprocess.run(command, cwd=ROOT, input=makefile, capture_output=True, text=True, check=False)


def find_python313() -> str:
    """The interpreter that `make sam-build` finds, asked of the Makefile itself; empty where there is none."""
    return make("python313", makefile="python313:\n\t@echo $(PYTHON313)\n").stdout.strip()
