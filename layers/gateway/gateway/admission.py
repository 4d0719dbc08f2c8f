"""Who may come in: by the authorizer's word where API Gateway has asked it, else by the same code in the function."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.authentication import Authenticator, key_of_context
from gateway.http import HttpRequest
from gateway.key_records import KeyRecord, KeyRegistry
from gateway.settings import Settings
from gateway.stores import open_store


@dataclass(frozen=True, slots=True)
class Admission:
    """`authenticator` is None where the authorizer's context is to be trusted (EDGEWAY_TRUST_AUTHORIZER)."""

    authenticator: Authenticator | None

    def admit(self, http: HttpRequest) -> KeyRecord:
        """The key of the request. Raises `authentication_error`."""
        if self.authenticator is None:
            return key_of_context(http.authorizer)
        return self.authenticator.authenticate(http.headers).key


def build_admission(settings: Settings, *, clock: Callable[[], float]) -> Admission:
    """Admission as the settings say. `clock` gives seconds since the epoch."""
    if settings.trusts_authorizer:
        return Admission(authenticator=None)
    registry = KeyRegistry(open_store(settings.store, clock=clock), clock=clock)
    return Admission(Authenticator(registry, clock=clock))
