"""What one candidate is asked, in its dialect, and what its answer means."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from translator.anthropic.errors import ApiError, upstream_failure
from translator.anthropic.events import encode_json
from translator.anthropic.request import MessagesRequest
from translator.dialect import Caller, Dialect, EncodedRequest, Reader
from translator.learned_traits import CorrectableError
from translator.stream.emitter import Emitter
from translator.tokens.context_window import fit_into_window, is_roomy
from translator.traits import Traits

from gateway.access.key_records import KeyRecord
from gateway.answering.lazy_count import LazyCount
from gateway.routing.resolve import Candidate
from gateway.upstream.deadlines import Alarm, Deadlines


class UpstreamAnswer(Protocol):
    """An upstream's answer whose head has arrived."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""

    @property
    def alarm(self) -> Alarm:
        """Wakes the reader of `batches` where nothing comes."""

    def batches(self) -> AsyncGenerator[list[str]]:
        """The frames of the answer, as many at a time as have arrived together; none where the alarm was due.

        Raises `ApiError`.
        """

    async def error_body(self) -> bytes:
        """The body, where the status is no 2xx. Never raises on account of the upstream."""

    def end_soon(self) -> None:
        """The model has stopped: what may still come is not worth a long wait."""

    async def close(self, *, drain: bool = False) -> None:
        """Let go of the connection, which can be used again where it is drained."""


class Upstream(Protocol):
    """Opens calls."""

    async def open(self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> UpstreamAnswer:
        """POST the body. Raises `ApiError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRequest:
    """What the caller asks, once and for all candidates."""

    request: MessagesRequest
    caller: Caller
    key: KeyRecord
    message_id: str
    input_tokens: LazyCount
    """Our estimate, worked out when it is asked for."""
    deadlines: Deadlines
    """The total is for all attempts together."""


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """The caller's request as one candidate gets it."""

    asked: CallerRequest
    candidate: Candidate
    dialects: Mapping[str, Dialect]
    """All that are spoken here."""
    dialect: Dialect
    traits: Traits
    encoded: EncodedRequest
    lost: tuple[str, ...]
    """What the caller loses by the traits that the dialect cannot know of."""

    def corrected(self, refusal: CorrectableError) -> "UpstreamRequest":
        """The same without what the candidate has refused."""
        lost = (*self.lost, *refusal.lost)
        return _encoded(self.asked, self.candidate, self.dialects, refusal.correct(self.traits), lost)

    async def send(self, upstream: Upstream, *, seconds: float) -> UpstreamAnswer:
        """Send it; the answer may take so many seconds. Raises what `Upstream.open` raises."""
        return await upstream.open(
            self.candidate.base_url + self.dialect.path,
            headers=self.candidate.provider.authorization(),
            body=encode_json(self.encoded.body),
            deadlines=replace(self.asked.deadlines, total=seconds),
        )

    def reader(self, emitter: Emitter) -> Reader:
        """A reader for the answer, whose events come from the emitter."""
        return self.dialect.reader(
            emitter,
            encoded=self.encoded,
            request=self.asked.request,
            traits=self.traits,
            message_id=self.asked.message_id,
            input_tokens=self.asked.input_tokens,
        )

    async def refusal(self, answer: UpstreamAnswer) -> ApiError:
        """What an answer that is no 2xx means to the caller."""
        body = await answer.error_body()
        await self.asked.input_tokens.counted()  # an overflow is told by the number
        error = self.dialect.error(
            answer.status,
            answer.headers,
            body,
            request=self.asked.request,
            input_tokens=self.asked.input_tokens,
            traits=self.traits,
        )
        return without_key(error, self.candidate)


def without_key(error: ApiError, candidate: Candidate) -> ApiError:
    """The error, which repeats the words of an upstream, without the key that we have sent with the request."""
    error.message = candidate.provider.without_key(error.message)
    return error


async def upstream_request(
    asked: CallerRequest, candidate: Candidate, dialects: Mapping[str, Dialect], traits: Traits
) -> UpstreamRequest:
    """The request in the candidate's best dialect. Raises `ApiError` where none of its dialects is spoken here."""
    if not is_roomy(traits, asked.request.max_tokens, asked.input_tokens):
        await asked.input_tokens.counted()
    fitting = fit_into_window(traits, asked.request.max_tokens, asked.input_tokens)
    return _encoded(asked, candidate, dialects, fitting, () if fitting is traits else ("max_tokens",))


def _encoded(
    asked: CallerRequest,
    candidate: Candidate,
    dialects: Mapping[str, Dialect],
    traits: Traits,
    lost: tuple[str, ...],
) -> UpstreamRequest:
    dialect = _dialect(candidate, dialects, traits)
    encoded = dialect.encode(asked.request, model=candidate.model, traits=traits, caller=asked.caller)
    dropped = tuple(dict.fromkeys((*encoded.dropped, *lost)))
    return UpstreamRequest(asked, candidate, dialects, dialect, traits, replace(encoded, dropped=dropped), lost)


def _dialect(candidate: Candidate, dialects: Mapping[str, Dialect], traits: Traits) -> Dialect:
    """What the upstream has asked for, unless the model is known not to be there, else the best that is spoken."""
    is_elsewhere = traits.dialect == "chat" and "chat" not in candidate.dialects
    asked_for = () if traits.dialect is None or is_elsewhere else (traits.dialect,)
    found = next((dialects[name] for name in (*asked_for, *candidate.dialects) if name in dialects), None)
    if found is None:
        spoken = " or ".join(candidate.dialects)
        raise upstream_failure(
            f"{candidate.name} is only served through {spoken}, which this gateway does not speak yet"
        )
    return found
