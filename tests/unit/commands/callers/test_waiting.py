"""What `keys create` and `keys rotate` say while API Gateway learns of a key."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from gateway.access.key_records import KeyRecord

from edgeway.commands.callers.new_key import hand_over

RECORD = KeyRecord(id="key_1", name="me", created=0, hint="ew_…1")
KEY = "ew_the-key"


class ApiGateway(ThreadingHTTPServer):
    """Answers with these statuses, the last again and again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = [200]
        self.asked: list[tuple[str, str | None]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/Prod"


class _Handler(BaseHTTPRequestHandler):
    server: ApiGateway

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("x-api-key")))
        status = self.server.statuses.pop(0) if len(self.server.statuses) > 1 else self.server.statuses[0]
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in http.server
        """Print nothing."""


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiGateway]:
    monkeypatch.setattr("edgeway.aws.admittance.PAUSE", 0.01)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with ThreadPoolExecutor(1) as pool, ApiGateway() as server:
        pool.submit(server.serve_forever, 0.01)
        try:
            yield server
        finally:
            server.shutdown()


def said(capsys: pytest.CaptureFixture[str], base_url: str, wait: int = 90) -> list[str]:
    """The lines on standard error after those that show the key."""
    hand_over(KEY, RECORD, base_url, wait=wait, as_json=False)
    written = capsys.readouterr()
    assert written.out == f"{KEY}\n"
    return written.err.splitlines()[2 if base_url else 1 :]


def test_a_key_is_waited_for(gateway: ApiGateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.statuses = [403, 403, 200, 200]
    assert said(capsys, gateway.url) == [
        "Waiting until API Gateway knows the key, 90 s at most …",
        "API Gateway knows the key, after 0 s.",
    ]
    assert gateway.asked == [("/Prod/v1/usage", KEY)] * 4


def test_waiting_has_an_end(gateway: ApiGateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.statuses = [403]
    assert said(capsys, gateway.url, wait=1)[1:] == [
        "After 1 s API Gateway still refuses the key. Try it in a minute; `edgeway doctor` says more."
    ]


def test_an_api_that_cannot_be_asked_from_here(gateway: ApiGateway, capsys: pytest.CaptureFixture[str]) -> None:
    """A private one, say. The key is made all the same."""
    url = "http://127.0.0.1:1/Prod"
    assert said(capsys, url) == [
        f"{url} cannot be asked from here (ConnectError). API Gateway may need a minute to know the key."
    ]


@pytest.mark.parametrize(("has_url", "wait"), [(True, 0), (False, 90)])
def test_where_nothing_is_waited_for(
    gateway: ApiGateway, capsys: pytest.CaptureFixture[str], *, has_url: bool, wait: int
) -> None:
    assert said(capsys, gateway.url if has_url else "", wait) == []
    assert gateway.asked == []
