"""Raises the limit of file descriptors, and tells when many are open. A stream takes two."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable
from typing import Final

MOST: Final = 65_536
MANY: Final = 0.8
"""The part of what there is from which on the log says so."""
LOOK_SECONDS: Final = 5.0


def raise_limit() -> None:
    """Take as many as the system gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(MOST, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def watch(say: Callable[[str], None], count: Callable[[], int], limit: int, seconds: float) -> None:
    """Say when many are in use, once each time that they become many."""
    was_many = False
    while True:
        used = count()
        is_many = used > limit * MANY
        if is_many and not was_many:
            say(f"{used} of {limit} file descriptors are in use: raise the limit (ulimit -n), or add processes")
        was_many = is_many
        await asyncio.sleep(seconds)


def in_use() -> int:
    """Return how many this process has open."""
    return len(os.listdir("/dev/fd"))  # noqa: PTH208 thousands of them, every few seconds


def limit() -> int:
    """Return how many it may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else soft
