"""How a handler's result reaches the caller: as a whole, or piece by piece.

Both have the same `prepare(request_id, result)`, which raises whatever is wrong with the result while an error can
still be answered, and returns the function that sends it.
"""

from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial

from streaming import answer
from streaming.connection import Response
from streaming.failure import Failure, log
from streaming.keepalive import Keepalive, Timer
from streaming.runtime_api import RuntimeApi
from streaming.stream import CallerGoneError, ResponseStream
from streaming.termination import Terminated, exit_unless_exception


class WholeDelivery:
    """Answers with one JSON document, for buffered integrations and for what cannot stream."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api

    def prepare(self, request_id: str, result: object) -> Callable[[], None]:
        """The function that sends the result, whose body has been read to its end by now."""
        return partial(self._send, request_id, answer.whole(result))

    def _send(self, request_id: str, body: bytes) -> None:
        with suppress(OSError):  # the caller has gone, or everybody has: the next request will tell
            _check(self._api.respond(request_id, body))


class StreamedDelivery:
    """Answers in the streaming format, whatever the handler returns. Made after a fork, because it owns a thread."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._timer = Timer()

    def prepare(self, request_id: str, result: object) -> Callable[[], None]:
        """The function that sends the result; errors of the body end it with error trailers."""
        return partial(self._send, request_id, answer.streamed(result))

    def _send(self, request_id: str, content: answer.Content) -> None:
        # When the caller has gone, the response ends, and there is nobody to tell.
        with suppress(CallerGoneError), closing(self._api.connect_stream()) as stream:
            stream.begin(self._api.stream_head(request_id), content.prelude)
            try:
                self._send_pieces(stream, content)
            except (CallerGoneError, Terminated):
                raise
            except BaseException as error:
                if not stream.intact:  # a keep-alive found the caller gone and cancelled the body, hence the error
                    raise CallerGoneError from error
                failure = Failure("Function", error)
                failure.log("the body failed", requestId=request_id)
                _check(stream.fail(failure))
                exit_unless_exception(error)
            else:
                _check(stream.finish())

    def _send_pieces(self, stream: ResponseStream, content: answer.Content) -> None:
        if content.keepalive is not None:
            self._timer.start(Keepalive(stream, *content.keepalive, content.body))
        try:
            for piece in content.body:
                stream.send(piece)
        finally:
            self._timer.stop()


def _check(response: Response) -> None:
    if response.status >= 300:
        log("the Runtime API refused an answer", status=response.status)
