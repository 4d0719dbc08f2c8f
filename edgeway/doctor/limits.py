"""Checks how large a request may be, how many may come at once, and what AWS answers beyond."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx

from edgeway.doctor.access import HELLO, MODELS, shape_faults
from edgeway.doctor.deployment import Answer, Deployment
from edgeway.doctor.findings import Finding, judged

MEGABYTE: Final = 1_000_000
SIZES: Final = (1.0, 4.0, 5.5, 6.5, 11.0)
"""Lambda takes 6 MB with the event around the body, API Gateway 10 MB."""
MUST_ARRIVE: Final = 4.0
TOO_MANY: Final = 429
BURST_THREADS: Final = 32


def takes_bodies(deployment: Deployment) -> list[Finding]:
    """Check sizes of bodies. The function refuses each of these requests, so that no model is paid."""
    return [_body_of(deployment, size) for size in SIZES]


def _body_of(deployment: Deployment, size: float) -> Finding:
    check = f"a request of {size:g} MB"
    try:
        answer = deployment.ask("POST", "/v1/messages", refused_request(int(size * MEGABYTE)))
    except httpx.HTTPError as error:
        found = f"no answer: {type(error).__name__}"
        return Finding(check, "failed" if size <= MUST_ARRIVE else "noted", found, "Callers see a broken connection.")
    return size_finding(check, size, answer)


def refused_request(size: int) -> bytes:
    """Return a body of this many bytes, with a max_tokens that every gateway refuses."""
    body = {"model": "gpt-5", **HELLO, "max_tokens": -1, "system": ""}
    padding = size - len(json.dumps(body).encode())
    return json.dumps({**body, "system": "x" * padding}).encode()


def size_finding(check: str, size: float, answer: Answer) -> Finding:
    """Tell whether the body arrived, or else who refused it and in which shape."""
    refused = answer.error.get("type")
    if answer.status == 400 and refused == "invalid_request_error" and "max_tokens" in answer.error.get("message", ""):
        return Finding(check, "passed", f"arrived at the function, in {answer.seconds:.2f} s")
    if size <= MUST_ARRIVE:
        return Finding(
            check, "failed", answer.summary(), "It should arrive: look at the access log for who refused it."
        )
    if not shape_faults(answer, 413, "request_too_large"):
        return Finding(check, "passed", "refused with 413 request_too_large, which clients understand")
    return Finding(check, "noted", f"refused by AWS: {answer.summary()}", "See docs/limits.md for the way out.")


def throttles(deployment: Deployment, requests: int) -> list[Finding]:
    """Check the shape of a usage plan's refusal. It takes a burst to see one."""
    with ThreadPoolExecutor(BURST_THREADS) as pool:
        answers = list(pool.map(lambda _: deployment.ask("GET", MODELS), range(requests)))
    return [throttle_finding(answers)]


def throttle_finding(answers: list[Answer]) -> Finding:
    """Describe the first refusal, if there was one."""
    check = "a throttled request is a 429"
    refused = [answer for answer in answers if answer.status == TOO_MANY]
    other = [answer for answer in answers if answer.status not in (200, TOO_MANY)]
    found = f"{len(refused)} of {len(answers)} requests were throttled"
    if other:
        return Finding(check, "failed", f"{found}; one was a {other[0].summary()}", "Look at the access log.")
    if not refused:
        return Finding(check, "noted", found, "Use a key of the plan free, or a larger --burst.")
    faults = shape_faults(refused[0], TOO_MANY, "rate_limit_error")
    if not refused[0].headers.get("retry-after"):
        faults.append("no retry-after")
    return judged(check, faults, found, "Look at THROTTLED under GatewayResponses in template.yaml.")
