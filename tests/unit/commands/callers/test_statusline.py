"""`edgeway statusline`: a line in time, whatever the gateway says or does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from edgeway.commands.callers.statusline import REMEMBERED_SECONDS, app, line_of

BUDGET = {"scope": "key", "window": "day", "used": 0.06, "resets_at": "2026-12-01T00:00:00Z"}
USAGE: dict[str, Any] = {
    "type": "usage",
    "budgets": [BUDGET, {"scope": "owner", "window": "total", "used": 0.82, "resets_at": None}],
    "today": {"cost_micro_dollars": 1_230_000},
    "sessions": [{"session": "s1", "cost_micro_dollars": 400_000}],
}
GIVEN = {"session_id": "s1", "model": {"display_name": "Opus\x1b 5"}}


@pytest.mark.parametrize(
    ("given", "usage", "line"),
    [
        (GIVEN, USAGE, "Opus 5 · session $0.40 · today $1.23 · 82% of the owner's total budget"),
        (
            {"session_id": "s2"},
            {**USAGE, "budgets": [BUDGET]},
            "today $1.23 · 6% of the day budget, resets 2026-12-01 00:00 UTC",
        ),
        (GIVEN, {}, "Opus 5"),
        ({"model": {"display_name": 7}}, {"type": "usage"}, "today $0.00"),
        ({"model": "x"}, {}, "edgeway"),
    ],
)
def test_the_line(given: dict[str, Any], usage: dict[str, Any], line: str) -> None:
    assert line_of(given, usage) == line


@pytest.fixture
def answers() -> Iterator[tuple[str, list[bytes], list[str]]]:
    """A gateway's address, what it answers next, and the keys that it was asked with."""
    bodies: list[bytes] = []
    keys: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.append(self.headers["authorization"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(bodies.pop(0))

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/Prod/", bodies, keys
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def asked(address: str, key: str = "ew_key", given: str = json.dumps(GIVEN)) -> str:
        environment = {"ANTHROPIC_BASE_URL": address, "ANTHROPIC_AUTH_TOKEN": key}
        ran: Result = CliRunner().invoke(app, input=given, env=environment)
        assert (ran.exit_code, ran.exception) == (0, None)
        return ran.stdout.strip()

    return asked


def test_what_the_gateway_says_is_remembered_for_some_seconds(
    ask: Callable[..., str], answers: tuple[str, list[bytes], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, bodies, keys = answers
    bodies += [json.dumps(USAGE).encode(), b"oops", b"[]", json.dumps({**USAGE, "budgets": []}).encode()]
    line = ask(address)
    assert line.startswith("Opus 5 · session $0.40")
    assert ask(address) == line
    assert keys == ["Bearer ew_key"]
    monkeypatch.setattr("edgeway.commands.callers.statusline.REMEMBERED_SECONDS", 0.0)
    assert [ask(address), ask(address)] == [line, line]  # what was known stays
    assert ask(address) == "Opus 5 · session $0.40 · today $1.23"
    assert REMEMBERED_SECONDS > 0


@pytest.mark.parametrize("given", ["", "no JSON", "[]"])
def test_without_a_gateway_there_is_a_line_too(ask: Callable[..., str], given: str) -> None:
    assert ask("http://127.0.0.1:9", given=given) == "edgeway"
    assert ask("", given=given) == "edgeway"
    assert ask("file:///etc/passwd", given=given) == "edgeway"


def test_a_folder_that_takes_nothing_is_no_reason_to_say_nothing(
    ask: Callable[..., str], answers: tuple[str, list[bytes], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, bodies, _ = answers
    bodies.append(json.dumps(USAGE).encode())
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    assert ask(address).startswith("Opus 5 · session $0.40")


def test_what_was_kept_and_is_nothing_of_ours_is_not_read(
    ask: Callable[..., str], answers: tuple[str, list[bytes], list[str]], tmp_path: Path
) -> None:
    address, bodies, _ = answers
    bodies += [json.dumps(USAGE).encode()] * 2
    line = ask(address)
    (kept,) = tmp_path.glob("edgeway-statusline-*")
    kept.write_text("[]", encoding="utf-8")
    assert (ask(address), bodies) == (line, [])
