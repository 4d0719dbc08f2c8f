"""The loop: fetch an invocation, call the handler, answer, end the response; again."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from functools import partial

from streaming import answer
from streaming.connection import Response
from streaming.context import Context
from streaming.failure import Failure, log
from streaming.keepalive import Keepalive, Timer
from streaming.response import StreamingResponse
from streaming.runtime_api import Invocation, RuntimeApi
from streaming.stream import CallerGoneError, ResponseStream
from streaming.termination import Terminated, Termination

Handler = Callable[..., object]


class Loop:
    """Serves the invocations of one process, one at a time. Made after a fork, because it owns a thread."""

    def __init__(self, api: RuntimeApi, handler: Handler, termination: Termination, *, streams: bool) -> None:
        """Streams: answer in the streaming format, whatever the handler returns; otherwise always as a whole."""
        self._api = api
        self._handler = handler
        self._termination = termination
        self._prepare = self._prepare_stream if streams else self._prepare_whole
        self._timer = Timer()

    def run(self) -> None:
        """Serve until the process is told to end. OSError: nobody offers invocations any more."""
        while not self._termination.arrived:
            self.serve(self._api.next())

    def serve(self, invocation: Invocation) -> None:
        """Serve one invocation. What goes wrong is reported; only what is no Exception (SystemExit…) ends the loop."""
        result: object = None
        try:
            _set_trace_id(invocation.headers.get("lambda-runtime-trace-id"))
            context = Context(invocation.headers, os.environ)
            result = self._handler(json.loads(invocation.event), context)
            send = self._prepare(invocation.request_id, result)
        except Terminated:
            raise
        except BaseException as error:
            self._fail(invocation.request_id, Failure("Function", error))
            if not isinstance(error, Exception):
                raise
        else:
            send()
        finally:
            self._end(result)
            sys.stdout.flush()

    def _prepare_whole(self, request_id: str, result: object) -> Callable[[], None]:
        return partial(self._send_whole, request_id, answer.whole(result))

    def _send_whole(self, request_id: str, body: bytes) -> None:
        with suppress(OSError):  # the caller has gone, or everybody has: the next request will tell
            _check(self._api.respond(request_id, body))

    def _prepare_stream(self, request_id: str, result: object) -> Callable[[], None]:
        prelude, body = answer.parts(result)
        keepalive = result.keepalive if isinstance(result, StreamingResponse) else None
        return partial(self._send_stream, self._api.stream_head(request_id), prelude, body, keepalive)

    def _send_stream(
        self, head: bytes, prelude: bytes, body: Iterable[bytes], keepalive: tuple[float, bytes] | None
    ) -> None:
        # When the caller has gone, the response ends, and there is nobody to tell.
        with suppress(CallerGoneError), closing(self._api.connect_stream()) as stream:
            stream.begin(head, prelude)
            self._send_body(stream, body, keepalive)

    def _send_body(self, stream: ResponseStream, body: Iterable[bytes], keepalive: tuple[float, bytes] | None) -> None:
        try:
            self._send_pieces(stream, body, keepalive)
        except (CallerGoneError, Terminated):
            raise
        except BaseException as error:
            if not stream.intact:  # a keep-alive found the caller gone and cancelled the body, hence the error
                raise CallerGoneError from error
            failure = Failure("Function", error)
            failure.log("the body failed")
            _check(stream.fail(failure))
            if not isinstance(error, Exception):
                raise
        else:
            _check(stream.finish())

    def _send_pieces(
        self, stream: ResponseStream, body: Iterable[bytes], keepalive: tuple[float, bytes] | None
    ) -> None:
        if keepalive is not None:
            self._timer.start(Keepalive(stream, *keepalive, body))
        try:
            for piece in body:
                stream.send(piece)
        finally:
            self._timer.stop()

    def _fail(self, request_id: str, failure: Failure) -> None:
        failure.log("the handler failed", requestId=request_id)
        with suppress(OSError):
            self._api.fail(request_id, failure)

    def _end(self, result: object) -> None:
        if isinstance(result, StreamingResponse):
            with self._termination:
                try:
                    _attempt(getattr(result.body, "close", None))
                finally:
                    _attempt(result.after)


def _attempt(end: Callable[[], object] | None) -> None:
    if end is not None:
        try:
            end()
        except Exception as error:  # noqa: BLE001  the loop serves the invocations to come as well
            Failure("Function", error).log("the end of a response failed")


def _check(response: Response) -> None:
    if response.status >= 300:
        log("the Runtime API refused an answer", status=response.status)


def _set_trace_id(trace_id: str | None) -> None:
    """The X-Ray SDK reads it from the environment."""
    if trace_id is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
