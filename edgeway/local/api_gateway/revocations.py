"""Ends the answers of keys that are no longer valid. Off unless the operator says how often to look.

It looks beside the answers, once for each key that has some: no request and no event waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from gateway.access.authentication import Authenticator
from gateway.access.key_records import KeyRegistry
from gateway.storage.protocol import Store
from translator.anthropic.errors import ApiError

from edgeway.local.web.asgi import Headers
from edgeway.local.web.exchanges import Exchange
from edgeway.local.web.failures import Failure

_PRESENTED: Final = (b"x-api-key", b"authorization")


async def end_revoked(running: Mapping[Exchange, Headers], store: Store) -> None:
    """End the requests whose caller would be refused now: the key was revoked or removed, or has expired."""
    authenticator = Authenticator(KeyRegistry(store, clock=time.time), clock=time.time)
    for exchange, headers in list(running.items()):
        presented = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name in _PRESENTED}
        if presented and (failure := await _refusal(authenticator, presented)) is not None:
            exchange.end(failure)


async def watch(
    running: Mapping[Exchange, Headers],
    open_store: Callable[[], Awaitable[Store]],
    seconds: float,
    say: Callable[[str], None],
) -> None:
    """Look every so many seconds. Where the store fails, answers go on, and the log says so once."""
    has_failed = False
    while True:
        await asyncio.sleep(seconds)
        try:
            await end_revoked(running, await open_store())
            has_failed = False
        except Exception as error:  # noqa: BLE001 each store has errors of its own; the next look may succeed
            if not has_failed:
                say(f"revoked keys cannot be looked for, their answers go on: {type(error).__name__}")
            has_failed = True


async def _refusal(authenticator: Authenticator, headers: Mapping[str, str]) -> Failure | None:
    try:
        await authenticator.authenticate(headers)
    except ApiError as error:
        return Failure(error.status, error.error_type, error.message)
    return None
