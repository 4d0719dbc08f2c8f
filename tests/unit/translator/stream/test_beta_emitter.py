"""Beta's streams: the same events, and the fields that only its half of the description has."""

from __future__ import annotations

from typing import Any

from translator.anthropic.events import Usage
from translator.stream.beta_emitter import BetaEmitter
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold

from tests.laws import check
from tests.vectors import official

EVENTS: dict[str, Any] = {"context_management": None}
USAGE: dict[str, Any] = {"fallback_credit": None, "iterations": None}
MESSAGE: dict[str, Any] = {"context_management": None, "diagnostics": None}


def events_of(kind: type[Emitter], *, says: str) -> list[Any]:
    emitter = kind(message_id="msg_1", model="m", input_tokens=3)
    events: list[Any] = list(emitter.text(says))
    emitter.usage(Usage(input_tokens=3, output_tokens=2))
    emitter.finish("end_turn")
    return events + emitter.close()


def test_the_first_event_and_the_last_but_one_hold_more() -> None:
    for says in ("", "Hello"):
        plain, beta = events_of(Emitter, says=says), events_of(BetaEmitter, says=says)
        check(beta)
        first, end = plain[0], plain[-2]
        assert (first["type"], end["type"]) == ("message_start", "message_delta")
        usage = {**first["message"]["usage"], **USAGE, "speed": None}
        assert beta == [
            {**first, "message": {**first["message"], **MESSAGE, "usage": usage}},
            *plain[1:-2],
            {**end, **EVENTS, "usage": {**end["usage"], **USAGE}},
            plain[-1],
        ]


def test_the_whole_answer_has_every_field_that_beta_requires() -> None:
    fold = Fold()
    fold.feed(events_of(BetaEmitter, says="Hello"))
    message: Any = fold.message
    assert set(official.schemas()["BetaMessage"]["required"]) <= set(message)
    assert set(official.schemas()["BetaUsage"]["required"]) <= set(message["usage"])
