"""Reads an upstream's answer from its first content to its end, closes its connection, and settles it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import length_hint
from typing import Any, TypeVar

from translator.anthropic.errors import ApiError
from translator.anthropic.events import Usage
from translator.writing.writer import TranslatedWriter, Writer

from gateway.answering.upstream_request import UpstreamAnswer, bytes_without_key, without_key
from gateway.money.ledger import Reservation
from gateway.routing.resolve import Candidate

Frame = TypeVar("Frame", str, bytes)


@dataclass(frozen=True, slots=True)
class Again:
    """How a stream is gone on with that holds only thoughts: the candidate is asked once more."""

    writer: TranslatedWriter
    ask: Callable[[], Awaitable["OpenAnswer"]]
    may_ask: Callable[[], bool]


@dataclass(slots=True, kw_only=True)
class OpenAnswer:
    """An answer that has come to its first content block, or to its end.

    It holds nothing of what was asked, which may be large, once the model has done more than think.
    """

    first: bytes
    """The beginning of the caller's answer, as far as it has not been sent."""
    writer: Writer[Any]
    candidate: Candidate
    upstream: UpstreamAnswer
    batches: AsyncGenerator[list[Any]]
    """The frames that the writer reads."""
    reservation: Reservation
    again: Again | None = None
    """None where the model has answered, or has been asked twice."""

    async def rest(self) -> AsyncGenerator[bytes]:
        """The answer after its beginning, as it arrives; nothing where the alarm was due. Raises `ApiError`."""
        while not self.writer.is_done:
            frames = await anext(self.batches, None)
            if frames is None:
                break
            said = written(self.writer, frames, self.upstream, self.candidate)
            if self.again is not None and self.again.writer.has_answered:
                self.again = None
            yield said
        yield self.writer.close()

    @property
    def is_estimate(self) -> bool:
        """Whether the upstream has not counted all of the answer."""
        return not self.writer.is_counted

    async def finish(self) -> Usage:
        """Let the upstream go, read to its end or not, and settle what was used."""
        usage = self.writer.final_usage()
        try:
            await self.let_go()
        finally:
            await self.reservation.settle(usage, is_estimate=self.is_estimate)
        return usage

    async def let_go(self) -> None:
        """Let the upstream go."""
        await self.batches.aclose()
        await self.upstream.close(drain=self.writer.is_done and not self.writer.is_cut)


def written(writer: Writer[Frame], frames: Sequence[Frame], upstream: UpstreamAnswer, candidate: Candidate) -> bytes:
    """What the writer makes of the frames. Raises its `ApiError`, without the provider's key."""
    left: Iterator[Frame] = iter(frames)
    try:
        said = writer.feed(left)
    except ApiError as error:  # its words are cut to their length: a key at the cut would leave its beginning
        rest = list(frames[-length_hint(left) - 1 :])
        clean = _without_key(rest[0], candidate)
        if clean == rest[0]:
            without_key(error, candidate)
            raise
        rest[0] = clean
        return written(writer, rest, upstream, candidate)
    if writer.is_ending:
        upstream.end_soon()
    return said


def _without_key(frame: Frame, candidate: Candidate) -> Frame:
    if isinstance(frame, str):
        return candidate.provider.without_key(frame)
    return bytes_without_key(frame, candidate)
