"""Cuts an upstream's answer into frames: the events of a stream, or the one document that some servers send instead."""

import json
import re
from codecs import BOM_UTF8

from translator.anthropic.errors import upstream_failure
from translator.native.answer import data_of
from translator.server_sent_events import EventStreamDecoder

from gateway.upstream.event_frames import BEGINNING, EventFrames

_EVENT_END = re.compile(rb"(?:\r\n|\r(?!\n)|\n)(?:\r\n|\r(?!\n)|\n)")
"""A blank line, in each of the three spellings of a line's end."""
MAX_EVENT_BYTES = 10_000_000
MAX_DOCUMENT_BYTES = 50_000_000
MAX_STREAM_BYTES = 200_000_000
"""Three times what the longest answers of today come to, with all that stands around each word."""


class Framing:
    """Cuts an answer into frames. Its first bytes show what it is, since servers do not say it reliably."""

    def __init__(self) -> None:
        self._beginning: bytes | None = b""
        """The bytes that have arrived before the kind of answer shows; None from then on."""
        self._document: bytearray | None = None
        self._events: EventStreamDecoder | EventFrames = EventStreamDecoder()
        self._waiting = 0
        """The bytes since the last event."""
        self._received = 0

    @property
    def is_full(self) -> bool:
        """Whether no more bytes of a document are taken."""
        return self._document is not None and len(self._document) >= MAX_DOCUMENT_BYTES

    def feed(self, piece: bytes) -> list[str]:
        """Return the frames that are complete now. Raises `ApiError` for an event, or an answer, without an end."""
        if self._beginning is not None:
            piece = self._begin(self._beginning + piece)
        if self._document is not None:
            self._document += piece[: MAX_DOCUMENT_BYTES - len(self._document)]
            return []
        self._received += len(piece)
        if self._received > MAX_STREAM_BYTES:
            raise upstream_failure("the upstream's answer has no end")
        frames = self._events.feed(piece)
        self._waiting = 0 if frames else self._waiting + len(piece)
        if self._waiting > MAX_EVENT_BYTES:
            raise upstream_failure("the upstream sent an event without an end")
        return frames

    def close(self) -> list[str]:
        """Return the rest, when the answer has ended."""
        if self._document is not None:
            return [self._document.decode("utf-8-sig", "replace")]
        return self._events.close()

    def _begin(self, received: bytes) -> bytes:
        """Read the first bytes as soon as they show the kind. No line of an event stream begins like a document."""
        told = received.removeprefix(BOM_UTF8).lstrip()
        if not told:  # OpenRouter keeps a connection alive with space until it has an answer
            self._beginning = received.lstrip()
            return b""
        self._beginning = None
        if told.startswith((b"{", b"[")):
            self._document = bytearray()
        elif received.startswith(BEGINNING):
            self._events = EventFrames()
        return received


class RawFraming:
    """Cuts an answer into the same frames as unchanged bytes, for answers that pass through.

    Joined, they are the answer.
    """

    def __init__(self) -> None:
        self._tail = b""
        self._searched = 0
        """The bytes of the tail that were searched, and hold no end of an event."""
        self._is_document: bool | None = None

    @property
    def is_full(self) -> bool:
        """Whether no more bytes of a document are taken."""
        return bool(self._is_document) and len(self._tail) >= MAX_DOCUMENT_BYTES

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the events that are complete now. Raises `ApiError` for an event without an end."""
        buffer = self._tail + piece if self._tail else piece
        if self._is_document is None and (told := buffer.removeprefix(BOM_UTF8).lstrip()):
            self._is_document = told.startswith((b"{", b"["))
        if self._is_document is not False:
            self._tail = buffer[:MAX_DOCUMENT_BYTES]
            return []
        events, begins = [], 0
        for end in _EVENT_END.finditer(buffer, max(0, self._searched - 3)):
            events.append(buffer[begins : end.end()])
            begins = end.end()
        self._tail = buffer[begins:] if begins else buffer
        self._searched = len(self._tail)
        if self._searched > MAX_EVENT_BYTES:
            raise upstream_failure("the upstream sent an event without an end")
        return events

    def close(self) -> list[bytes]:
        """Return the rest, when the answer has ended: a document, or a last event that no blank line ended."""
        tail, self._tail = self._tail, b""
        if self._is_document:
            return [tail]
        try:
            json.loads(data_of(tail))
        except (ValueError, RecursionError):
            return []  # cut in its middle
        return [tail.rstrip(b"\r\n") + b"\n\n"]
