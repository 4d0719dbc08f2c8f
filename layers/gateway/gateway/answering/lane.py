"""One candidate's way to its first content: its reservation, its attempts, and what has come and is not sent yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from translator.anthropic.events import Usage
from translator.writing.writer import Writer

from gateway.money.ledger import Reservation
from gateway.routing.resolve import Candidate
from gateway.web.outcomes import Outcome, Tried


@dataclass(slots=True)
class Attempt:
    """One call of an upstream."""

    candidate: Candidate
    dropped: tuple[str, ...]
    """The fields that this candidate could not be asked to honour."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of its answer, as soon as they have come."""
    outcome: Outcome = "under_way"
    """What it came to."""
    seconds: float = 0.0
    """To its first content, or to its failure."""

    def told(self) -> Tried:
        """As it is logged and recorded."""
        return Tried(model=self.candidate.name, outcome=self.outcome, took_ms=round(self.seconds * 1000))


@dataclass(slots=True)
class Lane:
    """Where a slow candidate is hedged, two run beside each other: nothing of one shows in the other."""

    candidate: Candidate
    reservation: Reservation
    is_second: bool = False
    """Whether it was begun beside another."""
    attempt: Attempt | None = None
    """The last."""
    writer: Writer[Any] | None = None
    """Of the last attempt."""
    pending: list[bytes] = field(default_factory=list)
    """What that has said before its first content."""
    lost: Usage | None = None
    """What the candidate may be paid for in vain; None: nothing."""
    is_outrun: bool = False
    """Whether another has had content first."""
    is_given_up: bool = False
    """Whether what is lost has been booked."""

    def take_pending(self) -> bytes:
        """What has come so far, once."""
        pieces, self.pending = self.pending, []
        return b"".join(pieces)

    def start(self) -> bytes:
        """The beginning of a stream; nothing where the upstream has to begin it."""
        return self.take_pending() or (self.writer.start() if self.writer is not None else b"")

    def was_started(self) -> None:
        """The caller has had the beginning of a stream: this one's is not said again."""
        self.pending = []
        if self.writer is not None:
            self.writer.was_started()


def started(lanes: list[Lane]) -> bytes:
    """The beginning of a stream that any of the lanes goes on with; nothing where none can begin it yet."""
    if len(lanes) > 1 and any(lane.writer is not None and lane.writer.is_ending for lane in lanes):
        return b""  # one is about to end without content: its end would be lost with its beginning
    for lane in sorted(lanes, key=lambda each: not each.pending):
        if begun := lane.start():
            for other in lanes:
                if other is not lane:
                    other.was_started()
            return begun
    return b""
