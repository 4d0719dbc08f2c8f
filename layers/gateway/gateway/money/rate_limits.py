"""Limits what one key may ask: requests and tokens a minute, and streams at once, in one item.

A rate is a moment: that at which all that was asked for would have been due, had it come evenly. It may be no more than
a minute ahead. So one conditional write asks and takes at once (known as GCRA, or as a leaky bucket).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from secrets import token_hex
from typing import Any, Final

from translator.anthropic.errors import ApiError

from gateway.access.key_records import KeyRecord
from gateway.access.limits import Rates
from gateway.access.taking import Taker
from gateway.storage.protocol import Change, Store, UnmetError
from gateway.web.failures import never_failing
from gateway.web.summary import Log
from gateway.web.uninterrupted import uninterrupted

SORT_KEY: Final = "RATES"
MINUTE: Final = 60_000
"""In milliseconds, as all moments here."""
STREAMS_RETRY_SECONDS: Final = 5
_STREAM: Final = "s:"


@dataclass(frozen=True, slots=True)
class Pass:
    """What one request has taken. `tokens` were counted for it before it was answered."""

    limiter: "RateLimiter"
    key: KeyRecord
    name: str
    tokens: int

    async def end(self, tokens: int) -> None:
        """Give the place back, and count the tokens that were used. Never raises."""
        await uninterrupted(self.limiter.end(self, tokens))


class RateLimiter:
    """Lets requests of keys with limits pass. `clock` gives seconds since the epoch."""

    def __init__(self, open_store: Callable[[], Awaitable[Store]], *, clock: Callable[[], float], log: Log) -> None:
        self._open_store = open_store
        self._clock = clock
        self._log = never_failing(log)
        self._taker = Taker(open_store, sort_key=SORT_KEY, log=log)

    async def admit(self, key: KeyRecord, tokens: int, *, seconds: float) -> Pass | None:
        """Take what the request needs for as long as it may last; None for a key without limits.

        Raises `rate_limit_error`, and `api_error` where the store does not answer.
        """
        rates = key.rates()
        if rates == Rates():
            return None
        name = token_hex(4)
        work = asyncio.create_task(self._admit(key, rates, name, tokens, seconds))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await uninterrupted(self._leave(work, Pass(self, key, name, tokens)))
            raise
        return Pass(self, key, name, tokens)

    async def end(self, taken: Pass, tokens: int) -> None:
        """Give back what a request has taken, once."""
        rates, add = taken.key.rates(), {}
        if rates.tokens_per_minute is not None and tokens != taken.tokens:
            add["tokens_at"] = (tokens - taken.tokens) * MINUTE // rates.tokens_per_minute
        place = _STREAM + taken.name
        if rates.streams is not None:
            add["streams"] = -1
        if not add:
            return
        names = [place] if rates.streams is not None else []
        try:
            _ = await (await self._open_store()).change(
                Change(**self._taker.place(taken.key), add=add, remove=names, present=names)
            )
        except UnmetError:
            return  # its time was over, and another has taken its place
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, the answer has ended
            self._log("rate not written", {"error": type(error).__name__})

    async def _leave(self, work: "asyncio.Task[None]", taken: Pass) -> None:
        await asyncio.wait({work})
        if work.exception() is None:
            await self.end(taken, 0)

    async def _admit(self, key: KeyRecord, rates: Rates, name: str, tokens: int, seconds: float) -> None:
        taking = partial(self._taking, key, rates, name, tokens, seconds)
        await self._taker.take(key, taking, mark=_STREAM + name)

    def _taking(
        self, key: KeyRecord, rates: Rates, name: str, tokens: int, seconds: float, seen: Mapping[str, Any]
    ) -> Change:
        """The change that takes it, if the item is as it was seen. Raises `rate_limit_error` where nothing is left."""
        now = int(self._clock() * 1000)
        put: dict[str, Any] = {}
        add: dict[str, int] = {}
        at_most: dict[str, int] = {}
        for what, limit, amount in (
            ("requests", rates.requests_per_minute, 1),
            ("tokens", rates.tokens_per_minute, tokens),
        ):
            if limit is None:
                continue
            moment, takes = f"{what}_at", min(MINUTE, amount * MINUTE // limit)
            due = int(seen.get(moment, 0))
            if due <= now:
                put[moment], at_most[moment] = now + takes, now
                continue
            if due + takes > now + MINUTE:
                raise _limited(f"{limit:,} {what} a minute", ceil((due + takes - now - MINUTE) / 1000))
            add[moment], at_most[moment] = takes, now + MINUTE - takes
        expired = [each for each, ends in seen.items() if each.startswith(_STREAM) and int(ends) <= now]
        if rates.streams is not None:
            if int(seen.get("streams", 0)) - len(expired) >= rates.streams:
                raise _limited(f"{rates.streams:,} answers at once", STREAMS_RETRY_SECONDS)
            put[_STREAM + name] = now + int(seconds * 1000)
            add["streams"] = 1 - len(expired)
            at_most["streams"] = rates.streams - 1 + len(expired)
        return Change(**self._taker.place(key), put=put, add=add, at_most=at_most, remove=expired, present=expired)


def _limited(limit: str, seconds: int) -> ApiError:
    return ApiError(
        "rate_limit_error", f"This key may ask for {limit}; try again in {seconds} s.", retry_after=max(1, seconds)
    )
