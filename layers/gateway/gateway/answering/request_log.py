"""Watches one request: its times, the headers of its answer, and its line in the log."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from translator.anthropic.errors import ApiError
from translator.anthropic.events import Usage
from translator.headers.rate_limits import read_rate_limits

from gateway.answering.attempts import Attempts
from gateway.answering.open_answer import Again, OpenAnswer
from gateway.choice.cache_holders import WarmCache
from gateway.money.amounts import dollars_exactly
from gateway.money.pricing import cost
from gateway.money.rate_limits import Pass
from gateway.routing.resolve import Candidate
from gateway.web.failures import after_the_answer, beside_the_answer, unexpected
from gateway.web.headers import rate_limit_headers, routing_headers, server_timing
from gateway.web.outcomes import told
from gateway.web.summary import Describe, Log, Summary
from gateway.web.uninterrupted import uninterrupted

CLIENT_CLOSED_REQUEST = 499
"""No status of HTTP's, but one that proxies log and SDKs know."""
Watch = Callable[[Candidate, Summary], None]
"""Takes over how a request ended that this candidate was the last to be asked for. Never raises."""
Record = Callable[[Summary, Candidate], Coroutine[Any, Any, None]]
"""Writes down how a request ended that this candidate was the last to be asked for. Never raises."""
_NOTHING: Mapping[str, str] = {}


