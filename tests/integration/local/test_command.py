"""The command as a process of its own: its output, its signals, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from edgeway.commands.key_option import HIDDEN_KEY
from edgeway.commands.serving.listening import STARTED_BY
from tests.integration.local.conftest import TEMPLATE, Gate, lives
from tests.running import ROOT, START_LIMIT, answers, started

KEY = "a-key-of-the-operator"


@contextmanager
def command(data: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`edgeway local` on any free port, over the tests' own template."""
    options = ["--port", "0", "--template", str(TEMPLATE), "--data", str(data), "--key", KEY, *arguments]
    with subprocess.Popen(
        [sys.executable, "-m", "edgeway", "local", *options], cwd=data, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def address(process: subprocess.Popen[str]) -> str:
    """Read the output up to the end of the announcement; return the address that it names."""
    assert process.stdout is not None
    announced = ""
    while "Other clients" not in announced:
        announced += process.stdout.readline()
    urls = re.findall(r"export ANTHROPIC_BASE_URL=http://(127\.0\.0\.1:\d+)\n", announced)
    assert f"export ANTHROPIC_AUTH_TOKEN={KEY}\n" in announced
    assert "\x1b" not in announced
    return str(urls[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_every_process_of_it(tmp_path: Path, number: signal.Signals) -> None:
    gate = Gate(tmp_path / "gate")
    with closing(gate), command(tmp_path) as process:
        with closing(HTTPConnection(address(process))) as connection:
            script = {"steps": ["process", "wait"], "gate": str(gate.path)}
            connection.request("POST", "/stream", json.dumps(script))
            answer = connection.getresponse()
            serving = int(answer.readline().removeprefix(b"data: "))
            children = psutil.Process(process.pid).children(recursive=True)
            assert serving in [child.pid for child in children]
            process.send_signal(number)
            assert b"shutting down" in answer.read()
        assert process.wait() == 0
        assert [child for child in children if lives(child.pid)] == []


def test_it_ends_though_whoever_started_it_has_blocked_signals(tmp_path: Path) -> None:
    blocked = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    try:
        with command(tmp_path, "--no-reload") as process:
            address(process)
            process.terminate()
            assert process.wait(START_LIMIT) == 0
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_it_takes_variables_from_a_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FROM_THE_FILE='yes'  # a comment\n")
    with command(tmp_path, "--no-reload") as process:
        with urllib.request.urlopen(f"http://{address(process)}/echo/environment") as answer:
            environment = json.load(answer)
        process.terminate()
        assert process.wait() == 0
    assert environment["FROM_THE_FILE"] == "yes"
    assert environment["EDGEWAY_TRUST_AUTHORIZER"] == "false"
    assert environment["EDGEWAY_STORE"] == f"sqlite:{tmp_path}/edgeway.db"


def test_nobody_reads_the_key_in_the_list_of_processes(tmp_path: Path) -> None:
    with command(tmp_path, "--no-reload") as process:
        url = address(process)
        processes = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        listed = [each.cmdline() for each in processes]
        assert all(KEY not in " ".join(words) for words in listed)
        assert listed[0][1:5] == ["-m", "edgeway", "local", "--port"]
        assert any(word.startswith(HIDDEN_KEY) for word in listed[0])
        with urllib.request.urlopen(f"http://{url}/echo/environment") as answer:
            assert KEY not in answer.read().decode()


@pytest.mark.parametrize(
    ("command", "variables"),
    [("local", {}), ("serve", {"EDGEWAY_STORE": "sqlite:store.db"}), ("serve", {"PORT": "8080"})],
)
def test_a_port_that_is_taken_is_named_with_a_command_that_serves(
    command: str, variables: dict[str, str], tmp_path: Path
) -> None:
    store = ["--store", "sqlite:store.db"] if command == "serve" else ["--no-reload", "--data", "data"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **variables}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = [sys.executable, "-m", "edgeway", command, "--host", "127.0.0.1", *store, "--port", str(port)]
        process = subprocess.run(given, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert (process.returncode, process.stdout) == (1, "")
        told, _, pasted = process.stderr.partition(" take another: ")
        assert told == f"Port {port} is in use. Stop what listens there, or"
        assert shlex.split(pasted)[:-1] == given[:-1]
        with (tmp_path / "output.txt").open("w") as log, started(shlex.split(pasted), tmp_path, environment, log) as it:
            url = f"http://127.0.0.1:{shlex.split(pasted)[-1]}"
            until = time.monotonic() + START_LIMIT
            while not answers(url) and time.monotonic() < until and it.poll() is None:
                time.sleep(0.05)
            assert answers(url)


@pytest.mark.parametrize(("variables", "hint"), [({}, ""), ({STARTED_BY: "make run"}, " (make run ARGS='--data DIR')")])
def test_a_data_folder_that_cannot_be_made_is_named(variables: dict[str, str], hint: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    command = [sys.executable, "-m", "edgeway", "local", "--port", "0", "--data", str(tmp_path / "file" / "data")]
    environment = {**os.environ, **variables}
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr == (
        f"The data folder cannot be used: {tmp_path}/file/data: Not a directory. Name another one: --data DIR{hint}\n"
    )


def test_a_port_that_there_cannot_be(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "edgeway", "local", "--port", "65536", "--data", str(tmp_path), "--key", KEY],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert "Invalid value for '--port'" in process.stderr


def test_a_template_that_cannot_be_served_is_named(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources:\n  Bare: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler}}\n")
    options = ["--port", "0", "--data", str(tmp_path), "--key", KEY, "--template", str(template)]
    process = subprocess.run(
        [sys.executable, "-m", "edgeway", "local", *options], capture_output=True, text=True, check=False
    )
    assert process.returncode == 1
    assert process.stderr == "Bare needs a CodeUri that is a literal or a parameter with a default\n"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"OPENAI_BASE_URL": "localhost:8000"}, "OPENAI_BASE_URL is not an http or https address\n"),
        ({"EDGEWAY_CONFIG": "own.toml"}, "own.toml:2: "),
    ],
)
def test_a_mistake_in_what_is_configured_is_named(variables: dict[str, str], said: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("# mine\ndefault_model = 1\n")
    command = [sys.executable, "-m", "edgeway", "local", "--port", "0", "--data", str(tmp_path / "data"), "--key", KEY]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **variables}
    process = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert said in process.stderr
    assert "Traceback" not in process.stderr
