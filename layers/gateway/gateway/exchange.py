"""One request's way through its candidates, from the first attempt to the last event.

`begin` tries the candidates in order until one has sent an event that is no error, `rest` reads that one to its end,
`finish` lets it go.
Reserve, attempt, commit and settle are separate steps. See D14 and D15 in docs/decisions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from translator.anthropic.errors import ApiError, Fault, upstream_failure
from translator.anthropic.events import Event, encode_json
from translator.anthropic.request import MessagesRequest
from translator.dialect import Caller, Dialect, Reader
from translator.emitter import Emitter

from gateway.deadlines import Deadlines
from gateway.key_records import KeyRecord
from gateway.ledger import Estimate, Ledger, Reservation
from gateway.routing import Candidate
from gateway.upstream import MAX_ERROR_BYTES, Upstream, UpstreamAnswer

_OK = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, once and for all candidates."""

    request: MessagesRequest
    caller: Caller
    key: KeyRecord
    message_id: str
    input_tokens: int
    """Our estimate."""
    deadlines: Deadlines


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An attempt whose first events have arrived."""

    candidate: Candidate
    attempts: int
    dropped: tuple[str, ...]
    events: list[Event]
    answer: UpstreamAnswer
    batches: Iterator[list[str]]
    reader: Reader
    reservation: Reservation


class Exchange:
    """The attempts of one request. `begin` may run in another thread than `commit`."""

    def __init__(
        self,
        asked: Asked,
        candidates: Sequence[Candidate],
        emitter: Emitter,
        *,
        dialects: Mapping[str, Dialect],
        upstream: Upstream,
        ledger: Ledger,
    ) -> None:
        self.emitter = emitter
        self._asked = asked
        self._candidates = candidates
        self._dialects = dialects
        self._upstream = upstream
        self._ledger = ledger
        self._lock = Lock()

    def begin(self) -> Begun:
        """The first candidate that answers. Raises the last `ApiError`, or at once one that is the caller's fault."""
        for attempt, candidate in enumerate(self._candidates, start=1):
            estimate = Estimate(input_tokens=self._asked.input_tokens, max_tokens=self._asked.request.max_tokens)
            reservation = self._ledger.reserve(self._asked.key, candidate, estimate)
            try:
                return self._attempt(candidate, attempt, reservation)
            except ApiError as error:
                reservation.settle(None)
                if error.fault is not Fault.UPSTREAM or attempt == len(self._candidates):
                    raise
            except BaseException:
                reservation.settle(None)
                raise
        raise ValueError("no candidates")

    def commit(self) -> list[Event]:
        """Start the message although nothing has arrived yet; nothing where it has been started."""
        with self._lock:
            return self.emitter.start()

    def rest(self, begun: Begun) -> Iterator[list[Event]]:
        """The events after the first ones, in the batches in which they arrive. Raises `ApiError`."""
        while not begun.reader.is_done:
            frames = next(begun.batches, None)
            if frames is None:
                break
            yield self._read(begun.reader, frames, begun.answer)
        yield begun.reader.close()

    def cancel(self) -> None:
        """End the wait for the upstream, from another thread."""
        self._upstream.cancel()

    def finish(self, begun: Begun) -> None:
        """Let the upstream go, read to its end or not, and settle what was used."""
        try:
            begun.answer.close(drain=begun.reader.is_done and not begun.reader.is_cut)
        finally:
            begun.reservation.settle(self.emitter.final_usage())

    def _attempt(self, candidate: Candidate, attempt: int, reservation: Reservation) -> Begun:
        dialect = self._dialect_of(candidate)
        asked = self._asked
        encoded = dialect.encode(asked.request, model=candidate.model, traits=candidate.traits, caller=asked.caller)
        answer = self._upstream.open(
            candidate.base_url + dialect.path,
            headers=candidate.provider.authorization(),
            body=encode_json(encoded.body),
            deadlines=asked.deadlines,
        )
        try:
            if answer.status not in _OK:
                raise dialect.error(
                    answer.status,
                    answer.headers,
                    answer.read(MAX_ERROR_BYTES),
                    input_tokens=asked.input_tokens,
                    traits=candidate.traits,
                )
            reader = dialect.reader(
                self.emitter,
                encoded=encoded,
                request=asked.request,
                traits=candidate.traits,
                message_id=asked.message_id,
                input_tokens=asked.input_tokens,
            )
            batches = answer.batches()
            events = self._first_events(reader, batches, answer)
        except BaseException:
            answer.close()
            raise
        return Begun(
            candidate=candidate,
            attempts=attempt,
            dropped=encoded.dropped,
            events=events,
            answer=answer,
            batches=batches,
            reader=reader,
            reservation=reservation,
        )

    def _dialect_of(self, candidate: Candidate) -> Dialect:
        for name in candidate.dialects:
            if name in self._dialects:
                return self._dialects[name]
        spoken = " or ".join(candidate.dialects)
        raise upstream_failure(f"{candidate.name} is only served through {spoken}, which this gateway does not speak yet")

    def _first_events(self, reader: Reader, batches: Iterator[list[str]], answer: UpstreamAnswer) -> list[Event]:
        """Read until something can be sent. Where nothing ever can, `close` raises what that means."""
        for frames in batches:
            with self._lock:
                events = self._read(reader, frames, answer)
            if events:
                return events
            if reader.is_done:
                break
        return reader.close()

    def _read(self, reader: Reader, frames: Sequence[str], answer: UpstreamAnswer) -> list[Event]:
        events: list[Event] = []
        for frame in frames:
            events += reader.feed(frame)
        if reader.is_ending:
            answer.end_soon()
        return events
