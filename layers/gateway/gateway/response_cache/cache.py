"""Answers equal requests of one key with the answer that was given before. Off, unless the operator switches it on.

It is for tests, evaluations and repeated jobs. An entry's name is a digest of everything that decides the answer,
the key's id first: no key can name another's entry.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final, cast

from streaming import StreamingResponse
from translator.anthropic.events import Message, Usage, encode_json
from translator.stream.replay import message_in, replayed
from translator.traits import Traits

from gateway.access.key_records import KeyRecord
from gateway.answering.caller_request import CallerRequest
from gateway.answering.request_log import RequestLog
from gateway.answering.responses import stream_of, whole_of
from gateway.aws.bucket import open_bucket
from gateway.response_cache.cached_answers import CachedAnswer, CachedAnswers, Lease
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import CacheRule
from gateway.settings import Settings
from gateway.storage.open import open_store, opened_once
from gateway.web.failures import beside_the_answer, never_failing
from gateway.web.summary import Log, Summary
from gateway.web.uninterrupted import uninterrupted

RELEASE: Final = "0.1.0"
"""Another release may translate otherwise."""
COMPLETE: Final = frozenset({"end_turn", "tool_use", "stop_sequence"})
"""Why a model stops whose answer is worth keeping: no refusal, and nothing that was cut."""

POLL_SECONDS = 0.5
"""Between two looks for an answer that another process asks for."""
SHARE_TO_WAIT = 0.5
"""Of the caller's time: then it asks too."""

Answer = dict[str, Any] | StreamingResponse


