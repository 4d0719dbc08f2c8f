"""The request for a candidate that speaks the Messages API: the caller's bytes, with the smallest edits."""

from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from translator.anthropic.errors import ApiError
from translator.dialect import Dialect
from translator.learned_traits import CorrectableError
from translator.native.answer import NativeMessage, NativeStream
from translator.native.errors import read_error
from translator.native.json_members import JsonObject
from translator.native.request import Passed, passed_request
from translator.native.sharing import models_inside, refuse_what_is_anothers
from translator.native.unsupported import (
    BETA_HEADER,
    PartsRefusedError,
    dropped_of,
    headers_without,
    parts_refused,
)
from translator.traits import Traits
from translator.writing.writer import Writer

from gateway.access.key_records import KeyRecord, may_not_use
from gateway.answering.caller_request import CallerRequest
from gateway.answering.upstream_request import (
    Upstream,
    UpstreamAnswer,
    aws_refusal,
    bytes_without_key,
    request_headers,
)
from gateway.routing.addresses import below
from gateway.routing.resolve import Candidate

NATIVE: Final = "anthropic"
"""The dialect."""
PATH = "/messages"
"""Below the provider's base URL."""
_BYTES_PER_TOKEN = 4


def is_native(candidate: Candidate, dialects: Mapping[str, Dialect]) -> bool:
    """Whether the first of the candidate's dialects that is spoken here is the caller's own."""
    for name in candidate.dialects:
        if name == NATIVE or name in dialects:
            return name == NATIVE
    return False


def native_request(asked: CallerRequest, candidate: Candidate, traits: Traits, *, most_tokens: int) -> "NativeRequest":
    """The request as the candidate gets it, for an answer of so many tokens. Raises as `passed_to` does."""
    return _without(asked, candidate, most_tokens, frozenset(traits.refused_parts))


def _without(asked: CallerRequest, candidate: Candidate, most_tokens: int, parts: frozenset[str]) -> "NativeRequest":
    passed = passed_to(candidate, asked.document, asked.key, most_tokens=most_tokens, without=parts)
    lost = dropped_of(asked.document, asked.headers.get(BETA_HEADER, ""), parts)
    told = passed._replace(dropped=(*passed.dropped, *lost))
    return NativeRequest(asked, candidate, told, headers_without(asked.headers, parts), most_tokens, parts)


def passed_to(
    candidate: Candidate,
    document: JsonObject,
    key: KeyRecord,
    *,
    most_tokens: int | None = None,
    without: Collection[str] = (),
) -> Passed:
    """What the candidate gets. Raises `ApiError` for what nobody may ask through this gateway."""
    if not candidate.one_tenant:
        refuse_what_is_anothers(document)
    for model in models_inside(document) if key.allowed_models else ():
        if not key.may_use(model, f"{candidate.provider.id}/{model}"):
            raise may_not_use(model)
    return passed_request(document, model=candidate.model, most_tokens=most_tokens, without=without)


async def read_refusal(answer: UpstreamAnswer, candidate: Candidate) -> ApiError:
    """What an answer that is no 2xx says, in the upstream's own words, without the key that it was sent."""
    body = bytes_without_key(await answer.error_body(), candidate)
    return aws_refusal(candidate, answer, body) or read_error(answer.status, answer.headers, body)


@dataclass(frozen=True, slots=True)
class NativeRequest:
    """A request that goes through."""

    asked: CallerRequest
    candidate: Candidate
    passed: Passed
    headers: Mapping[str, str]
    """Of the caller's, what goes on."""
    most_tokens: int
    without: frozenset[str]
    """The fields and betas that the candidate has refused."""

    @property
    def body(self) -> object:
        """The caller's, with the edits, and the betas that it asks for."""
        return self.passed.body, self.headers.get(BETA_HEADER)

    @property
    def dropped(self) -> tuple[str, ...]:
        """What had to be taken out."""
        return self.passed.dropped

    def corrected(self, refusal: CorrectableError) -> "NativeRequest":
        """The same without the fields and betas that the candidate has refused."""
        parts = refusal.parts if isinstance(refusal, PartsRefusedError) else ()
        return _without(self.asked, self.candidate, self.most_tokens, self.without | {*parts})

    async def send(self, upstream: Upstream, *, seconds: float) -> UpstreamAnswer:
        """Send it with the caller's version and betas; none of its other headers goes on."""
        url = below(self.candidate.provider.endpoint(NATIVE), PATH + self.asked.query)
        own = await request_headers(self.candidate, NATIVE, url, self.passed.body)
        return await upstream.open(
            url,
            headers={**self.headers, **own},
            body=self.passed.body,
            deadlines=self.asked.deadlines.within(seconds),
        )

    def batches(self, answer: UpstreamAnswer) -> AsyncGenerator[list[bytes]]:
        """The events as they come."""
        return answer.raw_batches()

    def writer(self, *, is_started: bool) -> Writer[bytes]:
        """Lets the answer through, in the form that the upstream was asked for."""
        input_tokens = len(self.passed.body) // _BYTES_PER_TOKEN + 1
        if self.asked.stream:
            return NativeStream(input_tokens=input_tokens, is_started=is_started)
        return NativeMessage(input_tokens=input_tokens)

    async def refusal(self, answer: UpstreamAnswer) -> ApiError:
        """The upstream's own words. What a host that follows Anthropic's API later refuses of it can be corrected."""
        error = await read_refusal(answer, self.candidate)
        if self.candidate.provider.provider.ids is None:
            return error
        parts = parts_refused(answer.status, error.message, self.asked.document, self.headers.get(BETA_HEADER, ""))
        return PartsRefusedError(error, parts) if parts else error
