"""`python -m tests.repository.first_run COMMAND`: runs a command until the gateway that it starts answers a message."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.request import Request, urlopen

from tests.running import END_OF_SCREEN, ROOT, START_LIMIT, answers, started

LIMIT = 900.0  # seconds; everything is installed first
VARIABLE = re.compile(r"^  export (\w+)=(\S+)$", re.MULTILINE)


def main(command: Sequence[str]) -> None:
    """Start it, ask what the screen says to ask, and stop it. Exits where there is no answer."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="first-run-") as name:
        output = Path(name) / "output.txt"
        with output.open("w") as log, started(command, ROOT, os.environ, log) as process:
            exported = dict(VARIABLE.findall(screen(process, output)))
            ask(exported)
        check_ended(exported["ANTHROPIC_BASE_URL"])
    sys.stdout.write(f"a clean clone has answered after {time.monotonic() - begun:.0f} s\n")


def screen(process: subprocess.Popen[bytes], output: Path) -> str:
    """What has been printed, once the screen is whole."""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until and process.poll() is None:
        printed = output.read_text()
        if END_OF_SCREEN in printed:
            return printed
        time.sleep(0.1)
    sys.exit(f"the gateway did not start (exit code {process.poll()}):\n{output.read_text()}")


def ask(exported: dict[str, str]) -> None:
    """Send a message. Raises where it is not answered with text."""
    message = {"model": exported["ANTHROPIC_MODEL"], "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"x-api-key": exported["ANTHROPIC_AUTH_TOKEN"], "content-type": "application/json"}
    request = Request(f"{exported['ANTHROPIC_BASE_URL']}/v1/messages", json.dumps(message).encode(), headers)  # noqa: S310
    with urlopen(request, timeout=60) as answer:  # noqa: S310 the address that the gateway has printed
        content = json.load(answer)["content"]
    if not content[0]["text"]:
        sys.exit(f"the gateway has answered without text: {content}")


def check_ended(url: str) -> None:
    """Exit where the gateway goes on when the command has been stopped: it has a moment to drain."""
    until = time.monotonic() + START_LIMIT
    while answers(url):
        if time.monotonic() > until:
            sys.exit(f"the gateway still runs at {url}, and the command that started it does not")
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1:])
