"""What one candidate is asked, in its dialect, and what its answer means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from translator.anthropic.errors import ApiError, upstream_failure
from translator.anthropic.events import encode_json
from translator.anthropic.request import MessagesRequest
from translator.dialect import Caller, Dialect, EncodedRequest, Reader
from translator.learned_traits import CorrectableError
from translator.stream.emitter import Emitter
from translator.tokens.context_window import PromptTokens, fit_into_window
from translator.traits import Traits

from gateway.access.key_records import KeyRecord
from gateway.cancellation import Cancellation
from gateway.routing.resolve import Candidate
from gateway.upstream.deadlines import Deadlines


class UpstreamAnswer(Protocol):
    """An upstream's answer whose head has arrived."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""

    def batches(self) -> Iterator[list[str]]:
        """The frames of the answer, as many at a time as have arrived together. Raises `ApiError`."""

    def error_body(self) -> bytes:
        """The body, where the status is no 2xx. Never raises on account of the upstream."""

    def end_soon(self) -> None:
        """The model has stopped: what may still come is not worth a long wait."""

    def close(self, *, drain: bool = False) -> None:
        """Let go of the connection, which can be used again where it is drained."""


class Upstream(Protocol):
    """Opens calls."""

    def open(
        self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines, cancellation: Cancellation
    ) -> UpstreamAnswer:
        """POST the body. Raises `ApiError`, or `CancelledCallError` after `cancellation.cancel()`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the caller asks, once and for all candidates."""

    request: MessagesRequest
    caller: Caller
    key: KeyRecord
    message_id: str
    input_tokens: PromptTokens
    """Our estimate, worked out when it is asked for."""
    deadlines: Deadlines
    """The total is for all attempts together."""


@dataclass(frozen=True, slots=True)
class Question:
    """The caller's request as one candidate gets it."""

    asked: Asked
    candidate: Candidate
    dialect: Dialect
    traits: Traits
    encoded: EncodedRequest
    lost: tuple[str, ...]
    """What the caller loses by the traits that the dialect cannot know of."""

    def corrected(self, refusal: CorrectableError) -> "Question":
        """The same without what the candidate has refused."""
        lost = (*self.lost, *refusal.lost)
        return _question(self.asked, self.candidate, self.dialect, refusal.correct(self.traits), lost)

    def put(self, upstream: Upstream, *, seconds: float, cancellation: Cancellation) -> UpstreamAnswer:
        """Send it; the answer may take so many seconds. Raises what `Upstream.open` raises."""
        return upstream.open(
            self.candidate.base_url + self.dialect.path,
            headers=self.candidate.provider.authorization(),
            body=encode_json(self.encoded.body),
            deadlines=replace(self.asked.deadlines, total=seconds),
            cancellation=cancellation,
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

    def refusal(self, answer: UpstreamAnswer) -> ApiError:
        """What an answer that is no 2xx means to the caller."""
        body = answer.error_body()
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


def question(asked: Asked, candidate: Candidate, dialects: Mapping[str, Dialect], traits: Traits) -> Question:
    """In the first of the candidate's dialects that is spoken here. Raises `ApiError` where there is none."""
    dialect = next((dialects[name] for name in candidate.dialects if name in dialects), None)
    if dialect is None:
        spoken = " or ".join(candidate.dialects)
        raise upstream_failure(
            f"{candidate.name} is only served through {spoken}, which this gateway does not speak yet"
        )
    fitting = fit_into_window(traits, asked.request.max_tokens, asked.input_tokens)
    return _question(asked, candidate, dialect, fitting, () if fitting is traits else ("max_tokens",))


def _question(asked: Asked, candidate: Candidate, dialect: Dialect, traits: Traits, lost: tuple[str, ...]) -> Question:
    encoded = dialect.encode(asked.request, model=candidate.model, traits=traits, caller=asked.caller)
    dropped = tuple(dict.fromkeys((*encoded.dropped, *lost)))
    return Question(asked, candidate, dialect, traits, replace(encoded, dropped=dropped), lost)
