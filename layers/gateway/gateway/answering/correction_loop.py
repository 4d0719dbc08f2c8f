"""Asks one candidate, and again where its refusal says what it cannot take, or where its answer was empty.

What has helped is remembered. A refusal that names nothing is answered with the plainest form of the request; what of
that was needed is found out over the key's next requests (decision 29).
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from translator.anthropic.errors import ApiError, upstream_failure
from translator.bisection import Bisection, Trial, Verdict, bisect, trial_of
from translator.learned_traits import CorrectableError, LearnedTrait, UnexplainedError
from translator.plain_form import FORM, plainest
from translator.traits import Traits
from translator.writing.endings import EmptyAnswerError
from translator.writing.writer import TranslatedWriter, Writer

from gateway.answering.open_answer import Again, OpenAnswer
from gateway.answering.translated_request import CannotSearchError, TranslatedRequest
from gateway.answering.upstream_request import UpstreamRequest
from gateway.routing.resolve import Candidate

MOST_CALLS = 4
"""Of upstreams for one request, all candidates together."""

Ask = Callable[[UpstreamRequest], Awaitable[OpenAnswer]]
"""One call of the upstream. Raises `ApiError`."""


class Memory(Protocol):
    """Remembers what upstreams have taught by refusing."""

    async def correct(self, candidate: Candidate, key_id: str) -> Traits:
        """The candidate's traits with what has been learnt of it, by this key or by everybody. Never raises."""

    def learn(self, candidate: Candidate, key_id: str, refusal: CorrectableError) -> None:
        """Remember what the refusal has taught this key, where that lasts. Never raises, waits for nothing."""

    def bisection(self, candidate: Candidate, key_id: str) -> Bisection | None:
        """What is being found out of what the candidate has refused to this key without naming it."""

    def bisect(self, candidate: Candidate, key_id: str, bisection: Bisection | None) -> None:
        """Keep this for the key's next requests."""


async def ask_corrected(
    asking: UpstreamRequest, ask: Ask, memory: Memory, *, may_ask_again: Callable[[], bool]
) -> OpenAnswer:
    """The answer to the request, or to what is left of it after refusals. Raises `ApiError`."""
    return await _Loop(asking, ask, memory, may_ask_again).answer()


class _Loop:
    """The calls for one request to one candidate."""

    def __init__(self, asking: UpstreamRequest, ask: Ask, memory: Memory, may_ask_again: Callable[[], bool]) -> None:
        self._asking = asking
        self._ask = ask
        self._memory = memory
        self._may_ask_again = may_ask_again
        self._who = (asking.candidate, asking.asked.key.id)
        self._taken: list[CorrectableError] = []
        """The refusals for which the request has been corrected."""
        self._unexplained: UnexplainedError | None = None
        """The refusal that has led to the plainest form."""
        bisection = memory.bisection(*self._who)
        self._trial: Trial | None = None if bisection is None else trial_of(bisection, self._matters)
        self._is_trial_refused = False
        self._was_empty = False

    async def answer(self) -> OpenAnswer:
        current = self._asking if self._trial is None else self._without(self._trial.left_out)
        while True:
            try:
                answer = await self._ask(current)
            except EmptyAnswerError:
                if self._was_empty or not self._may_ask_again():
                    raise
                self._was_empty = True
            except CorrectableError as refusal:
                current = self._corrected(current, refusal)
            except ApiError:
                self._learn(self._taken[:-1])
                if self._unexplained is not None:
                    raise self._unexplained from None
                raise
            else:
                self._answered()
                answer.again = self._again_after(answer.writer, current)
                return answer

    def _corrected(self, current: UpstreamRequest, refusal: CorrectableError) -> UpstreamRequest:
        """The request without what was refused. Raises the refusal where it has no answer."""
        if self._is_trial_to_be_refused(refusal) and self._trial is not None:
            self._is_trial_refused = True
            return self._without(self._trial.bisection.unknown)
        try:
            corrected = current.corrected(refusal)
        except CannotSearchError as error:
            self._learn([*self._taken, refusal])  # so that the next request is told at once
            raise upstream_failure(error.message) from None
        if corrected.body == current.body and (plain := _in_plain_form(current, refusal)):
            refusal, corrected = plain, current.corrected(plain)
        is_repeated = self._is_repeated(refusal)
        if corrected.body == current.body or is_repeated or not self._may_ask_again():
            self._learn(self._taken[:-1] if is_repeated else self._taken)
            raise self._unexplained or refusal
        self._taken.append(refusal)
        if isinstance(refusal, UnexplainedError):
            self._unexplained = refusal
        return corrected

    def _is_repeated(self, refusal: CorrectableError) -> bool:
        """Whether it has been asked for that already: for one reason once more, or twice for a tool that goes."""
        last, before = (*reversed(self._taken[-2:]), None, None)[:2]
        if last is None:
            return False
        is_said_again = refusal.message == last.message
        is_said_thrice = is_said_again and before is not None and before.message == last.message
        return refusal.repeats(last) or is_said_thrice or (is_said_again and not refusal.is_of_a_tool)

    def _is_trial_to_be_refused(self, refusal: CorrectableError) -> bool:
        is_under_way = self._trial is not None and bool(self._trial.put_back) and not self._is_trial_refused
        return is_under_way and not self._taken and isinstance(refusal, UnexplainedError) and self._may_ask_again()

    def _answered(self) -> None:
        self._learn(self._taken)
        verdict: Verdict | None = None
        if self._unexplained is not None:
            verdict = Verdict(bisect(self._unexplained.learned, self._matters))
        elif self._trial is not None:
            verdict = self._trial.refused() if self._is_trial_refused else self._trial.answered()
        if verdict is None:
            return
        if verdict.found is not None:
            self._memory.learn(*self._who, CorrectableError(_FOUND, (verdict.found,)))
        self._memory.bisect(*self._who, verdict.rest)

    def _again_after(self, writer: Writer[Any], asked: UpstreamRequest) -> Again | None:
        """How the stream is gone on with where the model has only thought, which the caller has seen."""
        if self._was_empty or not isinstance(writer, TranslatedWriter) or not isinstance(asked, TranslatedRequest):
            return None
        if writer.has_answered:
            return None

        async def again() -> OpenAnswer:
            return await self._ask(asked.after(writer))

        return Again(writer, again, self._may_ask_again)

    def _learn(self, refusals: list[CorrectableError]) -> None:
        for refusal in refusals:
            self._memory.learn(*self._who, refusal)

    def _matters(self, trait: LearnedTrait) -> bool:
        return self._without((trait,)).body != self._asking.body

    def _without(self, traits: tuple[LearnedTrait, ...]) -> UpstreamRequest:
        return self._asking.corrected(CorrectableError(_FOUND, traits, lasts=False)) if traits else self._asking


def _in_plain_form(asked: UpstreamRequest, refusal: CorrectableError) -> UnexplainedError | None:
    """The refusal of a form that the request has not, as one that names nothing; what was not sent explains nothing."""
    is_of_form = any(trait.name in FORM for trait in refusal.learned)
    if not is_of_form or not isinstance(asked, TranslatedRequest) or isinstance(refusal, UnexplainedError):
        return None
    return UnexplainedError(refusal, plainest(asked.traits))


_FOUND = ApiError("invalid_request_error", "found by asking")
"""Stands for the refusal of what no upstream has named."""
