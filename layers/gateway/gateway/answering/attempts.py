"""Tries the candidates of a request in order, each once more where its refusal is corrected.

`begin` asks until one candidate has begun a content block. `commit` starts the message before: from there on a failure
is an event. Reserve, attempt, commit and settle are separate steps. Where the route hedges, two candidates may be asked
beside each other (`lanes`).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from translator.anthropic.errors import ApiError, Fault, UpstreamAccountError
from translator.dialect import Dialect
from translator.writing.endings import AnsweringError
from translator.writing.writer import Writer

from gateway.answering.caller_request import CallerRequest
from gateway.answering.correction_loop import MOST_CALLS, Memory, ask_corrected
from gateway.answering.lanes import Attempt, Hedge, Lane, Race, started
from gateway.answering.native_request import is_native, native_request
from gateway.answering.open_answer import OpenAnswer, written
from gateway.answering.translated_request import translated_request
from gateway.answering.upstream_request import Upstream, UpstreamAnswer, UpstreamRequest
from gateway.money.estimates import Estimate
from gateway.money.ledger import Ledger
from gateway.money.pricing import cost
from gateway.money.refusals import OverBudgetError
from gateway.money.unseen import unseen_tokens
from gateway.routing.resolve import Candidate
from gateway.web.outcomes import Outcome, outcome_of, worth_telling

LEAST_SECONDS = 0.05
"""Less is not worth an attempt. A deadline may come a little early: the timers of event loops count milliseconds."""
_OK = range(200, 300)

Frame = TypeVar("Frame", str, bytes)


class Health(Protocol):
    """Remembers how candidates fare."""

    def may_ask(self, candidate: Candidate) -> bool:
        """Whether it may be asked while others are left."""

    def ended(
        self, candidate: Candidate, outcome: Outcome, key_id: str, retry_after: int | None, session: str | None
    ) -> None:
        """Take over what an attempt for this key and session came to. Never raises, waits for nothing."""

    def after(self, failed: Candidate, outcome: Outcome, left: Sequence[Candidate], key_id: str) -> list[Candidate]:
        """Who is worth asking after an attempt for this key that has failed so, of those that are left."""

    def beside(self, left: Sequence[Candidate], key_id: str) -> Candidate | None:
        """Who may be asked beside a slow one, of those left; None where nobody is healthy, or no retry is left."""


class Attempts:
    """The attempts of one request. `monotonic` gives seconds."""

    def __init__(
        self,
        asked: CallerRequest,
        candidates: Sequence[Candidate],
        *,
        dialects: Mapping[str, Dialect],
        upstream: Upstream,
        ledger: Ledger,
        memory: Memory,
        health: Health,
        monotonic: Callable[[], float],
        cheaper: Callable[[], Awaitable[Sequence[Candidate]]],
        hedge: Hedge | None = None,
    ) -> None:
        self.made: list[Attempt] = []
        """All of them in their order, each with what it came to; the one that answers is the last."""
        self.writer: Writer[Any] | None = None
        """Of the last attempt: nothing of one that failed may show in the next."""
        self.heard = asyncio.Event()
        """Set when the answer can begin: nobody but the last candidate can answer, and it was heard (not an error)."""
        self.lost_micro_dollars = 0
        """What candidates may have cost that were given up, by estimate."""
        self.limit_headers: Mapping[str, str] = {}
        """What the caller is told of its own limits."""
        self.authentication_failures = 0
        """Attempts at which an upstream refused the operator's own account."""
        self._asked = asked
        self._candidates = candidates
        self._dialects = dialects
        self._upstream = upstream
        self._ledger = ledger
        self._memory = memory
        self._health = health
        self._monotonic = monotonic
        self._cheaper = cheaper
        self._hedge = hedge
        self._ends = monotonic() + asked.deadlines.total
        self._lanes: list[Lane] = []
        """Of the candidate that is being asked, or of both."""
        self._is_committed = False
        self._is_last = False
        """Whether nobody is left to ask after this candidate."""

    async def begin(self) -> OpenAnswer:
        """The first candidate that answers. Raises the `ApiError` to tell, at once one that is no upstream's fault."""
        with self._asked.counting():
            return await self._first_answer()

    @property
    def attempt(self) -> Attempt | None:
        """The last one."""
        return self.made[-1] if self.made else None

    def is_out_of_time(self) -> bool:
        """Whether what is left of the total is not worth another attempt."""
        return self.seconds_left() < LEAST_SECONDS

    def seconds_left(self) -> float:
        """What is left of the total for all attempts."""
        return self._ends - self._monotonic()

    def commit(self) -> bytes:
        """Start the message before its first content; nothing where the upstream has to begin it."""
        begun = started(self._lanes)
        self._is_committed = self._is_committed or bool(begun)
        return begun

    async def _first_answer(self) -> OpenAnswer:
        left = list(self._candidates)
        failures: list[ApiError] = []
        is_over_budget = False
        while left:
            candidate = left.pop(0)
            if left and not self._health.may_ask(candidate):
                continue
            try:
                lane = await self._reserved(candidate)
            except OverBudgetError:
                left, is_over_budget = ([], True) if is_over_budget else (list(await self._cheaper()), True)
                if not left:
                    raise
                continue
            self._lanes = [lane]
            self._is_last = not left
            after = self._hedge.after(candidate) if self._hedge is not None and left else None
            try:
                return await (self._ask(lane) if after is None else self._ask_two(after, left, failures))
            except ApiError as error:
                if error.fault is not Fault.UPSTREAM:
                    raise
                failures.append(error)
                failed = self._lanes[0].candidate
                left = self._health.after(failed, outcome_of(error), left, self._asked.key.id)
                if not self._may_ask_again():
                    break
        raise worth_telling(failures)

    def _estimate(self, candidate: Candidate) -> Estimate:
        unseen = 0
        if self._asked.key.budgets():
            if is_native(candidate, self._dialects):
                self._asked.check_limit()
            window = candidate.facts.context_window if candidate.facts else None
            unseen = unseen_tokens(self._asked.document, window)
        return Estimate(
            input_tokens=self._asked.estimated_tokens,
            max_tokens=self._asked.max_tokens,
            seconds=max(0.0, self.seconds_left()),
            unseen_tokens=unseen,
        )

    async def _reserved(self, candidate: Candidate, *, is_second: bool = False) -> Lane:
        reservation = await self._ledger.reserve(self._asked.key, candidate, self._estimate(candidate))
        self.limit_headers = reservation.headers()
        return Lane(candidate, reservation, is_second)

    async def _give_up(self, lane: Lane) -> None:
        """Book what a candidate may be paid for that has failed, or was outrun."""
        if lane.is_given_up:
            return
        lane.is_given_up = True
        if lane.lost is not None:
            self.lost_micro_dollars += cost(lane.lost, lane.candidate.prices) or 0
        await lane.reservation.settle(lane.lost, is_estimate=True)

    async def _ask_two(self, after: float, left: list[Candidate], failures: list[ApiError]) -> OpenAnswer:
        """The first candidate's answer, or that of another who is left and asked beside it after so many seconds."""

        async def second() -> Lane | None:
            candidate = self._health.beside(left, self._asked.key.id) if self._may_ask_again() else None
            if candidate is None:
                return None
            try:
                lane = await self._reserved(candidate, is_second=True)
            except ApiError:
                return None  # a budget does not hold both: the first goes on alone
            left.remove(candidate)
            return lane

        try:
            answer = await Race(self._lanes, ask=self._ask, give_up=self._give_up).answer(after, second, failures)
        finally:
            self.writer = self._lanes[0].writer or self.writer
        self.made.sort(key=lambda each: each is self._lanes[0].attempt)
        return answer

    async def _ask(self, lane: Lane) -> OpenAnswer:
        candidate, most_tokens = lane.candidate, lane.reservation.max_tokens
        try:
            traits = await self._memory.correct(candidate, self._asked.key.id)
            asking: UpstreamRequest
            if is_native(candidate, self._dialects):
                asking = native_request(self._asked, candidate, traits, most_tokens=most_tokens)
            else:
                asking = await translated_request(
                    self._asked, candidate, self._dialects, traits, most_tokens=most_tokens
                )
            ask = partial(self._try, lane)
            return await ask_corrected(asking, ask, self._memory, may_ask_again=self._may_ask_again)
        except BaseException as error:
            await self._give_up(lane)
            self.authentication_failures += isinstance(error, UpstreamAccountError)
            raise

    def _may_ask_again(self) -> bool:
        return not self.is_out_of_time() and len(self.made) < MOST_CALLS

    async def _try(self, lane: Lane, asking: UpstreamRequest) -> OpenAnswer:
        writer = self.writer = lane.writer = asking.writer(is_started=self._is_committed)
        lane.pending = []
        began = self._monotonic()
        attempt = lane.attempt = Attempt(asking.candidate, asking.dropped)
        self.made.append(attempt)
        outcome: Outcome = "answered"
        retry_after = None
        try:
            return await self._opened(lane, attempt, asking, writer)
        except BaseException as error:
            outcome, retry_after = outcome_of(error), getattr(error, "retry_after", None)
            if outcome == "cancelled" and lane.is_outrun:
                outcome = "outrun"
            if _is_given_up(error):
                lane.lost = writer.final_usage()
            raise
        finally:
            attempt.outcome, attempt.seconds = outcome, self._monotonic() - began
            self._health.ended(asking.candidate, outcome, self._asked.key.id, retry_after, self._asked.caller.session)
            if self._hedge is not None and (outcome == "answered" or (outcome == "outrun" and not lane.is_second)):
                self._hedge.note(asking.candidate, attempt.seconds)

    async def _opened(self, lane: Lane, attempt: Attempt, asking: UpstreamRequest, writer: Writer[Any]) -> OpenAnswer:
        upstream = await asking.send(self._upstream, seconds=self.seconds_left())
        attempt.headers = upstream.headers
        batches = asking.batches(upstream)
        try:
            if upstream.status not in _OK:
                raise await asking.refusal(upstream)
            first = await self._first_pieces(lane, writer, batches, upstream)
        except AnsweringError as error:
            first = lane.take_pending() + writer.answer(error)
        except BaseException:
            await batches.aclose()
            await upstream.close()
            raise
        writer.forget_request()
        return OpenAnswer(
            first=first,
            writer=writer,
            candidate=asking.candidate,
            upstream=upstream,
            batches=batches,
            reservation=lane.reservation,
        )

    async def _first_pieces(
        self, lane: Lane, writer: Writer[Frame], batches: AsyncGenerator[list[Frame]], upstream: UpstreamAnswer
    ) -> bytes:
        """Read until there is content. Where there never is, `close` raises what that means."""
        async for frames in batches:
            lane.pending.append(written(writer, frames, upstream, lane.candidate))
            if writer.has_begun:
                return lane.take_pending()
            if any(lane.pending) and self._is_last:
                self.heard.set()
            if writer.is_done:
                break
        lane.pending.append(writer.close())
        return lane.take_pending()


def _is_given_up(error: BaseException) -> bool:
    """Whether an upstream may be at work for a call that has ended so: it has refused nothing, and is to be paid."""
    if isinstance(error, ApiError):
        return error.reason in ("connection_lost", "timeout")
    return isinstance(error, asyncio.CancelledError)
