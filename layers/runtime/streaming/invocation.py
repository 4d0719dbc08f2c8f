"""The loop: fetch an invocation, call the handler, answer, end the response; again."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from streaming.context import Context
from streaming.delivery import StreamedDelivery, WholeDelivery
from streaming.failure import Failure
from streaming.response import StreamingResponse
from streaming.runtime_api import Invocation, RuntimeApi
from streaming.termination import Terminated, Termination, exit_unless_exception

Handler = Callable[..., object]


class Loop:
    """Serves the invocations of one process, one at a time."""

    def __init__(
        self, api: RuntimeApi, delivery: WholeDelivery | StreamedDelivery, handler: Handler, termination: Termination
    ) -> None:
        self._api = api
        self._delivery = delivery
        self._handler = handler
        self._termination = termination

    def run(self) -> None:
        """Serve until the process is told to end. OSError: nobody offers invocations any more."""
        while not self._termination.arrived:
            self.serve(self._api.next())

    def serve(self, invocation: Invocation) -> None:
        """Serve one invocation. What goes wrong is reported, and ends the process only if it is no Exception."""
        result: object = None
        try:
            _set_trace_id(invocation.headers.get("lambda-runtime-trace-id"))
            context = Context(invocation.headers, os.environ)
            result = self._handler(json.loads(invocation.event), context)
            send = self._delivery.prepare(invocation.request_id, result)
        except Terminated:
            raise
        except BaseException as error:  # noqa: BLE001  whatever a handler raises, its caller is to know
            self._fail(invocation.request_id, error)
            exit_unless_exception(error)
        else:
            send()
        finally:
            self._end(result)
            with suppress(OSError, ValueError):  # a log that takes no more: the answer is out
                sys.stdout.flush()

    def _fail(self, request_id: str, error: BaseException) -> None:
        failure = Failure("Function", error)
        failure.log("the handler failed", requestId=request_id)
        with suppress(OSError):  # the caller has gone, or everybody has: the next request will tell
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


def _set_trace_id(trace_id: str | None) -> None:
    """The X-Ray SDK reads it from the environment."""
    if trace_id is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
