"""Keep-alives from one timer thread, which is started by the first response that asks for it and then stays."""

import threading
from collections.abc import Callable
from math import inf
from time import monotonic

from streaming.failure import Failure
from streaming.stream import CallerGoneError, ResponseStream


class Timer:
    """Calls one function at a time that the function itself moves on. Made after a fork: threads do not survive one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wakes_at = inf
        self._due = inf
        self._ring: Callable[[], float] = lambda: inf

    def start(self, ring: Callable[[], float]) -> None:
        """Call `ring` now, on this thread; then, on the timer's, at the (monotonic) time it returned, and so on."""
        due = ring()
        with self._changed:
            self._due, self._ring = due, ring
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="keepalive", daemon=True)
                self._thread.start()
            elif due < self._wakes_at:  # mostly false: waking the thread for every response would cost more
                self._changed.notify()

    def stop(self) -> None:
        """Call no more. A call that is under way ends first."""
        with self._changed:
            self._due = inf

    def _run(self) -> None:
        with self._changed:
            while True:
                self._wakes_at = self._due
                wait = self._due - monotonic()
                if wait > 0:
                    self._changed.wait(None if wait == inf else wait)
                else:
                    self._due = self._ring()


class Keepalive:
    """What the timer does for one response: send the bytes when it is silent, and notice that the caller has gone."""

    def __init__(self, stream: ResponseStream, seconds: float, piece: bytes, body: object) -> None:
        self._stream = stream
        self._seconds = seconds
        self._piece = piece
        self._body = body

    def __call__(self) -> float:
        """Send a keep-alive if it is time for one; the time of the next."""
        try:
            return self._stream.send_after_silence(self._piece, self._seconds)
        except CallerGoneError:
            self._cancel()
            return inf

    def _cancel(self) -> None:
        cancel = getattr(self._body, "cancel", None)
        if cancel is None:
            return
        try:
            cancel()
        except Exception as error:  # noqa: BLE001  the timer serves the responses to come as well
            Failure("Function", error).log("a body could not be cancelled")
