"""Calls to AWS that we sign: what is sent and tried again, which connections are kept, what an error may say."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gateway.aws import endpoint as aws_endpoint
from gateway.aws.endpoint import AwsEndpoint
from gateway.aws.signature import Credentials
from gateway.aws.signed_client import ATTEMPTS, KEEP_SECONDS, SignedClient
from gateway.aws.types import DYNAMODB, SYSTEMS_MANAGER, AwsError, Service

from tests.loop import run
from tests.unit.gateway.certificates import self_signed
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.raw_server import Peer, Script, Server, answering, serving, whole

CREDENTIALS = Credentials("AKIDPLANTED", "secret-planted", "token-planted")
NOW = 1_764_115_200.0
JSON = "application/x-amz-json-1.0"
WELL = whole(b'{"Item": {}}', JSON)


def refusal(code: str, status: bytes = b"400 Bad Request", message: str = "no") -> bytes:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message}
    return whole(json.dumps(body).encode(), JSON, status)


THROTTLED = refusal("ThrottlingException")
BROKEN = refusal("InternalServerError", b"500 Internal Server Error")


@contextmanager
def client(
    script: Script,
    *,
    service: Service = DYNAMODB,
    tls: ssl.SSLContext | None = None,
    clock: Callable[[], float] = lambda: NOW,
) -> Iterator[tuple[SignedClient, Server, list[float]]]:
    """A client of a scripted server, and how long it has paused."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with serving(script, tls=tls) as server:
        endpoint = AwsEndpoint(server.url)
        opened = SignedClient(service, endpoint, CREDENTIALS, region="eu-central-1", clock=clock, pause=pause)
        try:
            yield opened, server, pauses
        finally:
            opened.close()


def in_turn(*answers: bytes) -> Script:
    """Give each request the next answer, whatever connection it comes over."""
    left = iter(answers)

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(next(left))

    return script


def failure(client: SignedClient) -> tuple[str, str, int]:
    with pytest.raises(AwsError) as failed:
        run(client.call("GetItem", {}))
    return failed.value.code, failed.value.message, failed.value.status


@pytest.mark.parametrize(
    ("service", "operation", "target", "content_type"),
    [
        (DYNAMODB, "GetItem", "DynamoDB_20120810.GetItem", "application/x-amz-json-1.0"),
        (SYSTEMS_MANAGER, "GetParametersByPath", "AmazonSSM.GetParametersByPath", "application/x-amz-json-1.1"),
    ],
)
def test_what_is_sent(service: Service, operation: str, target: str, content_type: str) -> None:
    with client(answering(WELL), service=service) as (opened, server, _):
        assert run(opened.call(operation, {"Name": "naïve"})) == {"Item": {}}
    head, _, body = server.requests[0].decode().partition("\r\n\r\n")
    line, *headers = head.split("\r\n")
    told = {name.lower(): value for name, _, value in (header.partition(": ") for header in headers)}
    signature = told.pop("authorization")
    assert (line, json.loads(body)) == ("POST / HTTP/1.1", {"Name": "naïve"})
    assert told == {
        "host": server.url.removeprefix("http://"),
        "content-length": str(len(body)),
        "content-type": content_type,
        "x-amz-date": "20251126T000000Z",
        "x-amz-security-token": "token-planted",
        "x-amz-target": target,
    }
    signed = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
    scope = f"AKIDPLANTED/20251126/eu-central-1/{service.name}/aws4_request"
    pattern = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature=[0-9a-f]{{64}}"
    assert re.fullmatch(pattern, signature)


@pytest.mark.parametrize(
    "passing",
    [
        THROTTLED,
        BROKEN,
        refusal("ProvisionedThroughputExceededException"),
        refusal("RequestLimitExceeded"),
        refusal("TooManyRequestsException"),
        whole(b"<html>", "text/html", b"503 Service Unavailable"),
    ],
)
def test_what_may_pass_is_tried_again_after_a_pause(passing: bytes) -> None:
    with client(in_turn(passing, passing, WELL)) as (opened, server, pauses):
        assert run(opened.call("GetItem", {})) == {"Item": {}}
    assert (len(server.requests), server.connections) == (3, 1)
    assert [0 <= pause <= limit for pause, limit in zip(pauses, (0.1, 0.2), strict=True)] == [True, True]


def test_it_is_not_tried_for_ever() -> None:
    with client(answering(THROTTLED)) as (opened, server, pauses):
        assert failure(opened) == ("ThrottlingException", "no", 400)
    assert (len(server.requests), len(pauses)) == (ATTEMPTS, ATTEMPTS - 1)


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "AccessDeniedException", "ValidationException"])
def test_a_refusal_is_final_and_has_the_name_that_aws_gives_it(code: str) -> None:
    with client(answering(refusal(code))) as (opened, server, pauses):
        assert failure(opened) == (code, "no", 400)
    assert (len(server.requests), pauses) == (1, [])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (whole(b'{"__type": "InvalidAction", "Message": "no"}', JSON, b"400 No"), ("InvalidAction", "no", 400)),
        (whole(b'{"__type": "A#Denied:http://x/"}', JSON, b"400 No"), ("Denied", "", 400)),
        (whole(b"{}", JSON, b"403 No"), ("HTTP403", "", 403)),
        (whole(b"[]", JSON, b"403 No"), ("HTTP403", "the answer is not a JSON object", 403)),
        (whole(b"{", JSON), ("HTTP200", "the answer is not a JSON object", 200)),
    ],
)
def test_what_is_no_answer_of_the_service_is_an_error(answer: bytes, expected: tuple[str, str, int]) -> None:
    with client(answering(answer)) as (opened, _, _):
        assert failure(opened) == expected


