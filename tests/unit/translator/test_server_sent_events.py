"""Framing of server-sent events, as servers write them and networks cut them."""

import pytest
from translator.server_sent_events import EventStreamDecoder

# the bytes: the events that they complete, and the one that only their end completes
STREAMS: dict[bytes, tuple[list[str], list[str]]] = {
    b"": ([], []),
    b"data: a\n\n": (["a"], []),
    b"data:a\n\ndata: b\n\n": (["a", "b"], []),
    b"data:  two spaces\n\n": ([" two spaces"], []),
    b"data: a\r\n\r\ndata: b\r\n\r\n": (["a", "b"], []),
    b"data: a\r\rdata: b\r\r": (["a"], ["b"]),
    b"data: a\ndata: b\n\n": (["a\nb"], []),
    b"data\n\ndata: a\n\n": (["a"], []),
    b"data:\n\n": ([""], []),
    b": OPENROUTER PROCESSING\n\ndata: a\n\n": (["a"], []),
    b"event: x\nid: 1\nretry: 5\ndata: a\n\n": (["a"], []),
    b"\n\n\ndata: a\n\n\n\n": (["a"], []),
    b"data: a": ([], ["a"]),
    b"data: a\n": ([], ["a"]),
    b"data: a\r\n": ([], ["a"]),
    "data: naïve 👩‍🚀\u2028\x85日本\n\n".encode(): (["naïve 👩‍🚀\u2028\x85日本"], []),
    b"data: \xff\n\n": (["\ufffd"], []),
    b"\xef\xbb\xbfdata: a\n\ndata: \xef\xbb\xbf\n\n": (["a", "\ufeff"], []),
}


@pytest.mark.parametrize("stream", STREAMS)
def test_whole(stream: bytes) -> None:
    decoder = EventStreamDecoder()
    assert (decoder.feed(stream), decoder.close()) == STREAMS[stream]
    assert decoder.close() == []


@pytest.mark.parametrize("stream", STREAMS)
def test_byte_by_byte(stream: bytes) -> None:
    decoder = EventStreamDecoder()
    events = [event for byte in stream for event in decoder.feed(bytes([byte]))]
    assert events + decoder.close() == [event for part in STREAMS[stream] for event in part]
