"""Runs all checks in order. What cannot be reached is told once, and its checks are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import httpx

from edgeway.doctor import access, answers, limits
from edgeway.doctor.deployment import Deployment
from edgeway.doctor.findings import Finding

Checks = Callable[[], list[Finding]]


@dataclass(frozen=True, slots=True)
class Wishes:
    """The operator's wishes for the examination."""

    model: str | None = None
    """The model to ask. Default: the first of the list."""
    prompt: str | None = None
    long: bool = False
    burst: int = 0
    """The number of requests to send at once, to be throttled."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The way a check waits and says so."""

    pause: Callable[[float], None]
    told: Callable[[str], None]


def examine(deployment: Deployment, wishes: Wishes, patience: Patience) -> Iterator[Finding]:
    """Yield every finding at once. Raises httpx's errors where the gateway cannot be reached at all."""
    yield from access.answers_without_a_key(deployment)
    yield from access.waits_for_the_key(deployment, patience.pause, patience.told)
    entered = access.takes_either_header(deployment)
    yield from entered
    yield from _guarded("refusals", partial(access.refuses_other_keys, deployment))
    yield from _guarded("unknown routes", partial(access.knows_no_other_route, deployment))
    if any(finding.verdict == "failed" for finding in entered):
        yield Finding("everything that needs a key", "skipped", "the key is not taken by both headers")
        return
    yield from _guarded("request ids", partial(access.names_each_request, deployment))
    yield from _guarded("alarming prompts", partial(access.takes_prompts_as_they_are, deployment))
    yield from _guarded("request sizes", partial(limits.takes_bodies, deployment))
    model, found = answers.finds_a_model(deployment)
    yield from found
    yield from _with_model(deployment, wishes.model or model, wishes)
    if wishes.burst:
        yield from _guarded("throttling", partial(limits.throttles, deployment, wishes.burst))
    else:
        yield Finding("a throttled request is a 429", "skipped", "not provoked", "Ask for it: --burst 50")


def _with_model(deployment: Deployment, model: str, wishes: Wishes) -> Iterator[Finding]:
    yield from _guarded("counting tokens", partial(answers.counts_tokens, deployment, model))
    whole = _guarded("a whole answer", partial(answers.answers_whole, deployment, model))
    yield from whole
    if any(finding.verdict == "failed" for finding in whole):
        yield Finding("everything that streams", "skipped", "there is no whole answer")
        return
    yield from _guarded("a stream", partial(answers.streams, deployment, model, wishes.prompt or answers.COUNT))
    if wishes.long:
        prompt = wishes.prompt or answers.PONDER
        yield from _guarded("a long stream", partial(answers.streams_long, deployment, model, prompt))
    else:
        yield Finding("a stream of more than 30 s", "skipped", "not asked for", "Ask for it, with a slow model: --long")


def _guarded(what: str, checks: Checks) -> list[Finding]:
    """Turn a broken connection into a finding."""
    try:
        return checks()
    except httpx.HTTPError as error:
        return [Finding(what, "failed", f"{type(error).__name__}: {error}", "The connection broke: try again.")]