def test_a_connection_is_kept() -> None:
    with client(answering(WELL)) as (opened, server, _):
        for _ in range(3):
            run(opened.call("GetItem", {}))
        assert server.connections == 1
        opened.close()
        run(opened.call("GetItem", {}))
    assert server.connections == 2


def test_a_connection_that_was_idle_for_long_is_not_tried() -> None:
    clock = Clock(NOW)
    with client(answering(WELL), clock=clock) as (opened, server, _):
        made = []
        for idle in (0, KEEP_SECONDS, KEEP_SECONDS + 0.1, KEEP_SECONDS):
            clock.now += idle
            run(opened.call("GetItem", {}))
            made.append(server.connections)
    assert made == [1, 1, 2, 2]


def once_each(end: Callable[[Peer], None]) -> Script:
    """Answer one request of every connection, and end it without saying so."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(WELL)
        end(peer)

    return script


def read_and_end(peer: Peer) -> None:
    """The end comes when the next request is on its way."""
    peer.request()


@pytest.mark.parametrize("end", [Peer.reset, read_and_end, lambda _: None], ids=["reset", "while it is asked", "ended"])
def test_a_connection_that_has_died_meanwhile_is_opened_again(end: Callable[[Peer], None]) -> None:
    with client(once_each(end)) as (opened, server, pauses):
        for _ in range(3):
            assert run(opened.call("GetItem", {})) == {"Item": {}}
    assert (server.connections, pauses) == (3, [])


def test_a_new_connection_that_dies_is_an_attempt() -> None:
    with client(lambda peer: peer.reset() if peer.request() else None) as (opened, server, pauses):
        code, message, status = failure(opened)
    assert (code, status) == ("ConnectionError", 0)
    assert re.fullmatch(r"dynamodb cannot be reached \((ConnectionResetError|ConnectionError)\)", message)
    assert (server.connections, len(pauses)) == (ATTEMPTS, ATTEMPTS - 1)


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(WELL if peer.number > 1 else WELL[:-1])

    with client(script) as (opened, server, pauses):
        assert run(opened.call("GetItem", {})) == {"Item": {}}
    assert (server.connections, len(pauses)) == (2, 1)


def test_silence_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_endpoint, "READ_SECONDS", 0.05)
    with client(Peer.wait_for_the_end) as (opened, server, _):
        assert failure(opened) == ("ConnectionError", "dynamodb cannot be reached (TimeoutError)", 0)
    assert server.connections == ATTEMPTS


def test_nobody_there() -> None:
    with client(answering(WELL)) as (opened, _, _):
        pass
    assert failure(opened) == ("ConnectionError", "dynamodb cannot be reached (ConnectionRefusedError)", 0)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with client(answering(WELL), tls=self_signed(tmp_path).context) as (opened, server, _):
        assert failure(opened) == ("ConnectionError", "dynamodb cannot be reached (SSLCertVerificationError)", 0)
    assert server.requests == []


def test_a_certificate_that_the_machine_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    aws_endpoint._trusted.cache_clear()
    try:
        with client(answering(WELL), tls=certificate.context) as (opened, server, _):
            for _ in range(3):
                assert run(opened.call("GetItem", {})) == {"Item": {}}
        assert (len(server.requests), server.connections) == (3, 1)
    finally:
        aws_endpoint._trusted.cache_clear()


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://localhost", "http://", "file:///etc/passwd"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="must be an http or https address"):
        AwsEndpoint(address)


COMPLAINT = """The request signature we calculated does not match the signature you provided.

The Canonical String for this request should have been
'POST
/

host:dynamodb.eu-central-1.amazonaws.com
x-amz-security-token:token-planted
'"""


def test_no_error_repeats_the_request(caplog: pytest.LogCaptureFixture) -> None:
    answer = refusal("InvalidSignatureException", message=COMPLAINT)
    with client(answering(answer)) as (opened, _, _), pytest.raises(AwsError) as failed:
        run(opened.call("GetItem", {"Key": "key-planted"}))
    assert str(failed.value) == f"GetItem: InvalidSignatureException: {COMPLAINT.partition(chr(10))[0]}"
    shown: list[Any] = [failed.value, failed.value.__cause__, opened, CREDENTIALS, caplog.text, vars(failed.value)]
    assert [each for each in shown if "planted" in f"{each} {each!r}".replace("AKIDPLANTED", "")] == []
