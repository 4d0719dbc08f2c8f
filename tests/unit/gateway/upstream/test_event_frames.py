"""AWS's event stream: its messages become frames, however the bytes are cut, and what is broken is told."""

from __future__ import annotations

import json
import subprocess
import sys
from binascii import crc32
from itertools import pairwise
from struct import pack

import pytest
from gateway.upstream.framing import Framing
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.errors import ApiError

from tests.running import ROOT
from tests.upstreams.converse import START, Json, call, end, event_frame, frame, text

EVENTS: list[Json] = [
    START,
    *text(0, "Hé", "llo"),
    *call(1, '{"a":1}'),
    *end("tool_use"),
    {"throttlingException": {"message": "Too many tokens."}},
]
STREAM = b"".join(event_frame(event) for event in EVENTS)


def read(*pieces: bytes) -> list[Json]:
    framing = Framing()
    frames = [told for piece in pieces for told in framing.feed(piece)]
    return [json.loads(told) for told in frames + framing.close()]


def test_events_and_exceptions_are_frames_under_their_names() -> None:
    assert read(STREAM) == EVENTS


@pytest.mark.failure_mode(43)
@given(st.lists(st.integers(0, len(STREAM)), max_size=6))
def test_cuts_are_invisible(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    assert read(*(STREAM[a:b] for a, b in pairwise(places))) == EVENTS


def test_what_has_no_end_is_no_message() -> None:
    assert read(STREAM[:-1]) == EVENTS[:-1]


def test_a_message_without_a_body_holds_nothing() -> None:
    assert read(frame({":event-type": "messageStart", ":message-type": "event"}, b"")) == [{"messageStart": {}}]


def test_an_error_of_the_transport_is_told_by_its_headers() -> None:
    told = {":message-type": "error", ":error-code": "InternalError", ":error-message": "Oh."}
    assert read(frame(told, b"")) == [{"error": {"code": "InternalError", "message": "Oh."}}]


def of_lengths(total: int, headers: int) -> bytes:
    """The beginning of a message whose lengths are checked, and otherwise anything."""
    prelude = pack("!II", total, headers)
    return prelude + pack("!I", crc32(prelude)) + b"\0" * 64


@pytest.mark.parametrize(
    "broken",
    [
        STREAM[:8] + b"xxxx" + STREAM[12:],
        STREAM[:40] + b"x" + STREAM[41:],
        frame({":message-type": "event"}, b"{}"),
        frame({":event-type": "a"}, b"{}"),
        of_lengths(0, 0),
        of_lengths(20, 2**31),
        of_lengths(2**23, 2**20),
    ],
    ids=["prelude", "checksum", "no-name", "no-kind", "no-length", "headers-beyond-the-end", "headers-too-long"],
)
def test_what_is_broken_is_told(broken: bytes) -> None:
    with pytest.raises(ApiError, match="the upstream sent an event stream that is broken"):
        read(broken)


@given(st.binary(max_size=60))
def test_whatever_follows_ends_in_frames_or_an_error(noise: bytes) -> None:
    framing = Framing()
    try:
        framing.feed(b"\0" + noise)
    except ApiError as error:
        assert "broken" in error.message  # noqa: PT017 -- it may be raised, and need not


def test_nothing_of_aws_is_loaded_for_other_streams() -> None:
    script = (
        "import sys; from gateway.upstream.framing import Framing; Framing().feed(b'data: 1\\n\\n');"
        "print('botocore' in sys.modules)"
    )
    path = ":".join(str(ROOT / "layers" / name) for name in ("runtime", "translator", "gateway"))
    told = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": path}, capture_output=True, check=True)
    assert told.stdout == b"False\n"
