"""One request on its way through a worker."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

from edgeway.local.answers import Answer
from edgeway.local.failures import Failure
from edgeway.local.routes import Match


@dataclass(eq=False, slots=True)
class Invocation:
    """What a worker is asked, and whether the caller has the answer.

    Two sides end it, and the first wins: the Runtime API when the worker has answered, and whoever finds out that
    there will be no answer (the pool, a deadline, the caller's hang-up).
    """

    match: Match
    event: bytes
    answer: Answer
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """Lambda's request id; API Gateway has one of its own."""
    ended: asyncio.Future[Failure | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """None: the caller has the whole answer, or has gone. A Failure: the caller is to be told."""
    released: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """The worker is done with it, whatever the function does after its answer; or it never had a worker."""
    answering: bool = False
    """The worker's response has begun to arrive."""

    @property
    def function(self) -> str:
        """The function's name."""
        return self.match.function.name

    @property
    def over(self) -> bool:
        """Nobody waits for the rest any more."""
        return self.ended.done()

    def end(self, failure: Failure | None = None) -> None:
        """End it, unless it has ended."""
        if not self.ended.done():
            self.ended.set_result(failure)

    def release(self) -> None:
        """Note that no worker serves it any more."""
        if not self.released.done():
            self.released.set_result(None)
