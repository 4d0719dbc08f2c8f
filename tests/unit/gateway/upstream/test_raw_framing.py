"""How much of an answer that goes through is held at most."""

from __future__ import annotations

import pytest
from gateway.upstream.framing import RawFraming
from translator.anthropic.errors import ApiError


def test_no_more_of_a_document_is_taken_than_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.upstream.framing.MAX_DOCUMENT_BYTES", 10)
    framing = RawFraming()
    assert (framing.feed(b" "), framing.is_full) == ([], False)
    assert (framing.feed(b'{"a": 1234567890}'), framing.is_full) == ([], True)
    assert framing.close() == [b' {"a": 123']


def test_an_event_without_an_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.upstream.framing.MAX_EVENT_BYTES", 10)
    framing = RawFraming()
    assert framing.feed(b"data: 1\n\n") == [b"data: 1\n\n"]
    with pytest.raises(ApiError, match="an event without an end"):
        framing.feed(b"data: 1234567890")


@pytest.mark.parametrize(("tail", "last"), [(b'data: {"a": 1}\n', [b'data: {"a": 1}\n\n']), (b'data: {"a"', [])])
def test_a_last_event_without_a_blank_line_counts_where_it_is_whole(tail: bytes, last: list[bytes]) -> None:
    framing = RawFraming()
    assert framing.feed(tail) == []
    assert framing.close() == last
