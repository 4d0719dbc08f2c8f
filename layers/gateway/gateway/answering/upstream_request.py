"""The request to an upstream and its answer, whatever the dialect."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

from translator.anthropic.errors import ApiError, UpstreamAccountError
from translator.learned_traits import CorrectableError
from translator.refusal.aws import Place, read_aws_error
from translator.writing.writer import Writer

from gateway.answering.caller_request import CallerRequest
from gateway.aws.types import AwsError
from gateway.routing.addresses import region_of
from gateway.routing.model_rules import Dialect
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

    def raw_batches(self) -> AsyncGenerator[list[bytes]]:
        """The same, each frame as it came."""

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


class UpstreamRequest(Protocol):
    """The caller's request as one candidate gets it."""

    @property
    def asked(self) -> CallerRequest:
        """What the caller asks."""

    @property
    def candidate(self) -> Candidate:
        """Who gets it."""

    @property
    def body(self) -> object:
        """What is sent: two requests with the same body are the same."""

    @property
    def dropped(self) -> tuple[str, ...]:
        """The fields that this candidate cannot be asked to honour."""

    def corrected(self, refusal: CorrectableError) -> "UpstreamRequest":
        """The same without what the candidate has refused."""

    async def send(self, upstream: Upstream, *, seconds: float) -> UpstreamAnswer:
        """Send it; the answer may take so many seconds. Raises what `Upstream.open` raises."""

    def batches(self, answer: UpstreamAnswer) -> AsyncGenerator[list[Any]]:
        """The frames of the answer as its writer wants them."""

    def writer(self, *, is_started: bool) -> Writer[Any]:
        """What writes the caller's answer. `is_started`: the caller has the beginning of a stream already."""

    async def refusal(self, answer: UpstreamAnswer) -> ApiError:
        """What an answer that is no 2xx means to the caller."""


def without_key(error: ApiError, candidate: Candidate) -> ApiError:
    """The error, which repeats the words of an upstream, without the key that we have sent with the request."""
    error.message = candidate.provider.without_key(error.message)
    return error


def bytes_without_key(said: bytes, candidate: Candidate) -> bytes:
    """The same of what an upstream has sent, before it is read: what is cut could keep the key's beginning."""
    return candidate.provider.without_key(said.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


async def request_headers(candidate: Candidate, dialect: Dialect, url: str, body: bytes) -> Mapping[str, str]:
    """What the provider wants with a request. Raises `UpstreamAccountError` where it cannot be signed."""
    try:
        return await candidate.provider.request_headers(url, body, dialect=dialect)
    except AwsError as error:
        raise UpstreamAccountError(f"{candidate.provider.provider.name} cannot be asked: {error.message}") from error


def aws_refusal(candidate: Candidate, answer: UpstreamAnswer, body: bytes) -> ApiError | None:
    """What AWS itself refuses, where the candidate is asked there; None where the model's API has answered."""
    if candidate.provider.provider.aws is None:
        return None
    return read_aws_error(answer.status, answer.headers, body, place_of_aws(candidate))


def place_of_aws(candidate: Candidate) -> Place:
    """Where a candidate is asked on AWS, for people."""
    provider = candidate.provider
    region = region_of(provider.base_url) or (provider.signing.region if provider.signing else "its Region")
    return Place(provider.provider.name, region, candidate.model)
