"""OpenCode and Kilo Code, which is made of it, as the servers that their own screens and editors talk to.

A server takes every case of its client; a command for each would start for longer than it works.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Final

import httpx

from edgeway import clients as written
from tests.clients.claude_code import BIN
from tests.clients.matrix.dialects import DIALECTS
from tests.clients.matrix.runs import LIMIT, Opened, Run, Shown, write
from tests.running import Gateway, started

_ADDRESS: Final = re.compile(r"listening on (http://\S+)")
_QUIET: Final = ("AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD")


def server(
    name: str, lines: Callable[[written.Gateway], list[str]]
) -> Callable[[Gateway, Path], AbstractContextManager[Opened]]:
    """How one of the two is started, with the lines that `edgeway clients` prints for it."""

    @contextmanager
    def opened(gateway: Gateway, home: Path) -> Iterator[Opened]:
        opus, sonnet, haiku = (dialect.model for dialect in DIALECTS.values())
        told = lines(written.Gateway(gateway.url, gateway.key, opus, opus, sonnet, haiku))
        write(home / ".config" / name / f"{name}.json", told)
        environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(home)}
        environment |= {f"{name.upper()}_DISABLE_{what}": "1" for what in _QUIET}
        command = [str(BIN / name), "serve", "--port", "0"]
        with started(command, home / "work", environment, subprocess.PIPE) as process:
            assert process.stdout is not None
            said = iter(process.stdout.readline, b"")
            url = next((found[1] for line in said if (found := _ADDRESS.search(line.decode()))), None)
            assert url is not None, f"{name} did not start"
            Thread(target=deque, args=(said, 0), daemon=True).start()  # what it prints later would fill the pipe
            with httpx.Client(base_url=url, params={"directory": str(home / "work")}, timeout=LIMIT) as client:
                yield lambda run: _asked(client, run)

    return opened


def _asked(client: httpx.Client, run: Run) -> Shown:
    """One session: what its messages hold when the model has ended its turn."""
    session = client.post("/session", json={"title": "Note"}).raise_for_status().json()
    prompt: dict[str, Any] = {
        "model": {"providerID": "edgeway", "modelID": run.model},
        "parts": [{"type": "text", "text": run.prompt}],
        **({"variant": "high"} if run.thinks else {}),
    }
    client.post(f"/session/{session['id']}/message", json=prompt).raise_for_status()
    messages = client.get(f"/session/{session['id']}/message").raise_for_status().json()
    answers = [message for message in messages if message["info"]["role"] == "assistant"]
    parts = [part for message in answers for part in message["parts"]]
    texts = [part["text"] for part in parts if part["type"] == "text"]
    texts += [message["info"]["error"]["data"]["message"] for message in answers if message["info"].get("error")]
    thinking = "".join(part["text"] for part in parts if part["type"] == "reasoning")
    return Shown("\n".join(texts), thinking, json.dumps(answers))
