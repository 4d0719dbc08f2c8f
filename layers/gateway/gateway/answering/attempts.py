"""One request's way through its candidates, from the first attempt to the last event.

`begin` tries the candidates in order until one has begun a content block, each once more where its refusal says what
it cannot take. `rest` reads that one to its end, `finish` lets it go. `commit` starts the message in between: from
there a failure is an event.
Reserve, attempt, commit and settle are separate steps; when 200 is committed, docs/decisions/0007 says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Lock
from typing import Protocol

from translator.anthropic.errors import ApiError, Fault, UpstreamAccountError
from translator.anthropic.events import Event, Usage
from translator.dialect import Dialect, Reader
from translator.endings import AnsweringError, EndedReader
from translator.learned_traits import CorrectableError
from translator.stream.emitter import Emitter
from translator.traits import Traits

from gateway.answering.ledger import Estimate, Ledger, Reservation
from gateway.answering.upstream_request import Asked, Question, Upstream, UpstreamAnswer, question, without_key
from gateway.cancellation import Cancellation
from gateway.routing.resolve import Candidate

_OK = range(200, 300)


class Memory(Protocol):
    """Remembers what upstreams have taught by refusing."""

    def correct(self, candidate: Candidate, key_id: str) -> Traits:
        """The candidate's traits with what has been learnt of it, by this key or by everybody. Never raises."""

    def learn(self, candidate: Candidate, key_id: str, refusal: CorrectableError) -> None:
        """Remember what the refusal has taught this key, where that lasts. Never raises."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who was asked."""

    number: int
    candidate: Candidate
    dropped: tuple[str, ...]
    """The fields that this candidate could not be asked to honour."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of its answer, as soon as they have come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An attempt that has come to its first content block, or to its end."""

    events: list[Event]
    """What has not been sent by `commit`."""
    answer: UpstreamAnswer
    batches: Iterator[list[str]]
    reader: Reader
    reservation: Reservation


