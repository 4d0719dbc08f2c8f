"""An upstream's answer from its first content on: read to its end, let go, and settled."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, Usage
from translator.dialect import Reader
from translator.stream.emitter import Emitter

from gateway.answering.ledger import Reservation
from gateway.answering.upstream_request import UpstreamAnswer, without_key
from gateway.routing.resolve import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAnswer:
    """An answer that has come to its first content block, or to its end. It holds nothing of what was asked."""

    events: list[Event]
    """The first ones, as far as the caller has not had them."""
    emitter: Emitter
    candidate: Candidate
    upstream: UpstreamAnswer
    batches: AsyncGenerator[list[str]]
    reader: Reader
    reservation: Reservation

    async def rest(self) -> AsyncGenerator[list[Event]]:
        """The events after the first ones, as they arrive; none where the alarm was due. Raises `ApiError`."""
        while not self.reader.is_done:
            frames = await anext(self.batches, None)
            if frames is None:
                break
            events: list[Event] = []
            try:
                read_frames(self.reader, frames, self.upstream, self.candidate, events)
            except ApiError:
                yield events
                raise
            yield events
        yield self.reader.close()

    async def finish(self) -> Usage:
        """Let the upstream go, read to its end or not, and settle what was used."""
        usage = self.emitter.final_usage()
        try:
            await self.batches.aclose()
            await self.upstream.close(drain=self.reader.is_done and not self.reader.is_cut)
        finally:
            await self.reservation.settle(usage)
        return usage


def read_frames(
    reader: Reader, frames: Sequence[str], upstream: UpstreamAnswer, candidate: Candidate, events: list[Event]
) -> None:
    """Add the events of these frames; those before an error too, which is raised without the provider's key."""
    try:
        for frame in frames:
            events += _read_frame(reader, frame, candidate)
    except ApiError as error:
        without_key(error, candidate)
        raise
    if reader.is_ending:
        upstream.end_soon()


def _read_frame(reader: Reader, frame: str, candidate: Candidate) -> list[Event]:
    """The events of a frame. One that is an error is read without the key: its words are cut to their length."""
    try:
        return reader.feed(frame)
    except ApiError:
        clean = candidate.provider.without_key(frame)
        if clean == frame:
            raise
    return reader.feed(clean)
