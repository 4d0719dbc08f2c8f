"""Runs the real Claude Code in an environment that holds nothing but what its users set."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.running import ROOT, Gateway

MODULES = ROOT / ".cache" / "clients" / "node_modules"
BIN = MODULES / ".bin"
CURRENT = "claude-current"
NODE20 = "claude-node20"
"""What npm chooses where Node.js is older than the current version asks for."""

LIMIT = 60.0  # seconds for one run; the longest takes about two on an idle machine
QUIET = ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_TELEMETRY", "DISABLE_AUTOUPDATER")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of Claude Code came to: its exit status and, in order, the JSON that it printed."""

    status: int
    printed: tuple[dict[str, Any], ...]
    seconds: float

    @property
    def result(self) -> Mapping[str, Any]:
        """The closing object, with the answer in `result`."""
        return self.printed[-1]

    def blocks(self, kind: str) -> list[dict[str, Any]]:
        """The content blocks of one type, from the messages of a `stream-json` run."""
        messages = [printed["message"] for printed in self.printed if printed["type"] in ("assistant", "user")]
        return [block for message in messages for block in message["content"] if block["type"] == kind]


def executable(package: str = CURRENT) -> Path:
    """The command of one of the installed versions."""
    path = MODULES / package / "bin" / "claude.exe"  # on every platform: a program, put there when it is installed
    if not path.exists():
        raise FileNotFoundError("Claude Code is not installed: `make clients` does that")
    return path


def version(package: str = CURRENT) -> str:
    """What the installed Claude Code calls itself."""
    shown = subprocess.run([executable(package), "--version"], env={}, capture_output=True, text=True, check=True)
    return shown.stdout.strip()


def environment(gateway: Gateway, home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """What a user sets; `more` goes over it, and what is empty there is not set."""
    variables = {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(home),
        "ANTHROPIC_BASE_URL": gateway.url,
        "ANTHROPIC_MODEL": "gpt-5",
        **dict.fromkeys(QUIET, "1"),
        **more,
    }
    return {name: value for name, value in variables.items() if value}


def run(
    gateway: Gateway,
    prompt: str,
    folder: Path,
    *options: str,
    credentials: Mapping[str, str],
    package: str = CURRENT,
    limit: float = LIMIT,
) -> Run:
    """Give Claude Code one prompt; `folder` becomes its home and holds its work folder."""
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    command = [str(executable(package)), "-p", prompt, "--permission-mode", "acceptEdits"]
    command += ["--allowedTools", "Bash(echo:*),Write,Read", *(options or ("--output-format", "json"))]
    began = time.monotonic()
    try:
        ended = subprocess.run(
            command,
            cwd=work,
            env=environment(gateway, folder, credentials),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"Claude Code took more than {limit} s. The gateway said:\n{gateway.log()}") from error
    printed = tuple(json.loads(line) for line in ended.stdout.splitlines())
    if not printed:
        raise RuntimeError(f"Claude Code printed nothing and ended with {ended.returncode}: {ended.stderr}")
    return Run(ended.returncode, printed, time.monotonic() - began)
