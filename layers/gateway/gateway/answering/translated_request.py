"""The request for a candidate in another dialect, and the meaning of its answer."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace

from translator.anthropic.errors import ApiError, Fault, upstream_failure
from translator.anthropic.events import encode_json
from translator.dialect import Dialect, EncodedRequest
from translator.learned_traits import CorrectableError
from translator.tokens.context_window import fit_into_window, is_roomy
from translator.traits import Traits
from translator.web_search import is_only_web_search
from translator.writing.writer import TranslatedWriter, form_of

from gateway.answering.caller_request import CallerRequest
from gateway.answering.upstream_request import (
    Upstream,
    UpstreamAnswer,
    aws_refusal,
    bytes_without_key,
    request_headers,
    without_key,
)
from gateway.routing.addresses import below
from gateway.routing.model_rules import Dialect as DialectName
from gateway.routing.resolve import Candidate


class CannotSearchError(ApiError):
    """The request is about nothing but a search of the web, and the candidate makes none."""


@dataclass(frozen=True, slots=True)
class TranslatedRequest:
    """A request in another dialect than the caller's."""

    asked: CallerRequest
    candidate: Candidate
    dialects: Mapping[str, Dialect]
    """All that are spoken here."""
    spoken: DialectName
    dialect: Dialect
    traits: Traits
    encoded: EncodedRequest
    lost: tuple[str, ...]
    """What the caller loses by the traits that the dialect cannot know of."""
    before: TranslatedWriter | None = None
    """Of the answer that the stream has begun with, if any."""

    @property
    def body(self) -> object:
        """The dialect's."""
        return self.encoded.body

    @property
    def dropped(self) -> tuple[str, ...]:
        """What the dialect cannot say, and what the candidate does not take."""
        return tuple(dict.fromkeys((*self.encoded.dropped, *self.lost)))

    def corrected(self, refusal: CorrectableError) -> "TranslatedRequest":
        """The same without what the candidate has refused."""
        lost = (*self.lost, *refusal.lost)
        return _encoded(self.asked, self.candidate, self.dialects, refusal.correct(self.traits), lost)

    def after(self, writer: TranslatedWriter) -> "TranslatedRequest":
        """The same, whose answer goes on with the stream that the writer has paused."""
        return replace(self, before=writer)

    async def send(self, upstream: Upstream, *, seconds: float) -> UpstreamAnswer:
        """Send it; the answer may take so many seconds. Raises what `Upstream.open` raises."""
        provider = self.candidate.provider
        url, body = below(provider.endpoint(self.spoken), self.encoded.path), encode_json(self.encoded.body)
        headers = await request_headers(self.candidate, self.spoken, url, body)
        return await upstream.open(url, headers=headers, body=body, deadlines=self.asked.deadlines.within(seconds))

    def batches(self, answer: UpstreamAnswer) -> AsyncGenerator[list[str]]:
        """The data of the events."""
        return answer.batches()

    def writer(self, *, is_started: bool) -> TranslatedWriter:
        """Writes what the dialect's reader tells a new emitter."""
        emitter = self.asked.emitter()
        if is_started:
            emitter.start()  # which the caller has had
        reader = self.dialect.reader(
            emitter,
            encoded=self.encoded,
            request=self.asked.request,
            traits=self.traits,
            message_id=self.asked.message_id,
            input_tokens=self.asked.input_tokens,
        )
        writer = TranslatedWriter(emitter, reader, form_of(stream=self.asked.stream))
        if self.before is not None:
            writer.go_on_after(self.before)
        return writer

    async def refusal(self, answer: UpstreamAnswer) -> ApiError:
        """What an answer that is no 2xx means to the caller."""
        body = bytes_without_key(await answer.error_body(), self.candidate)
        if (refused := aws_refusal(self.candidate, answer, body)) is not None:
            return refused
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


async def translated_request(
    asked: CallerRequest,
    candidate: Candidate,
    dialects: Mapping[str, Dialect],
    traits: Traits,
    *,
    most_tokens: int,
) -> TranslatedRequest:
    """The request in the candidate's best dialect. Raises `ApiError` where none of its dialects is spoken here."""
    if not is_roomy(traits, asked.request.max_tokens, asked.input_tokens):
        await asked.input_tokens.counted()
    paid = traits
    if most_tokens < asked.request.max_tokens:
        paid = replace(traits, max_output_tokens=min(most_tokens, traits.max_output_tokens or most_tokens))
    fitting = fit_into_window(paid, asked.request.max_tokens, asked.input_tokens)
    lost = () if fitting is traits else ("max_tokens",)
    return _encoded(asked, candidate, dialects, fitting, lost)


def can_search(candidate: Candidate, dialects: Mapping[str, Dialect], traits: Traits) -> bool:
    """Whether the candidate searches the web by itself."""
    try:
        return _searches(dialects[_spoken(candidate, dialects, traits)], traits)
    except ApiError:  # nobody here speaks to it
        return False


def _searches(dialect: Dialect, traits: Traits) -> bool:
    return dialect.searches and traits.web_search == "upstream"


def _encoded(
    asked: CallerRequest,
    candidate: Candidate,
    dialects: Mapping[str, Dialect],
    traits: Traits,
    lost: tuple[str, ...],
) -> TranslatedRequest:
    spoken = _spoken(candidate, dialects, traits)
    dialect = dialects[spoken]
    if not _searches(dialect, traits) and is_only_web_search(asked.request):
        message = f"{candidate.name} cannot search the web, and would make up what it has found"
        raise CannotSearchError("api_error", message, fault=Fault.UPSTREAM, retry=False)
    encoded = dialect.encode(asked.request, model=candidate.model, traits=traits, caller=asked.caller)
    return TranslatedRequest(asked, candidate, dialects, spoken, dialect, traits, encoded, lost)


def _spoken(candidate: Candidate, dialects: Mapping[str, Dialect], traits: Traits) -> DialectName:
    """What the upstream has asked for, unless the model is known not to be there, else the best that is spoken."""
    is_elsewhere = traits.dialect == "chat" and "chat" not in candidate.dialects
    asked_for: tuple[DialectName, ...] = () if traits.dialect is None or is_elsewhere else (traits.dialect,)
    found = next((name for name in (*asked_for, *candidate.dialects) if name in dialects), None)
    if found is None:
        spoken = " or ".join(candidate.dialects)
        raise upstream_failure(
            f"{candidate.name} is only served through {spoken}, which this gateway does not speak yet"
        )
    return found
