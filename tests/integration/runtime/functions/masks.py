"""A function that tells which signals were held back when its process forked, and which are."""

import os
import signal


def blocked() -> str:
    """The names of the signals that are held back, in order."""
    return " ".join(sorted(signal.Signals(number).name for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])))


during_fork: list[str] = []
os.register_at_fork(before=lambda: during_fork.append(blocked()))


def handler(event: object, context: object) -> object:
    """Answer with both."""
    return {"statusCode": 200, "body": f"during the fork: {during_fork[0]}; now: {blocked()}"}
