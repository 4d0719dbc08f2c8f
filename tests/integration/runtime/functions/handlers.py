"""Handlers for the runtime's tests. What they print tells how far they are; a line of input lets them go on."""

# ruff: noqa: T201  the tests read what is printed

import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

from streaming import StreamingResponse

SECRET = "the caller's own words"


def echo(event: dict[str, Any], context: object) -> object:
    """Answer with the event's answer."""
    return event["answer"]


def trace_id(event: dict[str, Any], context: object) -> object:
    """Answer with the trace id of the invocation."""
    return os.environ.get("_X_AMZN_TRACE_ID")


def facts(event: dict[str, Any], context: Any) -> object:
    """Answer with what the context object says."""
    return {
        "aws_request_id": context.aws_request_id,
        "function_name": context.function_name,
        "function_version": context.function_version,
        "invoked_function_arn": context.invoked_function_arn,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "log_group_name": context.log_group_name,
        "log_stream_name": context.log_stream_name,
    }


def fail(event: dict[str, Any], context: object) -> object:
    """Raise instead of answering."""
    raise ValueError(SECRET)


def leave(event: dict[str, Any], context: object) -> object:
    """End the process, which a handler should not."""
    sys.exit(SECRET)


def wait(event: dict[str, Any], context: object) -> object:
    """Wait before answering."""
    try:
        wait_for_line()
        return "waited"
    finally:
        print("left")


def stream(event: dict[str, Any], context: object) -> object:
    """Stream by the event's script; `end` names what runs after the response."""
    ends = {"after": after, "fail": fail_after, "wait": wait_after}
    keepalive = (event["keepalive"], b": ping\n\n") if "keepalive" in event else None
    headers = {"content-type": "text/event-stream", **event.get("headers", {})}
    return StreamingResponse(200, headers, play(event["script"]), keepalive, ends[event.get("end", "after")])


def stream_upstream(event: dict[str, Any], context: object) -> object:
    """Stream from an upstream that falls silent, or ends, after its first piece."""
    upstream = Upstream(closed=event.get("closed", False))
    return StreamingResponse(200, {}, upstream, keepalive=(0.02, b": ping\n\n"), after=after)


def play(script: list[str]) -> Iterator[bytes]:
    """A body by script: `wait`, `fail`, `leave`; anything else is sent."""
    try:
        for step in script:
            match step:
                case "wait":
                    wait_for_line()
                case "fail":
                    raise ValueError(SECRET)
                case "leave":
                    sys.exit(SECRET)
                case piece:
                    yield piece.encode()
    finally:
        print("closed")


class Upstream:
    """A body that reads from a socket, and can be cancelled."""

    def __init__(self, *, closed: bool) -> None:
        self._reader, self._writer = socket.socketpair()
        self._writer.sendall(b"one")
        self._closed = closed

    def __iter__(self) -> Iterator[bytes]:
        yield self._reader.recv(65_536)
        if not self._closed:
            self._reader.recv(65_536)
            raise ConnectionError("the upstream's socket was shut down")

    def cancel(self) -> None:
        """Interrupt the wait."""
        print("cancelled")
        self._reader.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let the upstream go."""
        self._reader.close()
        self._writer.close()
        print("closed")


def wait_for_line() -> None:
    """Tell that we wait, and wait."""
    print("waiting")
    sys.stdin.readline()


def after() -> None:
    """Tell that the response has ended."""
    print("after")


def fail_after() -> None:
    """Raise when the response has ended."""
    raise ValueError(SECRET)


def wait_after() -> None:
    """Take a while when the response has ended."""
    wait_for_line()
    print("settled")
