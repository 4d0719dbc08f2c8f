from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeway.local.web.server_sent_events import WholeEvents


@pytest.mark.parametrize(
    ("pieces", "forwarded", "held"),
    [
        ([b"data: 1\n\n"], [b"data: 1\n\n"], b""),
        ([b"data: 1\n\ndata: 2\n\n"], [b"data: 1\n\ndata: 2\n\n"], b""),
        ([b"data: 1\n\nda", b"ta: 2\n\n"], [b"data: 1\n\n", b"data: 2\n\n"], b""),
        ([b"data: 1\n", b"\n"], [b"", b"data: 1\n\n"], b""),
        ([b"data: 1\r\n\r\nda"], [b"data: 1\r\n\r\n"], b"da"),
        ([b"data: 1\r\n", b"\r", b"\ndata"], [b"", b"", b"data: 1\r\n\r\n"], b"data"),
        ([b"data: 1\r\rda"], [b"data: 1\r\r"], b"da"),
        # A line end of two characters is one line end: no blank line here.
        ([b"data: 1\r\ndata: 2\r\n"], [b""], b"data: 1\r\ndata: 2\r\n"),
        ([b"data: 1"], [b""], b"data: 1"),
    ],
)
def test_only_whole_events_leave(pieces: list[bytes], forwarded: list[bytes], held: bytes) -> None:
    events = WholeEvents()
    assert [events.feed(piece) for piece in pieces] == forwarded
    assert events.close() == held


@given(st.lists(st.text(alphabet="ab\r\n", max_size=8).map(str.encode)))
def test_nothing_is_lost_and_what_left_is_whole(pieces: list[bytes]) -> None:
    events = WholeEvents()
    forwarded = [events.feed(piece) for piece in pieces]
    assert b"".join(forwarded) + events.close() == b"".join(pieces)
    for so_far in range(len(forwarded)):
        left = b"".join(forwarded[: so_far + 1])
        assert not left or left.endswith((b"\n\n", b"\n\r\n", b"\r\r"))
