"""Lets an answer through, and reads on the way what the gateway has to know of it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from translator.anthropic.errors import ApiError, upstream_failure
from translator.anthropic.events import Usage, encode_events
from translator.native.errors import PassedError, read_stream_error
from translator.native.usage import NO_USAGE, is_count, read_beside, read_usage
from translator.stream.emitter import CHARACTERS_PER_TOKEN
from translator.stream.failure_event import error_event
from translator.writing.endings import AnsweringError

_NAME = re.compile(rb"event: ?([a-z_]+)[\r\n]")
_DELTA = b"event: content_block_delta"
_BYTES_AROUND_A_DELTA = 130
"""Of an event of text, beside the text."""
_MESSAGE_STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


class NativeStream:
    """A streamed answer. A frame is one event, unchanged.

    `is_started`: the caller has had a `message_start` from an earlier attempt. We never send one of our own before the
    upstream's, since we could not know its id and counts.
    """

    is_cut = False

    def __init__(self, *, input_tokens: int, is_started: bool) -> None:
        self.has_begun = False
        self.is_done = False
        self.stop_reason: str | None = None
        self._is_started = is_started
        self._has_failed = False
        self._usage = self._beside = NO_USAGE
        self._has_output_count = False
        self._estimated_input_tokens = input_tokens
        self._written = 0
        """The approximate bytes that the model has written."""
        self._passed: list[bytes] = []
        """The events that have not been sent yet."""

    @property
    def is_ending(self) -> bool:
        """Whether the model has stopped."""
        return self.stop_reason is not None

    def start(self) -> bytes:
        """Return nothing: the upstream sends the first event."""
        return b""

    def was_started(self) -> None:
        """The upstream's own beginning does not go on."""
        self._is_started = True

    def feed(self, frames: Iterable[bytes]) -> bytes:
        """Return the events, without those that the caller has had already. Raises `ApiError` for an error event."""
        for frame in frames:
            if self.is_done:
                break
            self._passed.append(self._pass(frame))
        return self._take()

    def close(self) -> bytes:
        """Return the last event, where the upstream has said why it stopped and sent no end.

        `feed` has sent all others.
        """
        if self.is_done or self._has_failed:
            return b""
        if not self.is_ending:
            raise upstream_failure("the upstream closed the stream before the answer was complete")
        self.is_done = True
        return _MESSAGE_STOP

    def answer(self, error: AnsweringError) -> bytes:
        """Return nothing: no error of this dialect is an answer."""
        raise error

    def fail(self, error: ApiError, *, request_id: str) -> bytes:
        """Return the error as the last event; an upstream's own error unchanged."""
        if self.is_done or self._has_failed:
            return b""
        self._has_failed = True
        if isinstance(error, PassedError):
            lines = b"".join(b"data: %b\n" % line for line in error.raw_body.splitlines())
            return self._take() + b"event: error\n%b\n" % lines
        is_empty = self._is_started and not self.has_begun
        return self._take() + encode_events([error_event(error, request_id=request_id, is_empty=is_empty)])

    @property
    def is_counted(self) -> bool:
        """Whether the final counts have come."""
        return self.is_ending and self._usage.whole_input > 0 and self._has_output_count

    def final_usage(self) -> Usage:
        """As the upstream has counted, and an estimate of what it has not: nothing is written in no tokens."""
        usage = self._usage
        if not usage.whole_input:
            usage = replace(usage, input_tokens=self._estimated_input_tokens)
        if not (self.is_ending and self._has_output_count):
            written = -(-self._written // CHARACTERS_PER_TOKEN)
            usage = replace(usage, output_tokens=max(usage.output_tokens, written))
        return usage.plus(self._beside)

    def forget_request(self) -> None:
        """Do nothing: no part of the request is kept."""

    def _take(self) -> bytes:
        passed, self._passed = self._passed, []
        return b"".join(passed)

    def _pass(self, frame: bytes) -> bytes:
        if frame.startswith(_DELTA):  # as nearly always
            self.has_begun = True
            self._written += max(0, len(frame) - _BYTES_AROUND_A_DELTA)
            return frame
        named = _NAME.match(frame)
        kind = named[1].decode("ascii") if named else None
        match kind:
            case "ping" | "content_block_stop":
                return frame
            case None | "message_start" | "message_delta" | "message_stop" | "error":
                return self._read(frame)
            case _:
                self.has_begun = True
                return frame

    def _read(self, frame: bytes) -> bytes:
        data = data_of(frame)
        if not data:
            return frame  # a comment
        event = _object(data)
        match event.get("type"):
            case "message_start":
                message = event.get("message")
                self._usage = read_usage(message.get("usage") if isinstance(message, dict) else None, self._usage)
                if self._is_started:
                    return b""
                self._is_started = True
            case "message_delta":
                self._end(event)
            case "message_stop":
                self.is_done = True
            case "error":
                raise read_stream_error(data)
            case "ping" | "content_block_stop":
                pass
            case "content_block_start" | "content_block_delta":
                self.has_begun = True
            case "message":
                raise upstream_failure("the upstream answered with a whole message where a stream was asked for")
            case _:
                self.has_begun = True
        return frame

    def _end(self, event: Mapping[str, Any]) -> None:
        told = event.get("usage")
        self._usage, self._beside = read_usage(told, self._usage), read_beside(told, self._beside)
        if isinstance(told, dict) and is_count(told.get("output_tokens")):
            self._has_output_count = told["output_tokens"] > 0 or not self.has_begun
        delta = event.get("delta")
        reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if isinstance(reason, str):
            self.stop_reason = reason


class NativeMessage:
    """A whole answer: one document, which passes through unchanged."""

    is_cut = is_ending = False

    def __init__(self, *, input_tokens: int) -> None:
        self.is_done = False
        self.stop_reason: str | None = None
        self._usage = Usage(input_tokens=input_tokens, output_tokens=0)
        self._estimated_input_tokens = input_tokens
        self._is_counted = False

    @property
    def has_begun(self) -> bool:
        """Whether the document has come."""
        return self.is_done

    def start(self) -> bytes:
        """Return nothing: no event comes before the document."""
        return b""

    def was_started(self) -> None:
        """A whole answer has no beginning of its own."""

    def feed(self, frames: Iterable[bytes]) -> bytes:
        """Return the document. Raises `ApiError` where it is no message."""
        return b"".join(map(self._read, frames))

    def close(self) -> bytes:
        """Return nothing. Raises `ApiError` where no document has come."""
        if not self.is_done:
            raise upstream_failure("the upstream closed the connection before the answer was complete")
        return b""

    def answer(self, error: AnsweringError) -> bytes:
        """Return nothing: no error of this dialect is an answer."""
        raise error

    def _read(self, frame: bytes) -> bytes:
        message = _object(frame)
        if message.get("type") == "error":
            raise read_stream_error(frame)
        if message.get("type") != "message":
            raise upstream_failure("the upstream's answer is no message")
        self._count(message.get("usage"), written=len(frame) if message.get("content") else 0)
        reason = message.get("stop_reason")
        self.stop_reason = reason if isinstance(reason, str) else None
        self.is_done = True
        return frame

    def _count(self, told: object, *, written: int) -> None:
        """The upstream's counts, and an estimate of those that it has not: nothing is written in no tokens."""
        usage = read_usage(told, NO_USAGE)
        has_input, has_output = usage.whole_input > 0, usage.output_tokens > 0 or not written
        if not has_input:
            usage = replace(usage, input_tokens=self._estimated_input_tokens)
        if not has_output:
            usage = replace(usage, output_tokens=-(-written // CHARACTERS_PER_TOKEN))
        self._usage, self._is_counted = usage.plus(read_beside(told, NO_USAGE)), has_input and has_output

    def fail(self, error: ApiError, *, request_id: str) -> bytes:  # noqa: ARG002
        """Return nothing: a whole answer has no last event."""
        return b""

    @property
    def is_counted(self) -> bool:
        """Whether the message had all counts."""
        return self._is_counted

    def final_usage(self) -> Usage:
        """Return the usage that the upstream has counted."""
        return self._usage

    def forget_request(self) -> None:
        """Do nothing: no part of the request is kept."""


def data_of(frame: bytes) -> bytes:
    """Return the data of an event, or a document as it is."""
    if frame.lstrip().startswith(b"{"):
        return frame
    lines = (line for line in frame.splitlines() if line.startswith(b"data:"))
    return b"\n".join(line[5:].removeprefix(b" ") for line in lines)


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise upstream_failure("the upstream sent what is no JSON") from None
    if not isinstance(value, dict):
        raise upstream_failure("the upstream sent what is no JSON object")
    return value
