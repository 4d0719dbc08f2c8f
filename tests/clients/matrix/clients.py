"""Starts each client headless, as its users do, and says what it has shown."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import anthropic

from edgeway import clients as written
from tests.clients import claude_code
from tests.clients.claude_code import BIN, CURRENT, MODULES
from tests.clients.matrix.runs import LIMIT, Opened, Run, Shown, write
from tests.clients.matrix.servers import server
from tests.running import ROOT, Gateway

LOOP = ROOT / "tests" / "clients" / "matrix" / "loop.mjs"
LOOK: Final[Any] = {
    "name": "look",
    "description": "Reads the note",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
}
"""The tool of a program that is made with an SDK."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client: its name, its package in the lock file, its own tool that reads a file, and how it is run."""

    title: str
    package: str
    reads: Callable[[str], tuple[str, dict[str, Any]]]
    opened: Callable[[Gateway, Path], AbstractContextManager[Opened]]
    command: str | None = None
    """What is installed as a program."""
    keeps_thinking: bool = True
    """Whether it sends back what the model has thought."""


def _for_each(run: Opened) -> Callable[[Gateway, Path], AbstractContextManager[Opened]]:
    """A client that is started anew for each run."""
    return lambda _gateway, _home: nullcontext(run)


def _claude_code(asked: Run) -> Shown:
    credentials = {"ANTHROPIC_AUTH_TOKEN": asked.gateway.key, "ANTHROPIC_MODEL": asked.model}
    options = ("--output-format", "stream-json", "--verbose")
    ran = claude_code.run(asked.gateway, asked.prompt, asked.home, *options, credentials=credentials, limit=LIMIT)
    thinking = "".join(block["thinking"] for block in ran.blocks("thinking"))
    return Shown(str(ran.result.get("result", "")), thinking, json.dumps(ran.printed))


def _command(asked: Run, name: str, *options: str, **environment: str) -> str:
    """What a command of the installed ones prints, whether or not it succeeds."""
    command = [str(BIN / name), *options]
    variables = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(asked.home), **environment}
    try:
        ended = subprocess.run(
            command,
            cwd=asked.work,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{name} took more than {LIMIT} s and had printed {error.stdout!r}") from error
    return ended.stdout + ended.stderr


def _lines(printed: str) -> list[dict[str, Any]]:
    """The lines that are JSON."""
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def _told(asked: Run) -> written.Gateway:
    return written.Gateway.with_one_model(asked.gateway.url, asked.gateway.key, asked.model)


def _cline(asked: Run) -> Shown:
    write(asked.home / ".cline" / "data" / "settings" / "providers.json", written.cline(_told(asked)))
    options = ["--json", *(["--thinking", "high"] if asked.thinks else [])]
    # Otherwise it leaves a process behind, which its screens would share.
    printed = _command(asked, "cline", *options, asked.prompt, CLINE_SESSION_BACKEND_MODE="local")
    said = _lines(printed)
    events = [line["event"] for line in said if line["type"] == "agent_event"]
    texts = [line["text"] for line in said if line["type"] == "run_result"]
    thinking = "".join(each["reasoning"] for each in events if each.get("contentType") == "reasoning")
    return Shown("\n".join(texts), thinking, printed)


def _python(asked: Run) -> Shown:
    client = anthropic.Anthropic(base_url=asked.gateway.url, api_key=asked.gateway.key, max_retries=0)
    messages: list[Any] = [{"role": "user", "content": asked.prompt}]
    more: dict[str, Any] = {"thinking": {"type": "enabled", "budget_tokens": 2000}} if asked.thinks else {}
    shown, thinking = "", ""
    try:
        while True:
            with client.messages.stream(
                model=asked.model, max_tokens=4000, messages=messages, tools=[LOOK], **more
            ) as stream:
                message = stream.get_final_message()
            shown += "".join(block.text for block in message.content if block.type == "text")
            thinking += "".join(block.thinking for block in message.content if block.type == "thinking")
            uses = [block for block in message.content if block.type == "tool_use"]
            if not uses:
                return Shown(shown, thinking, shown)
            results = [
                {"type": "tool_result", "tool_use_id": use.id, "content": Path(str(use.input["path"])).read_text()}
                for use in uses
            ]
            messages += [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
    except anthropic.APIStatusError as error:
        return Shown(str(error), thinking, repr(error))


def node() -> str:
    """The newest node that is there."""
    found = shutil.which("node", path=os.pathsep.join([str(BIN), "/usr/local/bin", "/usr/bin", "/bin"]))
    found = found or shutil.which("node")
    assert found is not None, "npm comes with node"
    return found


def _typescript(asked: Run) -> Shown:
    given = {
        "baseURL": asked.gateway.url,
        "apiKey": asked.gateway.key,
        "request": {
            "model": asked.model,
            "max_tokens": 4000,
            "messages": [{"role": "user", "content": asked.prompt}],
            "tools": [LOOK],
            **({"thinking": {"type": "enabled", "budget_tokens": 2000}} if asked.thinks else {}),
        },
    }
    ended = subprocess.run(
        [node(), LOOP],
        cwd=MODULES.parent,
        env={},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if ended.returncode:
        return Shown("", "", ended.stderr)
    told = json.loads(ended.stdout)
    return Shown(told["text"], told["thinking"], ended.stdout)


def _reader(name: str, field: str) -> Callable[[str], tuple[str, dict[str, Any]]]:
    return lambda path: (name, {field: path})


def _read_files(path: str) -> tuple[str, dict[str, Any]]:
    return "read_files", {"files": [{"path": path}]}


CLIENTS: Final[Mapping[str, Client]] = {
    "kilo": Client("Kilo Code", "@kilocode/cli", _reader("read", "filePath"), server("kilo", written.kilo), "kilo"),
    "opencode": Client(
        "OpenCode",
        "opencode-ai",
        _reader("read", "filePath"),
        server("opencode", written.opencode),
        "opencode",
    ),
    "cline": Client("Cline", "cline", _read_files, _for_each(_cline), "cline", keeps_thinking=False),
    "claude-code": Client("Claude Code", CURRENT, _reader("Read", "file_path"), _for_each(_claude_code), "claude"),
    "typescript": Client("TypeScript SDK", "@anthropic-ai/sdk", _reader("look", "path"), _for_each(_typescript)),
    "python": Client("Python SDK", "anthropic", _reader("look", "path"), _for_each(_python)),
}
"""Those that take longest come first."""


def locked(package: str) -> str:
    """Which version is pinned: in the lock file, or for Python in this environment."""
    if package == "anthropic":
        return metadata.version(package)
    lock = json.loads((ROOT / "tests" / "clients" / "package-lock.json").read_text())
    version: str = lock["packages"][f"node_modules/{package}"]["version"]
    return version


def installed(client: Client) -> str:
    """What the installed one calls itself."""
    if client.command is None:
        file = MODULES / client.package / "package.json"
        return str(json.loads(file.read_text())["version"]) if file.exists() else locked(client.package)
    with tempfile.TemporaryDirectory() as home:
        told = subprocess.run(
            [BIN / client.command, "--version"],
            env={"PATH": f"{BIN}:/usr/bin:/bin", "HOME": home},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=True,
        )
    return told.stdout.split()[0]
