"""Who is ended by a look for revoked keys, what it costs, and what happens where the store fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.access.key_records import KeyRegistry
from gateway.storage.protocol import Store, StoreError

from edgeway.local.api_gateway.revocations import end_revoked, watch
from edgeway.local.web.asgi import Headers
from edgeway.local.web.exchanges import Exchange, Presence
from edgeway.local.web.failures import Failure
from tests.loop import run
from tests.unit.gateway.access.test_authentication import CountingStore

REVOKED = Failure(
    401, "authentication_error", "invalid x-api-key: the key has been revoked; ask the operator for a new one"
)


async def served(running: dict[Exchange, Headers], headers: Headers) -> Failure | None:
    """A request that runs until it is ended; why it was."""
    exchange = Exchange(Presence())
    running[exchange] = headers
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return exchange.reason(Failure(500, "api_error", "by nobody"))
    return None


async def looked(store: Store, *requests: Headers) -> list[Failure | None]:
    """Why each request was ended by one look; None: it was not."""
    running: dict[Exchange, Headers] = {}
    tasks = [asyncio.create_task(served(running, headers)) for headers in requests]
    await asyncio.sleep(0)
    await end_revoked(running, store)
    await asyncio.sleep(0)
    ended = [task.result() if task.done() else None for task in tasks]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return ended


def of(key: str) -> Headers:
    return [(b"host", b"x"), (b"x-api-key", key.encode())]


def test_those_of_keys_that_would_be_refused_are_ended() -> None:
    store = CountingStore()
    registry = KeyRegistry(store, clock=lambda: 1000.0)
    good, _ = run(registry.create("good"))
    bad, record = run(registry.create("bad"))
    old, _ = run(registry.create("old", expires=1001))
    run(registry.revoke(record.id))
    both: Headers = [(b"authorization", f"Bearer {bad}".encode()), (b"x-api-key", good.encode())]
    bearer: Headers = [(b"authorization", f"Bearer {bad}".encode())]
    ended = run(looked(store, of(good), of(bad), bearer, both, [(b"host", b"x")], of(old)))
    assert ended[:5] == [None, REVOKED, REVOKED, None, None]
    assert ended[5] == Failure(
        401, "authentication_error", "invalid x-api-key: the key has expired; ask the operator for a new one"
    )


def test_a_key_with_many_answers_costs_one_read() -> None:
    store = CountingStore()
    good, _ = run(KeyRegistry(store, clock=lambda: 1000.0).create("good"))
    before = store.gets
    assert run(looked(store, *[of(good)] * 50)) == [None] * 50
    assert store.gets == before + 1


def test_a_store_that_fails_ends_nobody_and_says_so_once(tmp_path: Path) -> None:
    said: list[str] = []
    looks = 0

    async def fails() -> Store:
        nonlocal looks
        looks += 1
        if looks == 5:
            raise asyncio.CancelledError
        if looks == 3:
            return CountingStore()
        raise StoreError(str(tmp_path))

    async def watched() -> None:
        try:
            await watch({}, fails, 0, said.append)
        except asyncio.CancelledError:
            return

    run(watched())
    assert said == ["revoked keys cannot be looked for, their answers go on: StoreError"] * 2