class ResponseCache:
    """The kept answers, for the keys that the rule names."""

    def __init__(
        self,
        rule: CacheRule,
        open_table: Callable[[], CachedAnswers],
        *,
        log: Log,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rule = rule
        self._pause = pause
        self._table = opened_once(open_table)
        self.log = never_failing(log)
        self._under_way: dict[str, asyncio.Future[CachedAnswer | None]] = {}

    def is_on(self, key: KeyRecord, headers: Mapping[str, str]) -> bool:
        """Whether answers are kept for the key, and this request does not forbid it."""
        return self._rule.is_for(key.id, key.name, key.owner) and not _forbids(headers)

    async def lookup(self, asked: CallerRequest, candidate: Candidate, traits: Traits) -> "Lookup":
        """What is kept for the request. Of equal requests at once one is told that nothing is, and the others wait."""
        digest = digest_of(asked, candidate, traits)
        while (leader := self._under_way.get(digest)) is not None:
            await asyncio.wait({leader})
            if (answer := leader.result()) is not None:
                return Lookup(self, asked, digest, candidate.name, answer)
        self._under_way[digest] = asyncio.get_running_loop().create_future()
        found = Lookup(self, asked, digest, candidate.name)
        try:
            await self._look(found)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the request goes on
            self._failed(error)
        except BaseException:
            await found.give_up()
            raise
        if found.answer is not None:
            self.ended(digest, found.answer)
        return found

    async def _look(self, found: "Lookup") -> None:
        """Find the answer, or the right to ask for it. While another process has that, its answer is waited for."""
        table, key_id, digest = await self._table(), found.asked.key.id, found.digest
        found.answer = await table.get(key_id, digest)
        looks = int(found.asked.deadlines.total * SHARE_TO_WAIT / POLL_SECONDS)
        while found.answer is None and looks > 0:
            found.lease = await table.lease(key_id, digest)
            if found.lease is None:
                await self._pause(POLL_SECONDS)
                looks -= 1
            found.answer = await table.get(key_id, digest)  # also with the lease: its last owner may have kept one
            if found.lease is not None:
                break
        if found.answer is not None:
            await self.release(found)

    def ended(self, digest: str, answer: CachedAnswer | None) -> None:
        """Let those go on who wait for this answer in this process; None: there is none to keep."""
        self._under_way.pop(digest).set_result(answer)

    async def release(self, lookup: "Lookup") -> None:
        """Let another process ask, or find the answer. Never raises."""
        lease, lookup.lease = lookup.lease, None
        if lease is None:
            return
        try:
            await (await self._table()).release(lease)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the lease ends by itself
            self._failed(error)

    async def keep(self, key_id: str, digest: str, answer: CachedAnswer) -> None:
        """Store an answer. Never raises."""
        try:
            await (await self._table()).put(key_id, digest, answer, seconds=self._rule.ttl_seconds)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the answer has been given
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self.log("answer not kept", {"error": type(error).__name__})


@dataclass(slots=True)
class Lookup:
    """What is kept for one request; where nothing is, it keeps what the upstream answers."""

    cache: ResponseCache
    asked: CallerRequest
    digest: str
    model: str
    """`provider/model` that is to answer: another one's answer is not kept under this name."""
    answer: CachedAnswer | None = None
    lease: Lease | None = None
    """The right to ask, which the other processes see."""

    def replay(self, answer: CachedAnswer, log: RequestLog) -> Answer:
        """The kept answer, in the form that this caller wants; nothing is booked for it."""
        message, summary = cast("Message", answer.message), log.summary
        summary.cache, summary.model, summary.dropped = "hit", self.model, answer.dropped
        summary.count(_usage(message))
        summary.cost_micro_dollars = 0
        log.succeeded(message["stop_reason"])
        if self.asked.stream:
            return stream_of([replayed(message)], log)
        return whole_of(encode_json(message), log)

    async def give_up(self) -> None:
        """There is no answer."""
        self.cache.ended(self.digest, None)
        await uninterrupted(self.cache.release(self))

    async def kept(self, answer: Answer, log: RequestLog) -> Answer:
        """The upstream's answer, which is kept when it has been sent whole."""
        if isinstance(answer, StreamingResponse):
            return StreamingResponse(answer.status, answer.headers, _Kept(answer.body, self, log.summary))
        await self.end(answer["body"].encode(), log.summary)
        return answer

    async def end(self, body: bytes, summary: Summary) -> None:
        """Keep the answer, if it is one to keep, and let those have it who wait for it."""
        answer = beside_the_answer(lambda: self._worth_keeping(body, summary), None, self.cache.log)
        if answer is not None:
            await self.cache.keep(self.asked.key.id, self.digest, answer)
        self.cache.ended(self.digest, answer)
        await self.cache.release(self)

    def _worth_keeping(self, body: bytes, summary: Summary) -> CachedAnswer | None:
        if summary.error_type is not None or summary.stop_reason not in COMPLETE or summary.model != self.model:
            return None
        message = message_in(body) if self.asked.stream else json.loads(body)
        return None if message is None else CachedAnswer(cast("dict[str, Any]", message), summary.dropped)


class _Kept:
    """The body of an answer that is kept when it has come to its end."""

    def __init__(self, body: AsyncIterator[bytes], lookup: Lookup, summary: Summary) -> None:
        self._body = body
        self._lookup = lookup
        self._summary = summary
        self._pieces: list[bytes] = []

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._body)
        self._pieces.append(piece)
        return piece

    async def aclose(self) -> None:
        """End the request, and keep its answer."""
        try:
            await self._body.aclose()  # type: ignore[attr-defined] # every body of ours has it
        finally:
            await uninterrupted(self._lookup.end(b"".join(self._pieces), self._summary))


def digest_of(asked: CallerRequest, candidate: Candidate, traits: Traits) -> str:
    """The name of an answer: everything that decides it. Whether it is streamed does not."""
    members = {name: value for name, value in asked.document.members.items() if name != "stream"}
    provider = candidate.provider
    decides = [
        asked.key.id,
        members,
        sorted(asked.headers.items()),
        asked.query,
        asked.is_beta,
        provider.id,
        candidate.base_url,
        candidate.model,
        candidate.dialects,
        asdict(traits),
        RELEASE,
    ]
    return sha256(json.dumps(decides, sort_keys=True, default=sorted).encode()).hexdigest()


def _forbids(headers: Mapping[str, str]) -> bool:
    return "no-store" in headers.get("cache-control", "").lower()


def _usage(message: Message) -> Usage:
    counted: dict[str, Any] = message["usage"]
    names = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return Usage(**{name: int(counted.get(name) or 0) for name in names})


def open_cache(
    rule: CacheRule | None, settings: Settings, environ: Mapping[str, str], *, clock: Callable[[], float], log: Log
) -> ResponseCache | None:
    """The cache of a function that starts; None where it is off."""
    if rule is None:
        return None

    def open_table() -> CachedAnswers:
        bucket = settings.large_answers
        large = opened_once(partial(open_bucket, bucket)) if bucket else None
        return CachedAnswers(open_store(settings.store, environ, clock=clock), clock=clock, large=large)

    return ResponseCache(rule, open_table, log=log)
