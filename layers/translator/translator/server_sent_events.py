"""Decodes a byte stream of server-sent events into the data of each event, however the bytes are cut.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream. Only `data` matters to
chat completions; comments and other fields are skipped.
"""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""May open a stream. It never opens a line otherwise, so that taking it from any line needs no memory."""


class EventStreamDecoder:
    """Push decoder: `feed` returns the data of the events that the bytes complete, `close` what is left."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, received: bytes) -> list[str]:
        """The data of every event that ends in `received`. A bare CR ends a line only when more has arrived."""
        buffer = self._tail + received if self._tail else received
        held = b""
        if b"\r" in buffer:
            # A CR at the end may be half of a CRLF: it waits.
            held = b"\r" if buffer.endswith(b"\r") else b""
            buffer = buffer[: len(buffer) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if _BYTE_ORDER_MARK in buffer:
            buffer = buffer.removeprefix(_BYTE_ORDER_MARK).replace(b"\n" + _BYTE_ORDER_MARK, b"\n")
        whole, _, tail = buffer.rpartition(b"\n\n")
        self._tail = tail + held
        return _data_of(whole)

    def close(self) -> list[str]:
        """The data of a last event that no blank line ended: some servers leave it out."""
        tail, self._tail = self._tail, b""
        return _data_of(tail.rstrip(b"\r"))


def _data_of(events: bytes) -> list[str]:
    """The data of events, in order. No character is cut: what is no UTF-8 never takes the end of a line with it."""
    text = events.decode("utf-8", "replace")
    before, *data = f"\n\n{text}".split("\n\ndata: ")
    if not before and text.count("\n") == 2 * len(data) - 2:  # as nearly always: each is one line of data
        return data
    data = []
    for event in text.split("\n\n"):
        told = [line[5:].removeprefix(" ") for line in event.split("\n") if line.startswith("data:")]
        if told:
            data.append("\n".join(told))
    return data
