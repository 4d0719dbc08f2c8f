"""Turns the signals that end a server into the cancellation of its task."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def cancel_on_signals(task: asyncio.Task[None] | None) -> None:
    """Cancel the task on the first signal; a second one would only interrupt the clean end.

    A process inherits which signals are blocked. Some runners of jobs block them, and then nothing would end this one,
    and nobody would tell it that one of its processes has ended.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*SIGNALS, signal.SIGCHLD})
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in SIGNALS:
            loop.add_signal_handler(number, lambda: None)
        if task is not None:
            task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