class RequestLog:
    """One request, from its arrival to its log line. Both clocks give seconds, `clock` those since the epoch."""

    def __init__(
        self,
        request_id: str,
        *,
        monotonic: Callable[[], float],
        clock: Callable[[], float],
        log: Log,
        describe: Describe,
        watch: Watch,
        record: Record | None = None,
        gathers: bool = False,
    ) -> None:
        self.summary = Summary(request_id=request_id)
        self._monotonic = monotonic
        self._clock = clock
        self._told: Mapping[str, str] = {}
        """The headers of the last upstream that has answered."""
        self._log = log
        self._describe = describe
        self._watch = watch
        self._record = record
        self._gathers = gathers
        """Whether the record of a request is written later, with others: noting it takes no time."""
        self._limits: Mapping[str, str] = {}
        self.taken: Pass | None = None
        """What the key's limits have counted for the request."""
        self.warm: WarmCache | None = None
        """Who holds the session's prompt cache."""
        self._candidate: Candidate | None = None
        """The last that was asked."""
        self._answer: OpenAnswer | None = None
        """The one that the caller is getting."""
        self._arrived = monotonic()
        self._asked = self._arrived
        self._waited_ms = 0.0

    async def begin(self, attempts: Attempts) -> OpenAnswer:
        """Run the attempts, and note how long they took and who answered."""
        self._asked = self._monotonic()
        try:
            self._answer = answer = await attempts.begin()
            self.answers(attempts)
        finally:
            self._note_attempt(attempts)
        return answer

    async def begin_again(self, attempts: Attempts, again: Again) -> OpenAnswer:
        """Ask once more for an answer of which only thoughts have come."""
        try:
            self._answer = answer = await again.ask()
            return answer
        finally:
            self._note_attempt(attempts)

    def answers(self, attempts: Attempts) -> None:
        """The caller's answer begins."""
        self._note_attempt(attempts)
        if self.warm is not None:
            holder, why = self.warm
            has_left = self.summary.model != holder
            if has_left and any(each["outcome"] == "outrun" and each["model"] == holder for each in self.summary.tried):
                why = "outrun"
            self.summary.left_cache = f"{holder}={why}" if has_left else None
        if self.summary.first_event_ms is None:
            self.summary.first_event_ms = self._elapsed_ms()

    def waited(self) -> None:
        """The upstream has been waited for until now: with a whole answer, to its end."""
        self._waited_ms = (self._monotonic() - self._asked) * 1000

    def used(self, usage: Usage, *, is_estimate: bool = False) -> None:
        """This much has been settled."""
        self.summary.count(usage)
        if self._candidate is not None:
            prices = self._candidate.prices
            spent = beside_the_answer(lambda: cost(usage, prices), None, self._log)
            self._add_cost(spent, is_estimate=is_estimate)

    def cost_so_far(self) -> int | None:
        """Micro-dollars, before the answer has been settled; None: the model has no price."""
        lost = self.summary.cost_micro_dollars
        if self._answer is None:
            return lost
        more = cost(self._answer.writer.final_usage(), self._answer.candidate.prices)
        return lost if more is None else (lost or 0) + more

    @property
    def has_to_write(self) -> bool:
        """Whether something is to be written when the answer has ended that takes its time."""
        is_written = self._record is not None and self._candidate is not None and not self._gathers
        return self.taken is not None or is_written

    async def record(self) -> None:
        """Write down who has spent what, after the answer has ended. Never raises."""
        if self.taken is not None:
            await after_the_answer(partial(self.taken.end, self.summary.all_tokens), self._log)
        if self._record is not None and self._candidate is not None:
            write, candidate, alone = self._record, self._candidate, not self._gathers
            await after_the_answer(
                lambda: uninterrupted(write(self.summary, candidate)) if alone else write(self.summary, candidate),
                self._log,
            )

    def succeeded(self, stop_reason: str | None) -> None:
        """The answer is whole."""
        self.summary.stop_reason = stop_reason

    def refused(self, error: ApiError) -> None:
        """Nothing was sent but this error."""
        self.summary.fail(error)
        self.summary.status = error.status

    def broke_off(self, error: ApiError) -> None:
        """The stream had begun, with status 200, and ended in this error."""
        self.summary.fail(error)

    def hung_up(self) -> None:
        """The invocation is being ended with nothing sent, since nobody waits for it; what was used is logged."""
        self.summary.status = CLIENT_CLOSED_REQUEST
        self.end()

    def unexpected(self, error: Exception) -> ApiError:
        """Note an error that nobody expected; what the caller is told of it."""
        return unexpected(error, self._log)

    def end(self) -> None:
        """Log the request."""
        if self.summary.stop_reason is None and self.summary.error_type is None:
            self.summary.abandon()
        self.summary.total_ms = self._elapsed_ms()
        if self._candidate is not None:
            candidate = self._candidate
            beside_the_answer(lambda: self._watch(candidate, self.summary), None, self._log)
        beside_the_answer(lambda: self._log("request", self._describe(self.summary)), None, self._log)

    def headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """The headers of the answer: `more` and those that tell how it was served."""
        served = beside_the_answer(self._served, _NOTHING, self._log)
        return {**more, "request-id": self.summary.request_id, **served}

    def _served(self) -> Mapping[str, str]:
        """By whom, and in what time."""
        summary = self.summary
        own = max(0.0, self._elapsed_ms() - self._waited_ms)
        spent = summary.cost_micro_dollars
        return {
            **({} if spent is None else {"x-edgeway-cost-usd": dollars_exactly(spent)}),
            "server-timing": server_timing(edgeway=own, upstream=self._waited_ms),
            **rate_limit_headers(read_rate_limits(self._told), now=self._clock()),
            **self._limits,
            **routing_headers(
                model=summary.model,
                attempts=summary.attempts,
                dropped=summary.dropped,
                cache=summary.cache,
                upstream_request_id=self._told.get("request-id"),
                failed=told(summary.tried) if summary.error_type or summary.is_hedged else (),
            ),
        }

    def _note_attempt(self, attempts: Attempts) -> None:
        self.waited()
        self.summary.upstream_ms = self._waited_ms
        self.summary.upstream_authentication_failures = attempts.authentication_failures
        if (attempt := attempts.attempt) is not None:
            self._candidate = attempt.candidate
            self.summary.model = attempt.candidate.name
            self.summary.attempts = len(attempts.made)
            self.summary.dropped = attempt.dropped
            self.summary.tried = [each.told() for each in attempts.made]
            self._told = attempt.headers
        self._limits = attempts.limit_headers
        if attempts.lost_micro_dollars:
            self.summary.cost_micro_dollars, self.summary.cost_is_estimate = attempts.lost_micro_dollars, True

    def _add_cost(self, micro_dollars: int | None, *, is_estimate: bool) -> None:
        """To what candidates may have cost that have failed."""
        if micro_dollars is not None:
            self.summary.cost_micro_dollars = (self.summary.cost_micro_dollars or 0) + micro_dollars
            self.summary.cost_is_estimate |= is_estimate

    def _elapsed_ms(self) -> float:
        return (self._monotonic() - self._arrived) * 1000
