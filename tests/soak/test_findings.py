"""The soak run finds what it looks for: a run that cannot fail would say nothing."""

from __future__ import annotations

import json

import pytest

from tests.laws import Event
from tests.load.callers import Answer
from tests.load.play import Play
from tests.soak.callers import Tally
from tests.soak.watching import Rest, Sample, growth, lost

TWO = Play(2)
SECOND = 1_000_000_000
USAGE = {"input_tokens": 3, "output_tokens": 2, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "content": list[object](),
    "stop_reason": None,
    "usage": USAGE,
}
DELTAS = [
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}} for text in ("a ", "b ")
]
LAWFUL: list[Event] = [
    {"type": "message_start", "message": MESSAGE},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    *DELTAS,
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None, "stop_details": None},
        "usage": USAGE,
    },
    {"type": "message_stop"},
]


def answer(events: list[Event], *, asked: int = 0, ended: int = 1, complete: bool = True) -> Answer:
    body = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]
    return Answer(asked=asked, ended=ended, status=200, deltas=2, body=body, is_complete=complete)


@pytest.mark.parametrize(
    ("got", "problem"),
    [
        (answer(LAWFUL), None),
        (answer(LAWFUL[:3] + LAWFUL[4:]), "1 words of 2"),
        (answer([*LAWFUL[:4], *LAWFUL[5:]]), "unlawful: every block is closed"),
        (answer(LAWFUL, complete=False), "cut"),
        (Answer(status=529, is_complete=True), "status 529"),
    ],
)
def test_a_stream_is_judged(got: Answer, problem: str | None) -> None:
    tally = Tally()
    tally.judge(got, TWO, "finished")
    assert dict(tally.problems) == ({f"finished: {problem}": 1} if problem else {})
    assert dict(tally.counts) == ({} if problem else {"finished": 1})


@pytest.mark.parametrize(
    ("asked", "ended", "is_excused"),
    [(1, 11, True), (10, 11, True), (1, 9, False), (12, 13, False), (1, 14, False)],
    ids=["cut by it", "asked while it died", "cut before it", "asked after it", "cut long after it"],
)
def test_a_stream_that_is_cut_is_excused_by_the_death_of_its_process(asked: int, ended: int, is_excused: bool) -> None:
    tally = Tally(killed=10 * SECOND, gone=11 * SECOND)
    tally.judge(answer([], asked=asked * SECOND, ended=ended * SECOND, complete=False), TWO, "finished")
    assert (dict(tally.counts), dict(tally.problems)) == (
        ({"lost with the process": 1}, {}) if is_excused else ({}, {"finished: cut": 1})
    )


@pytest.mark.parametrize(
    ("ended", "excused"), [(9, 0), (11, 2), (14, 1)], ids=["before it", "while it died", "long after it"]
)
def test_a_connection_that_fails_is_excused_by_the_death_of_its_process(ended: int, excused: int) -> None:
    tally = Tally(killed=10 * SECOND)
    tally.judge_failure(ConnectionResetError(), 9 * SECOND, ended * SECOND)
    tally.gone = 11 * SECOND
    tally.judge_failure(ConnectionResetError(), 9 * SECOND, ended * SECOND)
    assert (tally.counts["lost with the process"], tally.problems["ConnectionResetError"]) == (excused, 2 - excused)


def test_a_process_that_grows_is_found() -> None:
    steady = [Sample(at / 100, 1, 50 + at % 7) for at in range(100)]
    growing = [Sample(at / 100, 2, 50 + at) for at in range(100)]
    replaced = [Sample(at / 100, 3, 50) for at in range(20)]
    assert growth([*steady, *replaced]) == []
    assert growth([*steady, *growing]) == ["a process has grown from 102 to 142 MB"]


def test_what_is_kept_is_found() -> None:
    rest = Rest(descriptors=20, upstream_connections=4, tasks=7)
    assert lost([rest, rest], [rest, Rest(19, 100, 7)]) == []
    assert lost([rest, rest], [Rest(21, 101, 8)]) == [
        "1 processes serve, not 2",
        "21 descriptors are open, 20 were at the start",
        "8 tasks are left, 7 were at the start",
        "101 connections to the upstream are kept",
    ]
