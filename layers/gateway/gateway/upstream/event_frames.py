"""Decodes AWS's event stream, in which Bedrock's Converse answers: a text for each message, as for other events.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html.
"""

import json
from struct import error as StructError  # noqa: N812 -- a class, whatever its name

from translator.anthropic.errors import upstream_failure

BEGINNING = b"\0"
"""Of every message's length, in four bytes: none is so long that it could begin otherwise, and no text begins so."""


class EventFrames:
    """Push decoder. botocore's own reads the messages; it is loaded where such an answer arrives."""

    def __init__(self) -> None:
        from botocore.eventstream import EventStreamBuffer, ParserError

        self._buffer = EventStreamBuffer()
        self._broken = (ParserError, StructError, LookupError, ValueError)

    def feed(self, received: bytes) -> list[str]:
        """The messages that the bytes complete: `{"contentBlockDelta":{…}}`. Raises `ApiError` for a broken one."""
        self._buffer.add_data(received)
        try:
            return [_text(message.headers, message.payload) for message in self._buffer]
        except self._broken as error:
            raise upstream_failure("the upstream sent an event stream that is broken") from error

    def close(self) -> list[str]:
        """Nothing: what has no end is no message."""
        return []


def _text(headers: dict[str, object], payload: bytes) -> str:
    if headers[":message-type"] == "error":
        told = {"code": headers[":error-code"], "message": headers.get(":error-message", "")}
        return json.dumps({"error": told}, default=str)
    name = headers[":exception-type" if headers[":message-type"] == "exception" else ":event-type"]
    return f"{{{json.dumps(str(name))}:{payload.decode('utf-8', 'replace') or '{}'}}}"
