"""SIGTERM and SIGINT as an exception in the main thread, so that `finally` blocks run."""

import signal
from types import FrameType

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Terminated(SystemExit):
    """The process was told to end. Its exit status is 0."""


class Termination:
    """Raises Terminated once; within a `with` block at the end of it: a settlement is not to be cut short."""

    def __init__(self) -> None:
        self.arrived = False
        self._held = False

    def install(self) -> None:
        """Handle the signals of this process."""
        for number in ENDING_SIGNALS:
            signal.signal(number, self._arrive)

    def __enter__(self) -> None:
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False
        if self.arrived:
            raise Terminated(0)

    def _arrive(self, _number: int, _frame: FrameType | None) -> None:
        self.arrived = True
        # Another must neither interrupt the `finally` blocks nor find an interpreter that has given up its handlers.
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if not self._held:
            raise Terminated(0)


def exit_unless_exception(error: BaseException) -> None:
    """What is no Exception (SystemExit and its like) ends the process, but Python must not print what it says."""
    if not isinstance(error, Exception):
        raise SystemExit(1) from None
