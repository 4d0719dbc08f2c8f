"""POST /v1/messages/count_tokens: counted by Claude where a request would go to it, and here otherwise.

A client asks for as many as 25 counts at once. A provider's own limit is for all keys together, so that of each key it
is asked for a few a second; it is told the others from here, as it is where the provider cannot be asked.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from translator.anthropic.errors import ApiError, Fault
from translator.anthropic.events import encode_json
from translator.anthropic.request import parse_count_tokens_request
from translator.native.json_members import JsonObject
from translator.tokens.counting import counting
from translator.tokens.estimate import estimate_input_tokens

from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.answering.caller_request import passed_headers, passed_query, requested_model
from gateway.answering.native_request import NATIVE, PATH, passed_to, read_refusal
from gateway.answering.upstream_request import Upstream, request_headers
from gateway.routing.addresses import below
from gateway.routing.resolve import Candidate
from gateway.tokens.vocabulary import count_in
from gateway.upstream.deadlines import Deadlines
from gateway.web.headers import header_value
from gateway.web.proxy_event import HttpRequest, answer_json

MOST_A_SECOND = 5
"""Counts of one key's that a provider is asked for, in one environment."""
_DEADLINES = Deadlines(connect=3.0, first_byte=10.0, idle=10.0, total=15.0)
_MOST_KEYS = 10_000


class CountTokensFunction:
    """Answers the route. `open_upstream` is called before the first count that a provider is asked for."""

    def __init__(
        self,
        *,
        admission: Admission,
        route: Callable[[str, KeyRecord], Awaitable[Sequence[Candidate]]],
        open_upstream: Callable[[], Upstream],
        monotonic: Callable[[], float],
    ) -> None:
        self._admission = admission
        self._route = route
        self._open_upstream = open_upstream
        self._upstream: Upstream | None = None
        self._monotonic = monotonic
        self._asked: dict[str, deque[float]] = {}
        """When, by key."""

    async def handle(self, http: HttpRequest) -> Mapping[str, Any]:
        """The proxy answer `{"input_tokens": n}`; beta's says too that no context was edited. Raises `ApiError`."""
        key = await self._admission.admit(http)
        document = http.json()
        candidate = await self._passed_to(document, key)
        if candidate is not None and _counts(candidate) and self._may_ask(key):
            try:
                return await self._counted_by(candidate, document, key, http)
            except ApiError as error:
                if error.fault is Fault.CALLER:
                    raise
        return await _counted_here(document, http, is_passed_on=candidate is not None)

    async def _passed_to(self, document: JsonObject, key: KeyRecord) -> Candidate | None:
        """To whom the request would go as it is. A model of which nothing is known is counted too."""
        try:
            candidate = (await self._route(requested_model(document), key))[0]
        except ApiError:
            return None
        return candidate if candidate.dialects[0] == NATIVE else None

    def _may_ask(self, key: KeyRecord) -> bool:
        if len(self._asked) >= _MOST_KEYS:
            self._asked.clear()
        asked = self._asked.setdefault(key.id, deque(maxlen=MOST_A_SECOND))
        now = self._monotonic()
        if len(asked) == MOST_A_SECOND and now - asked[0] < 1:
            return False
        asked.append(now)
        return True

    async def _counted_by(
        self, candidate: Candidate, document: JsonObject, key: KeyRecord, http: HttpRequest
    ) -> Mapping[str, Any]:
        body = passed_to(candidate, document, key).body
        url = below(candidate.provider.endpoint(NATIVE), f"{PATH}/count_tokens{passed_query(http.query)}")
        headers = {**passed_headers(http.headers), **await request_headers(candidate, NATIVE, url, body)}
        if self._upstream is None:
            self._upstream = self._open_upstream()
        answer = await self._upstream.open(url, headers=headers, body=body, deadlines=_DEADLINES)
        try:
            if answer.status != 200:
                raise await read_refusal(answer, candidate)
            counted = b"".join([frame async for frames in answer.raw_batches() for frame in frames])
        finally:
            await answer.close(drain=True)
        if not _is_count(counted):
            raise ApiError("api_error", "the upstream did not count", fault=Fault.UPSTREAM)
        told = answer.headers.get("request-id")
        upstream_id = {"x-edgeway-upstream-request-id": header_value(told)} if told else {}
        return answer_json(200, counted, {"request-id": http.request_id, **upstream_id})


def _counts(candidate: Candidate) -> bool:
    """Whether the provider has the route: Claude, by a key."""
    return candidate.provider.signing is None and "claude" in candidate.model.lower()


async def _counted_here(document: JsonObject, http: HttpRequest, *, is_passed_on: bool) -> Mapping[str, Any]:
    request = parse_count_tokens_request(document.members, is_passed_on=is_passed_on)
    tokens = await asyncio.to_thread(estimate_input_tokens, request, counting(request.model, count_in))
    counted = {"input_tokens": tokens, **({"context_management": None} if http.is_beta else {})}
    return answer_json(200, encode_json(counted), {"request-id": http.request_id})


def _is_count(body: bytes) -> bool:
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and isinstance(value.get("input_tokens"), int)
