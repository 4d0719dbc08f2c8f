"""The models of an account: what is asked, what of the lists can be asked for, and what if there is no list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from gateway.aws.bedrock_models import MAX_AGE, MAX_AGE_OF_NOTHING, AccountModels
from gateway.aws.types import AwsError

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.raw_server import Peer, Script, Server, serving, whole

TEXT = {"inputModalities": ["TEXT"], "outputModalities": ["TEXT"], "inferenceTypesSupported": ["ON_DEMAND"]}
MODELS = [
    {"modelId": "qwen.qwen3-32b-v1:0", **TEXT},
    {"modelId": "amazon.titan-embed", **TEXT, "outputModalities": ["EMBEDDING"]},
    {"modelId": "amazon.nova-sonic", **TEXT, "inputModalities": ["SPEECH"]},
    {"modelId": "anthropic.claude-opus-5", **TEXT, "inferenceTypesSupported": ["INFERENCE_PROFILE"]},
]
FIRST = [{"inferenceProfileId": "eu.anthropic.claude-opus-5", "status": "ACTIVE"}]
SECOND = [
    {"inferenceProfileId": "global.anthropic.claude-opus-5", "status": "ACTIVE"},
    {"inferenceProfileId": "eu.anthropic.claude-gone", "status": "LEGACY"},
]
IDS = ("qwen.qwen3-32b-v1:0", "eu.anthropic.claude-opus-5", "global.anthropic.claude-opus-5")


class Signing:
    """Remembers what it has signed."""

    def __init__(self, failure: AwsError | None = None) -> None:
        self.signed: list[str] = []
        self.failure = failure

    async def request_headers(self, url: str, body: bytes = b"", *, method: str = "POST") -> Mapping[str, str]:
        if self.failure is not None:
            raise self.failure
        self.signed.append(f"{method} {url}")
        return {"authorization": "signed"}


def answering(pages: Mapping[str, Any]) -> Script:
    """Give each path its page; a text is no JSON."""

    def script(peer: Peer) -> None:
        while peer.request():
            page = pages.get(peer.requests[-1].decode().split(" ")[1])
            status = b"200 OK" if page is not None else b"403 Forbidden"
            peer.send(whole(page.encode() if isinstance(page, str) else json.dumps(page).encode(), status=status))

    return script


PAGES = {
    "/foundation-models": {"modelSummaries": MODELS},
    "/inference-profiles?maxResults=1000": {"inferenceProfileSummaries": FIRST, "nextToken": "a/b="},
    "/inference-profiles?maxResults=1000&nextToken=a%2Fb%3D": {"inferenceProfileSummaries": SECOND},
}


def account(server: Server, clock: Clock) -> AccountModels:
    return AccountModels({"AWS_ENDPOINT_URL_BEDROCK": server.url}, clock=clock)


def test_the_lists_are_asked_page_by_page_and_remembered() -> None:
    clock, signing = Clock(0.0), Signing()
    with serving(answering(PAGES)) as server:
        models = account(server, clock)
        assert run(models.ids("eu-west-1", signing)) == IDS
        assert sorted(signing.signed) == sorted(f"GET {server.url}{path}" for path in PAGES)
        clock.now = MAX_AGE - 1
        assert run(models.ids("eu-west-1", signing)) == IDS
        assert len(signing.signed) == 3
        clock.now = MAX_AGE
        assert run(models.ids("eu-west-1", signing)) == IDS
        assert len(signing.signed) == 6


@pytest.mark.parametrize(
    "pages",
    [
        {},
        {**PAGES, "/foundation-models": "<html>"},
        {**PAGES, "/foundation-models": []},
        {**PAGES, "/foundation-models": {"modelSummaries": [{}]}},
        {**PAGES, "/foundation-models": {"modelSummaries": ["x"]}},
        {**PAGES, "/inference-profiles?maxResults=1000": {"inferenceProfileSummaries": FIRST, "nextToken": 1}},
    ],
)
def test_where_there_is_no_list_nothing_is_known(pages: Mapping[str, Any]) -> None:
    with serving(answering(pages)) as server:
        assert run(account(server, Clock(0.0)).ids("eu-west-1", Signing())) is None


def test_a_list_that_ends_nowhere_is_cut() -> None:
    endless = {"inferenceProfileSummaries": FIRST, "nextToken": "x"}
    again = "/inference-profiles?maxResults=1000&nextToken=x"
    with serving(answering({**PAGES, "/inference-profiles?maxResults=1000": endless, again: endless})) as server:
        assert len(run(account(server, Clock(0.0)).ids("eu-west-1", Signing())) or ()) == 1 + 10


def test_without_credentials_or_an_answer_what_was_known_stays() -> None:
    clock = Clock(0.0)
    with serving(answering(PAGES)) as server:
        models = account(server, clock)
        assert run(models.ids("eu-west-1", Signing())) == IDS
        nobody = Signing(AwsError("credentials", "NoCredentials", "none"))
        clock.now = MAX_AGE
        assert run(models.ids("eu-west-1", nobody)) == IDS
        assert run(models.ids("us-east-1", nobody)) is None
        clock.now = MAX_AGE + MAX_AGE_OF_NOTHING
        assert run(models.ids("us-east-1", Signing())) == IDS
