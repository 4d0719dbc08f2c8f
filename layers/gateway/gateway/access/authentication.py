"""Authenticates a caller by either header. Imports neither httpx nor pydantic, for the authorizer.

A revocation takes effect within `CACHE_SECONDS` everywhere: environments remember a key for that long.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from translator.anthropic.errors import ApiError

from gateway.access.key_records import LIMITS, KeyRecord, KeyRegistry
from gateway.access.keys import hash_key, is_well_formed
from gateway.access.refused_keys import RefusedKeys

CACHE_SECONDS = 30.0
_CACHE_SIZE = 1024
_NOT_ACTIVE = {
    "revoked": "invalid x-api-key: the key has been revoked; ask the operator for a new one",
    "unreadable": "invalid x-api-key: what this gateway has stored of the key cannot be read; ask for a new key",
}
_BEARER = re.compile(r"bearer(?:\s+|$)", re.IGNORECASE)


class Authenticated(NamedTuple):
    """A caller with a valid key."""

    key: KeyRecord
    key_hash: str


class Authenticator:
    """Finds the key of a request. `clock` gives seconds since the epoch; `refused` is told what is refused.

    For `unknown_seconds` a key that is not stored counts as unknown, and the store is not asked.
    """

    def __init__(
        self,
        registry: KeyRegistry,
        *,
        clock: Callable[[], float],
        unknown_seconds: float = 0.0,
        refused: RefusedKeys | None = None,
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._unknown_seconds = unknown_seconds
        self._refused = refused
        self._known: dict[str, tuple[float, KeyRecord | None]] = {}
        self._unknown: dict[str, tuple[float, KeyRecord | None]] = {}  # apart: what anybody sends drives out no key

    async def authenticate(self, headers: Mapping[str, str], address: str = "") -> Authenticated:
        """The caller of a request with these headers (names in lower case). Raises `authentication_error`.

        `address` is where it came from, for the log of refused keys.
        """
        refusal: ApiError | None = None
        for key in _presented_keys(headers):
            try:
                return await self._check(key)
            except ApiError as error:
                refusal = refusal or error
        if refusal is None:
            raise _refused("x-api-key header is required (or authorization: Bearer)")
        if self._refused is not None:
            await self._refused.note(address, refusal)
        raise refusal

    async def _check(self, key: str) -> Authenticated:
        if not is_well_formed(key):
            raise _refused("invalid x-api-key: this is not a key of this gateway, or it is mistyped; copy it again")
        key_hash = hash_key(key)
        record = await self._find(key_hash)
        if record is None:
            raise _refused("invalid x-api-key: this gateway does not know the key; ask its operator for one")
        if record.status != "active":
            raise _refused(_NOT_ACTIVE[record.status])
        if record.expires is not None and record.expires <= self._clock():
            raise _refused("invalid x-api-key: the key has expired; ask the operator for a new one")
        return Authenticated(record, key_hash)

    async def _find(self, key_hash: str) -> KeyRecord | None:
        now = self._clock()
        for cache, seconds in ((self._known, CACHE_SECONDS), (self._unknown, self._unknown_seconds)):
            found = cache.get(key_hash)
            if found and 0 <= now - found[0] < seconds:  # the clock may be set back
                return found[1]
        record = await self._registry.find(key_hash)
        cache = self._unknown if record is None else self._known
        if len(cache) >= _CACHE_SIZE:
            cache.clear()
        cache[key_hash] = (now, record)
        return record


def authorizer_context(caller: Authenticated) -> dict[str, str | int]:
    """What the authorizer hands to the functions; API Gateway takes text, numbers and booleans only."""
    key = caller.key
    limits = {name: limit for name in LIMITS if (limit := getattr(key, name)) is not None}
    return {
        **limits,
        "keyId": key.id,
        "keyName": key.name,
        "role": key.role,
        "plan": key.plan,
        "allowedModels": "\n".join(key.allowed_models),
        **({"owner": key.owner} if key.owner else {}),
        **({"pool": key.pool} if key.pool else {}),
    }


def key_of_context(context: Mapping[str, Any]) -> KeyRecord:
    """The key's facts from a trusted authorizer context. Raises `authentication_error` where there are none."""
    key_id = context.get("keyId")
    if not key_id:
        raise _refused("x-api-key header is required")
    # API Gateway hands numbers on as text. One that is none is a mistake of ours, and not the same as no limit.
    limits: dict[str, Any] = {name: int(context[name]) for name in LIMITS if context.get(name) is not None}
    return KeyRecord(
        id=str(key_id),
        name=str(context.get("keyName") or ""),
        hint="",
        role="admin" if context.get("role") == "admin" else "user",
        plan=str(context.get("plan") or ""),
        created=0,
        allowed_models=tuple(name for name in str(context.get("allowedModels") or "").split("\n") if name),
        owner=str(context.get("owner") or ""),
        pool=str(context.get("pool") or ""),
        **limits,
    )


def _presented_keys(headers: Mapping[str, str]) -> Iterator[str]:
    api_key = headers.get("x-api-key", "").strip()
    if api_key:
        yield api_key
    authorization = headers.get("authorization", "").strip()
    scheme = _BEARER.match(authorization)
    token = authorization[scheme.end() :] if scheme else authorization
    if token and token != api_key:
        yield token


def _refused(message: str) -> ApiError:
    # Claude Code would try again for three minutes where it is not told that it is pointless.
    return ApiError("authentication_error", message, retry=False)