class Exchange:
    """The attempts of one request. `begin` may run in another thread than the rest. `monotonic` gives seconds."""

    def __init__(
        self,
        asked: Asked,
        candidates: Sequence[Candidate],
        new_emitter: Callable[[], Emitter],
        *,
        dialects: Mapping[str, Dialect],
        upstream: Upstream,
        ledger: Ledger,
        memory: Memory,
        monotonic: Callable[[], float],
    ) -> None:
        self.attempt: Attempt | None = None
        """The last one."""
        self.emitter = new_emitter()
        """Of the last attempt: nothing of one that failed may show in the next."""
        self.heard: SimpleQueue[None] = SimpleQueue()
        """Holds something when the answer can begin.

        The attempts are over, or the last candidate was heard (not an error): from then on nobody else can answer.
        """
        self.authentication_failures = 0
        """Attempts at which an upstream refused the operator's own account."""
        self._asked = asked
        self._candidates = candidates
        self._new_emitter = new_emitter
        self._dialects = dialects
        self._upstream = upstream
        self._ledger = ledger
        self._memory = memory
        self._monotonic = monotonic
        self._ends = monotonic() + asked.deadlines.total
        self._cancellation = Cancellation()
        self._lock = Lock()
        self._pending: list[Event] = []
        self._is_committed = False
        self._is_last = False
        """Whether nobody is left to ask after this candidate."""

    def begin(self) -> Begun:
        """The first candidate that answers. Raises the last `ApiError`, or at once one that is no upstream's fault."""
        for position, candidate in enumerate(self._candidates, start=1):
            estimate = Estimate(input_tokens=self._asked.input_tokens, max_tokens=self._asked.request.max_tokens)
            reservation = self._ledger.reserve(self._asked.key, candidate, estimate)
            self._is_last = position == len(self._candidates)
            try:
                return self._ask(candidate, reservation)
            except ApiError as error:
                reservation.settle(None)
                self.authentication_failures += isinstance(error, UpstreamAccountError)
                is_over = self._is_last or self.seconds_left() <= 0
                if is_over or error.fault is not Fault.UPSTREAM:
                    raise
            except BaseException:
                reservation.settle(None)
                raise
        raise ValueError("no candidates")

    def seconds_left(self) -> float:
        """What is left of the total for all attempts."""
        return self._ends - self._monotonic()

    def count_input(self) -> None:
        """Work out the estimate of the input tokens now, while an upstream is at work."""
        int(self._asked.input_tokens)

    def commit(self) -> list[Event]:
        """Start the message before its first content; nothing where it has been started."""
        with self._lock:
            self._is_committed = True
            return self._take_pending() or self.emitter.start()

    def rest(self, begun: Begun) -> Iterator[list[Event]]:
        """The events after the first ones, in the batches in which they arrive. Raises `ApiError`."""
        while not begun.reader.is_done:
            frames = next(begun.batches, None)
            if frames is None:
                break
            events: list[Event] = []
            try:
                self._read(begun.reader, frames, begun.answer, events)
            except ApiError:
                yield events
                raise
            yield events
        yield begun.reader.close()

    def cancel(self) -> None:
        """End all waiting for upstreams, from another thread."""
        self._cancellation.cancel()

    def finish(self, begun: Begun) -> Usage:
        """Let the upstream go, read to its end or not, and settle what was used."""
        usage = self.emitter.final_usage()
        try:
            begun.answer.close(drain=begun.reader.is_done and not begun.reader.is_cut)
        finally:
            begun.reservation.settle(usage)
        return usage

    def _ask(self, candidate: Candidate, reservation: Reservation) -> Begun:
        """Ask a candidate, and once more where its refusal says what it cannot take: that is remembered."""
        self._renew_emitter()
        key_id = self._asked.key.id
        asking = question(self._asked, candidate, self._dialects, self._memory.correct(candidate, key_id))
        try:
            return self._try(asking, reservation)
        except CorrectableError as first:
            refusal, corrected = first, asking.corrected(first)
            if corrected.encoded.body == asking.encoded.body or self.seconds_left() <= 0:
                raise
        self._renew_emitter()
        try:
            begun = self._try(corrected, reservation)
        except CorrectableError as another:
            # Another complaint: what was corrected has been taken, and the next request corrects the rest.
            if not another.repeats(refusal):
                self._memory.learn(candidate, key_id, refusal)
            raise
        self._memory.learn(candidate, key_id, refusal)
        return begun

    def _try(self, asking: Question, reservation: Reservation) -> Begun:
        number = 1 if self.attempt is None else self.attempt.number + 1
        attempt = Attempt(number, asking.candidate, asking.encoded.dropped)
        self.attempt = attempt
        answer = asking.put(self._upstream, seconds=self.seconds_left(), cancellation=self._cancellation)
        self.attempt = replace(attempt, headers=answer.headers)
        try:
            if answer.status not in _OK:
                raise asking.refusal(answer)
            reader = asking.reader(self.emitter)
            batches = answer.batches()
            events = self._first_events(reader, batches, answer)
            return Begun(events=events, answer=answer, batches=batches, reader=reader, reservation=reservation)
        except AnsweringError as error:
            events = self._answered(error)
            return Begun(events=events, answer=answer, batches=iter(()), reader=EndedReader(), reservation=reservation)
        except BaseException:
            answer.close()
            raise

    def _answered(self, error: AnsweringError) -> list[Event]:
        """The message that the upstream's error stands for, in the place of what has begun."""
        with self._lock:
            return self._take_pending() + error.answer(self.emitter)

    def _renew_emitter(self) -> None:
        with self._lock:
            self.emitter = self._new_emitter()
            self._pending = []
            if self._is_committed:
                self.emitter.start()  # which the caller has had

    def _first_events(self, reader: Reader, batches: Iterator[list[str]], answer: UpstreamAnswer) -> list[Event]:
        """Read until there is content. Where there never is, `close` raises what that means."""
        for frames in batches:
            with self._lock:
                self._read(reader, frames, answer, self._pending)
                if any(event["type"] == "content_block_start" for event in self._pending):
                    return self._take_pending()
                if self._pending and self._is_last and self.heard.empty():
                    self.heard.put(None)
            if reader.is_done:
                break
        with self._lock:
            self._pending += reader.close()
            return self._take_pending()

    def _take_pending(self) -> list[Event]:
        events, self._pending = self._pending, []
        return events

    def _read(self, reader: Reader, frames: Sequence[str], answer: UpstreamAnswer, events: list[Event]) -> None:
        try:
            for frame in frames:
                events += reader.feed(frame)
        except ApiError as error:
            if self.attempt is not None:
                without_key(error, self.attempt.candidate)
            raise
        if reader.is_ending:
            answer.end_soon()
