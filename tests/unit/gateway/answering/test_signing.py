"""Requests that are signed: each anew over its own bytes, at the dialect's address; and what if nobody can sign."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.access.key_records import KeyRecord
from gateway.aws.signing import Signer
from gateway.aws.types import AwsError
from gateway.routing.providers import ConfiguredProvider
from gateway.routing.resolve import Candidate
from translator.anthropic.events import encode_json

from tests.unit.gateway.fakes import FakeAnswer, Harness, again, candidate, fine


@dataclass(slots=True)
class FakeSigner:
    """Remembers what it has signed."""

    signed: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def headers(self, url: str, body: bytes = b"", *, method: str = "POST") -> dict[str, str]:
        self.signed.append((method, url, body))
        return {"authorization": f"signature {len(self.signed)}"}


class Nobody:
    """Has no credentials."""

    async def headers(self, url: str, body: bytes = b"", *, method: str = "POST") -> dict[str, str]:
        raise AwsError("credentials", "NoCredentials", "no AWS credentials are found")


def signed_by(signer: Signer, **changes: object) -> Candidate:
    found = candidate("one", "model")
    configured: ConfiguredProvider = replace(found.provider, key=None, signer=signer, **changes)  # type: ignore[arg-type]
    return replace(found, provider=configured)


@dataclass(slots=True)
class Asking(Harness):
    """Asks these."""

    candidates: tuple[Candidate, ...] = ()

    async def _route(self, _model: str, _key: KeyRecord) -> list[Candidate]:
        return list(self.candidates)


def test_each_attempt_is_signed_over_its_own_bytes_at_the_address_of_its_dialect() -> None:
    signer = FakeSigner()
    endpoints: Mapping[str, str] = {"chat": "https://one.example.com/openai/v1"}
    first = signed_by(signer, endpoints=endpoints, headers={"x-workspace": "w"})
    complaint = {"message": "Unsupported parameter: temperature", "param": "temperature"}
    refused = FakeAnswer([], 400, body=json.dumps({"error": complaint}).encode())
    asking = Asking([refused, fine()], candidates=(first,))
    assert asking.ask(temperature=0.5).status == 200
    url = "https://one.example.com/openai/v1/chat/completions"
    calls = asking.upstream.calls
    assert [(call.url, call.headers) for call in calls] == [
        (url, {"x-workspace": "w", "authorization": "signature 1"}),
        (url, {"x-workspace": "w", "authorization": "signature 2"}),
    ]
    assert signer.signed == [("POST", url, encode_json(call.body)) for call in calls]
    assert ["temperature" in call.body for call in calls] == [True, False]


def test_without_credentials_the_next_one_is_asked() -> None:
    asking = Asking([fine()], candidates=(signed_by(Nobody()), candidate("two", "model")))
    assert asking.ask().status == 200
    assert [call.url for call in asking.upstream.calls] == ["https://two.example.com/v1/chat/completions"]


def test_where_there_is_no_next_one_the_operator_is_told() -> None:
    answer = Asking([], candidates=(signed_by(Nobody()),)).ask()
    assert (answer.status, answer.json()["error"]) == (
        500,
        {"type": "api_error", "message": "One cannot be asked: no AWS credentials are found"},
    )


def host_of_claude(**facts: object) -> Candidate:
    """One that follows Anthropic's own API later."""
    found = candidate("one", "model", is_native=True)
    provider = replace(found.provider.provider, **facts)  # type: ignore[arg-type]
    return replace(found, provider=replace(found.provider, provider=provider))


SPEED = FakeAnswer([], 400, body=b'{"message": "speed: Extra inputs are not permitted"}')
BETA = FakeAnswer([], 400, body=b'{"message": "invalid beta flag"}')
MESSAGE = FakeAnswer([['{"type":"message","stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}']])


def test_what_it_refuses_is_taken_out_told_and_remembered() -> None:
    asking = Asking([SPEED, again(MESSAGE), again(MESSAGE)], candidates=(host_of_claude(ids="runtime"),))
    first, second = asking.ask(speed="fast"), asking.ask(speed="fast")
    assert [answer.status for answer in (first, second)] == [200, 200]
    assert [answer.headers["x-edgeway-dropped"] for answer in (first, second)] == ["speed", "speed"]
    assert ["speed" in call.body for call in asking.upstream.calls] == [True, False, False]


def test_betas_of_which_none_is_named_are_all_taken_out() -> None:
    asking = Asking([BETA, again(MESSAGE)], candidates=(host_of_claude(ids="runtime"),))
    answer = asking.ask(headers={"anthropic-beta": "one-2027-01-01,two-2027-01-01"})
    assert answer.headers["x-edgeway-dropped"] == "anthropic-beta:one-2027-01-01,anthropic-beta:two-2027-01-01"
    assert ["anthropic-beta" in call.headers for call in asking.upstream.calls] == [True, False]


def test_anthropics_own_refusal_is_the_callers() -> None:
    answer = Asking([SPEED], candidates=(host_of_claude(),)).ask(speed="fast")
    assert (answer.status, answer.json()["error"]["message"]) == (400, "speed: Extra inputs are not permitted")
