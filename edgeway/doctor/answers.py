"""Checks answers: whole, streamed, and those for which no model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from edgeway.doctor.access import HELLO
from edgeway.doctor.deployment import Arrival, Deployment, Json, Stream
from edgeway.doctor.findings import Finding, judged

ASKED_FOR_BY_CLIENTS: Final = "claude-sonnet-4-20250514"
MODELS_LIMIT: Final = 3.0
"""Seconds that Claude Code waits for the list of models."""
APART: Final = 0.2
"""Of the time that a stream takes, at least this part lies between its first event and its last."""
TELLING_SECONDS: Final = 0.3
"""A stream that is over sooner may well arrive at once."""
LONG: Final = 30.0
"""Seconds after which something may cut: at 29 without a timeout of its own, at 30 idle where edge-optimised."""
LONGEST_SILENCE: Final = 15.0
"""Seconds between two events: a ping every ten, and some for the way."""
COUNT: Final = "Count from 1 to 60 in words, one number per line, and nothing else."
PONDER: Final = (
    "Prove in full detail that there are infinitely many primes of the form 4n + 3, then those of the form 6n + 5."
)


def finds_a_model(deployment: Deployment) -> tuple[str, list[Finding]]:
    """Find a model: the first of the list, or a claude id, which the default model answers.

    Check the time of the list.
    """
    answers = [deployment.ask("GET", "/v1/models?limit=1000") for _ in range(2)]
    models = [str(model.get("id")) for model in answers[0].json.get("data") or ()]
    times = ", ".join(f"{answer.seconds:.2f} s" for answer in answers)
    faults = [f"{answer.seconds:.2f} s" for answer in answers if answer.seconds > MODELS_LIMIT]
    advice = f"Clients give up after {MODELS_LIMIT:.0f} s. More memory for ModelsFunction makes it start faster."
    findings = [judged("GET /v1/models is fast, cold and warm", faults, times, advice)]
    set_key = "Is no provider's key set? `edgeway providers set openai --stack NAME`, and wait for five minutes."
    some = Finding("models are listed", "passed", f"{len(models)}, the first {models[0]}") if models else None
    findings.append(some or Finding("models are listed", "noted", "none", set_key))
    return (models[0] if models else ASKED_FOR_BY_CLIENTS), findings


def counts_tokens(deployment: Deployment, model: str) -> list[Finding]:
    """Check token counting. Claude Code counts before each turn; counting is free."""
    answer = deployment.ask("POST", "/v1/messages/count_tokens", {"model": model, "messages": HELLO["messages"]})
    tokens = answer.json.get("input_tokens")
    faults = [] if isinstance(tokens, int) and tokens > 0 else [answer.summary()]
    return [
        judged(
            "tokens are counted", faults, f"{tokens} tokens in {answer.seconds:.2f} s", "Look at CountTokensFunction."
        )
    ]


def answers_whole(deployment: Deployment, model: str) -> list[Finding]:
    """Check a whole message."""
    answer = deployment.ask("POST", "/v1/messages", {"model": model, **HELLO, "max_tokens": 64})
    faults = [] if answer.json.get("type") == "message" else [answer.summary()]
    if not answer.headers.get("request-id"):
        faults.append("no request-id")
    found = f"{answer.headers.get('x-edgeway-model', model)}, {answer.summary()}"
    said = str(answer.error.get("message") or "Look at the log of MessagesFunction.")
    return [judged("a whole answer", faults, found, said)]


def streams(deployment: Deployment, model: str, prompt: str) -> list[Finding]:
    """Check a stream, above all that events leave when they are made."""
    streamed = deployment.stream(asking(model, prompt, max_tokens=600))
    return [protocol(streamed), apartness(streamed.arrivals)]


def protocol(streamed: Stream) -> Finding:
    """Check status, type and frame of the stream."""
    events = [arrival.event for arrival in streamed.arrivals]
    faults = [] if streamed.status == 200 else [f"status {streamed.status}"]
    if not streamed.headers.get("content-type", "").startswith("text/event-stream"):
        faults.append(f"content-type {streamed.headers.get('content-type')}")
    if not streamed.headers.get("request-id"):
        faults.append("no request-id")
    if streamed.broke:
        faults.append(f"broke off: {streamed.broke}")
    elif events[:1] != ["message_start"] or events[-1:] != ["message_stop"]:
        faults.append(f"begins with {events[:1]}, ends with {events[-1:]}")
    advice = "A stream without a body is one that API Gateway buffers: look at ResponseTransferMode in template.yaml."
    return judged("a stream begins and ends as it should", faults, f"{len(events)} events", advice)


def apartness(arrivals: Sequence[Arrival]) -> Finding:
    """Tell whether the events arrived one after the other, or were held back and came together."""
    check = "events arrive one by one"
    if not arrivals:
        return Finding(check, "skipped", "there was no event")
    first, last = arrivals[0].seconds, arrivals[-1].seconds
    found = f"the first of {len(arrivals)} after {first:.2f} s, the last after {last:.2f} s"
    if last < TELLING_SECONDS:
        return Finding(check, "noted", found, "Too quick to tell: choose a slower --model, or a longer --prompt.")
    faults = [] if last - first >= APART * last else [f"all at once: {found}"]
    return judged(
        check,
        faults,
        found,
        "Something on the way buffers: ResponseTransferMode must be RESPONSE_STREAM, STREAMING_MODE stream, "
        "and no proxy may lie before the API.",
    )


def streams_long(deployment: Deployment, model: str, prompt: str) -> list[Finding]:
    """Check a stream of more than half a minute, at which idle or untimed streams are cut, with pings in silence."""
    return [endurance(deployment.stream(asking(model, prompt, max_tokens=8000)))]


def endurance(streamed: Stream) -> Finding:
    """Tell whether the stream lasted, and no silence was too long."""
    check = f"a stream goes on for more than {LONG:.0f} s, with pings"
    times = [0.0, *(arrival.seconds for arrival in streamed.arrivals)]
    silence = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    pings = sum(arrival.event == "ping" for arrival in streamed.arrivals)
    found = f"{times[-1]:.0f} s, {pings} pings, the longest silence {silence:.1f} s"
    faults = [f"broke off: {streamed.broke}"] if streamed.broke else []
    if silence > LONGEST_SILENCE:
        faults.append(f"silent for {silence:.1f} s")
    if not faults and times[-1] < LONG:
        return Finding(check, "noted", found, "Too quick to tell: choose a slower --model, or a longer --prompt.")
    return judged(check, faults, found, "Look at TimeoutInMillis and EndpointConfiguration in template.yaml.")


def asking(model: str, prompt: str, *, max_tokens: int) -> Json:
    """Return a request with one prompt."""
    return {"model": model, "max_tokens": max_tokens, "messages": [{"role": "user", "content": prompt}]}
