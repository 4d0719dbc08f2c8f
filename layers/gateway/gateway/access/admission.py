"""Admits callers: by the authorizer's word where API Gateway has asked it, else by the same code here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.access.authentication import Authenticator, key_of_context
from gateway.access.key_records import KeyRecord, KeyRegistry
from gateway.access.plan_limits import PlanLimiter
from gateway.access.refused_keys import RefusedKeys
from gateway.settings import Settings
from gateway.storage.open import open_store, store_when_needed
from gateway.web.failures import log_line
from gateway.web.proxy_event import HttpRequest

UNKNOWN_SECONDS = 5.0
"""Where each read is paid for, a flood of one wrong key costs a read in so many seconds."""


@dataclass(frozen=True, slots=True)
class Admission:
    """`authenticator` is None where the authorizer's context is to be trusted (EDGEWAY_TRUST_AUTHORIZER).

    `plans` is None there too: API Gateway has counted the request.
    """

    authenticator: Authenticator | None
    plans: PlanLimiter | None = None

    async def admit(self, http: HttpRequest) -> KeyRecord:
        """The key of the request. Raises `authentication_error`, and `rate_limit_error` beyond the key's plan."""
        if self.authenticator is None:
            return key_of_context(http.authorizer)
        key = (await self.authenticator.authenticate(http.headers, http.address)).key
        if self.plans is not None:
            await self.plans.admit(key)
        return key


def build_admission(settings: Settings, environ: Mapping[str, str], *, clock: Callable[[], float]) -> Admission:
    """Admission as the settings say. `clock` gives seconds since the epoch."""
    if settings.trusts_authorizer:
        return Admission(authenticator=None)
    plans = PlanLimiter(
        settings.plans, store_when_needed(settings.store, environ, clock=clock), clock=clock, log=log_line
    )
    return Admission(build_authenticator(settings, environ, clock=clock), plans)


def build_authenticator(settings: Settings, environ: Mapping[str, str], *, clock: Callable[[], float]) -> Authenticator:
    """The authenticator over the store of the settings."""
    store = open_store(settings.store, environ, clock=clock)
    is_paid = settings.store.startswith("dynamodb:")  # on this machine a new key works at once
    return Authenticator(
        KeyRegistry(store, clock=clock),
        clock=clock,
        unknown_seconds=UNKNOWN_SECONDS if is_paid else 0.0,
        refused=RefusedKeys(store, log_line),
    )
