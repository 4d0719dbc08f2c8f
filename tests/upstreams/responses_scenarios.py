"""Answers of Responses by name: every stream of the vectors that needs nothing special of the request.

They are called `codex-…`, because that is a model's name by which the gateway asks a server for Responses at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from tests.upstreams.answers import Answer, Send, Stream
from tests.upstreams.expected import Answered, BrokenOff, Outcome, Refused
from tests.upstreams.responses import Json, begun, ended, text_events
from tests.upstreams.shapes import MOMENT
from tests.vectors.responses.streams import CASES, HERE, StreamCase

CODEX = "codex-"


def stream(events: Iterable[Json | str]) -> Stream:
    """The events as a server sends them, each under its name too."""
    return Stream(tuple(Send(_encoded(event)) for event in events))


def said(words: str) -> Stream:
    """An ordinary answer."""
    return stream([begun(), *text_events(0, words), ended()])


def _encoded(event: Json | str) -> bytes:
    if isinstance(event, str):
        return f"data: {event}\n\n".encode()
    return f"event: {event.get('type', 'message')}\ndata: {json.dumps(event)}\n\n".encode()


def _is_ordinary(case: StreamCase) -> bool:
    asks_for_more = case.stop_sequences or case.display != "shown" or not case.takes_asides
    return not asks_for_more and case.traits is HERE and case.most_tokens == 1000


def _outcome(case: StreamCase) -> Outcome:
    if case.stop_reason is not None:
        return Answered(case.stop_reason)
    error_type, _ = case.error or ("api_error", "")
    return BrokenOff(error_type) if case.before else Refused(error_type)


def _answer(case: StreamCase) -> Stream:
    """What is broken off is so after a moment, in which the caller gets what came before."""
    whole = stream(case.events)
    return Stream((*whole.steps[:-1], *MOMENT, whole.steps[-1])) if case.before else whole


_PLAYED = [case for case in CASES if _is_ordinary(case)]
RESPONSES: Mapping[str, Answer] = {f"{CODEX}{case.id}": _answer(case) for case in _PLAYED}
RESPONSES_OUTCOMES: Mapping[str, Outcome] = {f"{CODEX}{case.id}": _outcome(case) for case in _PLAYED}
