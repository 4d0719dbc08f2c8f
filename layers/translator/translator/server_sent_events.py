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
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[str]:
        """The data of every event that ends in `received`. A bare CR ends a line only when more has arrived."""
        buffer = self._tail + received if self._tail else received
        if b"\r" in buffer:
            # A CR at the end may be half of a CRLF: it waits.
            held = b"\r" if buffer.endswith(b"\r") else b""
            buffer = buffer[: len(buffer) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        else:
            held = b""
        lines = buffer.split(b"\n")
        self._tail = lines.pop() + held
        return self._take(lines)

    def close(self) -> list[str]:
        """The data of a last event that no blank line ended: some servers leave it out."""
        lines = [self._tail.rstrip(b"\r"), b""]
        self._tail = b""
        return self._take(lines)

    def _take(self, lines: list[bytes]) -> list[str]:
        events: list[str] = []
        for each in lines:
            line = each.removeprefix(_BYTE_ORDER_MARK)
            if line.startswith(b"data:"):
                value = line[5:]
                self._data.append(value[1:] if value.startswith(b" ") else value)
            elif not line and self._data:
                events.append(b"\n".join(self._data).decode("utf-8", "replace"))
                self._data.clear()
        return events
