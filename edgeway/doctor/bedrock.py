"""Checks Amazon Bedrock: credentials, the account's models, and one answer of Claude's."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Final

import httpx
from gateway.access.key_records import KeyRecord
from gateway.answering.upstream_request import place_of_aws
from gateway.aws.bedrock_models import AccountModels
from gateway.aws.types import AwsError
from gateway.routing.directory import open_directory
from gateway.routing.resolve import Candidate
from gateway.settings import read_settings
from translator.anthropic.errors import ApiError
from translator.refusal.aws import read_aws_error

from edgeway.aws.bedrock import aws_environment
from edgeway.doctor.findings import Finding

MODEL: Final = "claude-haiku-4-5"
SECONDS: Final = 60.0

_ACCESS: Final = "AWS credentials and Region"
_LISTS: Final = "the models of the account"
_ANSWER: Final = "an answer of Claude's"
_ALLOW: Final = "Allow bedrock:ListFoundationModels and ListInferenceProfiles; until then our own list is tried."
_NO_CLAUDE: Final = "Submit the use case on a Claude model's page in the Bedrock console, or call another Region."
_ANYBODY: Final = KeyRecord(id="doctor", name="doctor", hint="", created=0)


def examine_bedrock(model: str, environment: Mapping[str, str]) -> list[Finding]:
    """Return the findings. One small request goes to the model."""
    try:
        complete = {**environment, **aws_environment(environment, bedrock=True)}
        return asyncio.run(_examine(model, complete))
    except (ValueError, ApiError) as error:
        return [Finding(_ACCESS, "failed", "Bedrock cannot be asked", str(error))]


async def _examine(model: str, complete: Mapping[str, str]) -> list[Finding]:
    directory = open_directory(read_settings(complete), complete, clock=time.monotonic)
    candidate = (await directory.route(f"bedrock/{model}", _ANYBODY))[0]
    signing = candidate.provider.signing
    if signing is None:
        found = [Finding(_ACCESS, "passed", f"an API key, at {candidate.base_url}")]
    else:
        found = [
            Finding(_ACCESS, "passed", f"AWS credentials, in {signing.region}"),
            await _lists(candidate, signing.region, complete),
        ]
    return [*found, await _answer(candidate)]


async def _lists(candidate: Candidate, region: str, environment: Mapping[str, str]) -> Finding:
    ids = await AccountModels(environment, clock=time.monotonic).ids(region, candidate.provider)
    if ids is None:
        return Finding(_LISTS, "noted", "cannot be read", _ALLOW)
    claude = sum("anthropic.claude" in each for each in ids)
    return Finding(_LISTS, "passed" if claude else "failed", f"{len(ids)}, {claude} of them Claude's", _NO_CLAUDE)


async def _answer(candidate: Candidate) -> Finding:
    url = f"{candidate.provider.endpoint('anthropic')}/messages"
    asked = {"model": candidate.model, "max_tokens": 16, "messages": [{"role": "user", "content": "Say hello."}]}
    body = json.dumps(asked).encode()
    told = {"content-type": "application/json", "anthropic-version": "2023-06-01"}
    began = time.monotonic()
    try:
        signed = await candidate.provider.request_headers(url, body, dialect="anthropic")
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            answer = await client.post(url, content=body, headers={**told, **signed})
    except (httpx.HTTPError, AwsError) as error:
        return Finding(_ANSWER, "failed", f"{url} cannot be asked", f"{type(error).__name__}: {error}")
    if answer.status_code == httpx.codes.OK:
        return Finding(_ANSWER, "passed", f"{candidate.model} in {time.monotonic() - began:.2f} s")
    refused = read_aws_error(answer.status_code, answer.headers, answer.content, place_of_aws(candidate))
    said = answer.text[:200] if refused is None else refused.message
    return Finding(_ANSWER, "failed", f"{candidate.model}: status {answer.status_code}", said)
