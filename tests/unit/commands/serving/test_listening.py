"""A port that is taken: the command that is printed instead."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edgeway.commands.serving.listening import STARTED_BY, again, called_as, free_port


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["local"], "edgeway local --port 3001"),
        (["local", "--port", "3000"], "edgeway local --port 3001"),
        (["local", "--port=3000", "--no-reload"], "edgeway local --no-reload --port 3001"),
        (["local", "--data", "my data", "--port", "3000"], "edgeway local --data 'my data' --port 3001"),
        (["local", "--key", "a-key-of-mine"], "edgeway local --key '…' --port 3001"),
        (["local", "--key=a-key-of-mine"], "edgeway local '--key=…' --port 3001"),
        (["local", "--key-file=/dev/fd/7"], "edgeway local '--key=…' --port 3001"),
        (["local", "--key-file", "mine"], "edgeway local --key-file mine --port 3001"),
        (["serve", "--store", "sqlite:/data"], "edgeway serve --store sqlite:/data --port 3001"),
    ],
)
def test_the_command_is_the_one_that_was_given(arguments: list[str], command: str) -> None:
    assert again(arguments, 3001, "edgeway", {}) == command


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["local"], "make run PORT=3001"),
        (["local", "--port", "3000"], "make run PORT=3001"),
        (["local", "--host", "::", "--model", "smollm2"], "make run PORT=3001 ARGS='--host :: --model smollm2'"),
    ],
)
def test_who_has_called_make_is_told_to_call_make(arguments: list[str], command: str) -> None:
    assert again(arguments, 3001, ".venv/bin/edgeway", {STARTED_BY: "make run"}) == command


def test_what_is_pasted_for_make_reaches_the_command_as_it_was(tmp_path: Path) -> None:
    """Through a shell, make and the shell of make."""
    options = ["--data", 'it\'s $HOME `a` "b"', "--model", "smollm2"]
    (tmp_path / "Makefile").write_text('run:\n\t@printf "%s\\\\n" $(PORT) $(ARGS)\n')
    pasted = again(["local", *options], 3001, "edgeway", {STARTED_BY: "make run"})
    environment = {"PATH": os.environ["PATH"]}
    run = subprocess.run(
        ["sh", "-c", pasted], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == ["3001", *options]


def test_the_port_is_one_that_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        try:
            with socket.create_server(("127.0.0.1", port + 1)):
                assert free_port("127.0.0.1", port) > port + 1
        except OSError:  # somebody else has it, which serves as well
            assert free_port("127.0.0.1", port) > port + 1


def test_after_the_last_port_any_is_proposed() -> None:
    assert free_port("127.0.0.1", 65535) == 0


def test_edgeway_is_called_as_it_was_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "edgeway"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(program), "local"])
    monkeypatch.setenv("PATH", str(program.parent))
    assert called_as() == "edgeway"
    monkeypatch.setenv("PATH", "")
    assert called_as() == "bin/edgeway"
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "edgeway" / "__main__.py"), "local"])
    assert called_as() == shlex.join([sys.executable, "-m", "edgeway"])


def test_another_edgeway_on_the_path_is_not_the_one_that_was_called(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in ("theirs", "ours"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "edgeway").touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "ours" / "edgeway")])
    monkeypatch.setenv("PATH", str(tmp_path / "theirs"))
    assert called_as() == "ours/edgeway"
