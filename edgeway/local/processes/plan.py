"""The messages between a supervisor and its processes. A supervisor stays small, and imports no server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edgeway.local.console.request_lines import Reporter
from edgeway.local.processes.settings import Settings

SETTLE_SECONDS: Final = 5.0
"""What requests have in the end to settle, when their callers have been told."""
READY: Final = b"ready"
"""And the names of the functions that cannot start, of which there are none as a rule."""
RETIRE: Final = b"retire\n"
"""Let what runs finish, however long it takes: another process has taken over."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a process is to do; it is sent there as a pickle, so `make_reporter` is a function of a module."""

    settings: Settings
    make_reporter: Callable[[Settings], Reporter]
