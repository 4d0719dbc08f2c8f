"""Asks one candidate, and once more where its refusal says what it cannot take: that is remembered."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from translator.learned_traits import CorrectableError
from translator.traits import Traits

from gateway.answering.open_answer import OpenAnswer
from gateway.answering.upstream_request import UpstreamRequest
from gateway.routing.resolve import Candidate

Ask = Callable[[UpstreamRequest], Awaitable[OpenAnswer]]
"""One call of the upstream. Raises `ApiError`."""


class Memory(Protocol):
    """Remembers what upstreams have taught by refusing."""

    async def correct(self, candidate: Candidate, key_id: str) -> Traits:
        """The candidate's traits with what has been learnt of it, by this key or by everybody. Never raises."""

    def learn(self, candidate: Candidate, key_id: str, refusal: CorrectableError) -> None:
        """Remember what the refusal has taught this key, where that lasts. Never raises, waits for nothing."""


async def ask_corrected(
    asking: UpstreamRequest, ask: Ask, memory: Memory, *, is_out_of_time: Callable[[], bool]
) -> OpenAnswer:
    """The answer to the request, or to what is left of it after a refusal. Raises `ApiError`."""
    candidate, key_id = asking.candidate, asking.asked.key.id
    try:
        return await ask(asking)
    except CorrectableError as first:
        refusal, corrected = first, asking.corrected(first)
        if corrected.body == asking.body or is_out_of_time():
            raise
    try:
        answer = await ask(corrected)
    except CorrectableError as another:
        # Another complaint: what was corrected has been taken, and the next request corrects the rest.
        if not another.repeats(refusal):
            memory.learn(candidate, key_id, refusal)
        raise
    memory.learn(candidate, key_id, refusal)
    return answer
