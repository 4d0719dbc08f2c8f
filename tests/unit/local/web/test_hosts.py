"""Which host names the server answers for, and whose pages it takes requests from."""

from __future__ import annotations

import json

import pytest

from edgeway.local.web.hosts import Hosts

OWN = [
    "localhost",
    "localhost:3000",
    "LOCALHOST.",
    "app.localhost:3000",
    "127.0.0.1:3000",
    "127.9.9.9",
    "[::1]:3000",
    "[::1]",
    "192.168.1.20:3000",
    "edgeway:8080",
    "host.docker.internal:3000",
    "[]",
    "ip-10-0-0-1.eu-west-1.compute.internal",
    "",
]
FOREIGN = [
    "evil.example",
    "evil.example:3000",
    "localhost.evil.example",
    "127.0.0.1.evil.example:3000",
    "127.0.0.1.nip.io",
    "127.1",
    "evil.example.",
    "mac.local",
    "notlocalhost.com",
    "x@evil.example",
    "[::1].evil.example",
]


def refused(hosts: Hosts, *headers: tuple[bytes, bytes]) -> str | None:
    refusal = hosts.refusal(headers)
    if refusal is None:
        return None
    assert (refusal.status, refusal.type) == (403, "permission_error")
    return str(json.loads(refusal.body("req_1"))["error"]["message"])


@pytest.mark.parametrize("host", OWN)
def test_its_own_names(host: str) -> None:
    assert refused(Hosts(), (b"accept", b"*/*"), (b"host", host.encode())) is None


@pytest.mark.parametrize("host", FOREIGN)
def test_names_that_strangers_may_have(host: str) -> None:
    assert refused(Hosts(), (b"host", host.encode())) is not None
    assert refused(Hosts(), (b"host", b"localhost"), (b"host", host.encode())) is not None


def test_a_request_without_a_host_is_no_browsers() -> None:
    assert refused(Hosts()) is None


@pytest.mark.parametrize(
    ("named", "host", "is_own"),
    [
        ("api.example.com", "api.example.com:443", True),
        ("API.example.com.", "api.example.com", True),
        ("api.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "evilexample.com", False),
        ("*", "anything.example", True),
    ],
)
def test_names_that_an_operator_has_named(named: str, host: str, is_own: bool) -> None:
    assert Hosts.of([named]).owns(host) is is_own


@pytest.mark.parametrize(
    ("origin", "is_taken"),
    [
        ("http://localhost:5173", True),
        ("http://127.0.0.1:3000", True),
        ("vscode-webview://1a2b", True),
        ("https://evil.example", False),
        ("HTTP://evil.example", False),
        ("https://localhost.evil.example:3000", False),
        ("null", False),
    ],
)
def test_whose_pages_may_ask(origin: str, is_taken: bool) -> None:
    headers = ((b"host", b"127.0.0.1:3000"), (b"origin", origin.encode()))
    assert (refused(Hosts(), *headers) is None) is is_taken
    assert refused(Hosts.of(["*"]), *headers) is None


def test_what_is_told() -> None:
    assert refused(Hosts(), (b"host", b"Evil.Example:3000")) == (
        "This server answers for its own host names, and evil.example is none of them: "
        "start it with --allowed-host NAME if it should (docs/security.md)"
    )
    assert refused(Hosts(), (b"origin", b"https://evil.example")) == (
        "This server takes no requests of web pages, and https://evil.example is one: "
        "start it with --allowed-host NAME if it should (docs/security.md)"
    )
    long = refused(Hosts(), (b"host", b"a." * 500 + b"b"))
    assert long is not None
    assert len(long) < 250
