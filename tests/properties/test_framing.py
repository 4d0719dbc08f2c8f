"""Chunking is invisible: however a network cuts the bytes, the events are the same."""

from itertools import pairwise

import pytest
from gateway.upstream.framing import RawFraming
from hypothesis import given
from hypothesis import strategies as st
from translator.server_sent_events import EventStreamDecoder

pytestmark = pytest.mark.failure_mode(43)

payloads = st.text(
    st.sampled_from('aé👩‍🚀\u2028\u2029\x85\ufeff {}:"')
    | st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
noise = st.sampled_from(["", ": a comment", "event: message", "id: 1", "retry: 5"])


@st.composite
def event_streams(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A stream as some server writes it, and the data of its events."""
    end = draw(line_ends)
    events = draw(st.lists(payloads, max_size=5))
    written = ""
    for event in events:
        before = draw(noise)
        written += f"{before}{end}" if before else ""
        written += f"data:{draw(st.sampled_from([' ', ''])) if not event.startswith(' ') else ' '}{event}{end}{end}"
    return written.encode(), events


def decode(pieces: list[bytes]) -> list[str]:
    decoder = EventStreamDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.close()


@given(event_streams())
def test_every_event_arrives(stream: tuple[bytes, list[str]]) -> None:
    written, events = stream
    assert decode([written]) == events


@given(event_streams())
def test_every_single_cut_is_invisible(stream: tuple[bytes, list[str]]) -> None:
    written, events = stream
    for at in range(len(written) + 1):
        assert decode([written[:at], written[at:]]) == events


@given(event_streams(), st.lists(st.integers(0, 500)))
def test_any_cuts_are_invisible(stream: tuple[bytes, list[str]], cuts: list[int]) -> None:
    written, events = stream
    at = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]
    assert decode([written[start:end] for start, end in pairwise(at)]) == events


@given(event_streams())
def test_bytes_one_by_one(stream: tuple[bytes, list[str]]) -> None:
    written, events = stream
    assert decode([bytes([byte]) for byte in written]) == events


@given(st.lists(st.binary(max_size=20)))
def test_no_bytes_break_it(pieces: list[bytes]) -> None:
    assert decode(pieces) == decode([b"".join(pieces)])


@given(event_streams(), st.lists(st.integers(0, 500)))
def test_what_goes_through_is_cut_between_events_and_loses_nothing(
    stream: tuple[bytes, list[str]], cuts: list[int]
) -> None:
    """Joined it is what has arrived; each event by itself is the same event."""
    written, events = stream
    at = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]
    framing = RawFraming()
    frames = [frame for start, end in pairwise(at) for frame in framing.feed(written[start:end])]
    assert b"".join(frames) + b"".join(framing.close()) in (written, written[:-1])  # half a CRLF needs no more
    assert [data for frame in frames for data in decode([frame])] == events
