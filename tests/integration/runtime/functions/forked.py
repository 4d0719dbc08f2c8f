"""A function that tells what its process forked with: signals held back, objects withheld from collection."""

import gc
import os
import signal


def blocked() -> str:
    """The names of the signals that are held back, in order."""
    return " ".join(sorted(signal.Signals(number).name for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])))


during_fork: list[str] = []
os.register_at_fork(before=lambda: during_fork.append(blocked()))


def handler(event: object, context: object) -> object:
    """Answer with the signals, then and now, and whether there are frozen objects."""
    frozen = gc.get_freeze_count() > 0
    return {"statusCode": 200, "body": f"during the fork: {during_fork[0]}; now: {blocked()}; frozen: {frozen}"}
