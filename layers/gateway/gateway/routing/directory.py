"""Resolves a model name with the built-in data, edgeway.toml and the configured keys."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from translator.anthropic.errors import ApiError, Fault

from gateway.access.key_records import KeyRecord, may_not_use
from gateway.aws.bedrock_models import AccountModels
from gateway.aws.credentials import open_credentials
from gateway.aws.key_places import place_of
from gateway.aws.signer import RequestSigner
from gateway.aws.types import AwsError
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration, read_configuration
from gateway.routing.providers import ConfiguredProvider, Provider, configured_providers
from gateway.routing.resolve import Candidate, NoUsableKeyError, UnknownModelError, resolve
from gateway.routing.route_rules import CacheRule, Routes
from gateway.routing.served_models import ServedModel, Serving, Servings, ServingsFile, with_servings
from gateway.settings import Settings
from gateway.web.failures import log_line

Environ = Callable[[], Coroutine[Any, Any, Mapping[str, str]]]
"""Gives the variables of the providers."""

REFRESH_SECONDS = 30.0
_CACHE_SIZE = 256


class UnreachableModelError(ApiError):
    """The model is known, and no provider that serves it is configured: the operator's omission, not the caller's."""

    def __init__(self, message: str) -> None:
        super().__init__("api_error", message, fault=Fault.GATEWAY, retry=False)


class ModelDirectory:
    """Resolves models for keys. `environ` is asked anew every half minute: keys are rotated. `clock` gives seconds.

    `servings` is read with every request: models come and go on the operator's own servers.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        environ: Environ,
        clock: Callable[[], float],
        servings: ServingsFile | None = None,
        account_models: AccountModels | None = None,
    ) -> None:
        self._written = configuration
        self._configuration = configuration
        self._servings_file = servings or ServingsFile(None)
        self._servings: Servings = {}
        self._account_models = account_models
        self._account: Servings = {}
        """What the operator's account may use of providers that tell it."""
        self._environ = environ
        self._clock = clock
        self._read_at: float | None = None
        self._refreshing = asyncio.Lock()
        self._configured: Mapping[str, ConfiguredProvider] = {}
        self._resolved: dict[str, tuple[Candidate, ...]] = {}

    @property
    def catalogue(self) -> Catalogue:
        """Every model that is known, whoever serves it. `configured` brings it up to date."""
        return self._configuration.catalogue

    @property
    def over_budget(self) -> str | None:
        """The model that answers where a key's budget does not hold another."""
        return self._written.over_budget

    @property
    def report_cost(self) -> bool:
        """Whether streams say in their end what they have cost."""
        return self._written.report_cost

    @property
    def zone_seconds(self) -> int:
        """How far east of UTC the days and months of budgets begin."""
        return self._written.zone_seconds

    @property
    def aliases(self) -> Iterable[str]:
        """The operator's own names for models."""
        return self._configuration.aliases

    async def route(self, model: str, key: KeyRecord) -> Sequence[Candidate]:
        """The candidates for a model as the caller names it. Raises `ApiError` where there are none."""
        candidates = await self._candidates(model)
        if not key.allowed_models:
            return candidates
        allowed = [each for each in candidates if key.may_use(model, each.name, each.model)]
        if not allowed:
            raise may_not_use(model)
        return allowed

    @property
    def providers(self) -> Mapping[str, Provider]:
        """Every provider by its id, whether or not it can be asked."""
        return self._written.providers

    @property
    def routes(self) -> Routes:
        """Who is asked for which requests, as the operator says."""
        return self._written.routes

    @property
    def response_cache(self) -> CacheRule | None:
        """For whom answers are kept, as the operator says."""
        return self._written.response_cache

    async def tiers(self) -> Sequence[str]:
        """The models that the configured providers offer for claude ids, each once."""
        return [
            f"{each.id}/{model}"
            for each in (await self.configured()).values()
            for model in dict.fromkeys((each.provider.tiers or {}).values())
        ]

    async def configured(self) -> Mapping[str, ConfiguredProvider]:
        """The providers that can be asked now, in order of preference."""
        if self._is_old:
            async with self._refreshing:
                if self._is_old:  # or another request has waited for the same
                    now = self._clock()
                    self._configured = await self._read_configured()
                    self._account = await self._read_account()
                    self._read_at = now
                    self._bring_up_to_date()
        if self._servings_file.read() is not self._servings:
            self._bring_up_to_date()
        return self._configured

    @property
    def _is_old(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at > REFRESH_SECONDS

    def _bring_up_to_date(self) -> None:
        self._servings = self._servings_file.read()
        catalogue = with_servings(self._written.catalogue, self._configured, {**self._servings, **self._account})
        self._configuration = replace(self._written, catalogue=catalogue)
        self._resolved.clear()

    async def _read_configured(self) -> Mapping[str, ConfiguredProvider]:
        try:
            environ = await self._environ()
            configured = configured_providers(environ, self._configuration.providers)
            return {name: _with_signer(each, environ) for name, each in configured.items()}
        except ValueError as error:
            raise ApiError("api_error", str(error), fault=Fault.GATEWAY, retry=False) from error

    async def _read_account(self) -> Servings:
        """The lists of Bedrock, where AWS credentials sign for it."""
        found: dict[str, Serving] = {}
        for each in self._configured.values():
            if self._account_models is not None and each.provider.ids == "runtime" and each.signing is not None:
                ids = await self._account_models.ids(each.signing.region, each)
                if ids is not None:
                    found[each.id] = Serving(each.base_url, tuple(ServedModel(name, None, "") for name in ids))
        return found

    async def _candidates(self, model: str) -> tuple[Candidate, ...]:
        configured = await self.configured()
        found = self._resolved.get(model)
        if found is None:
            found = self._resolve(model, configured)
            if len(self._resolved) >= _CACHE_SIZE:
                self._resolved.clear()
            self._resolved[model] = found
        return found

    def _resolve(self, model: str, configured: Mapping[str, ConfiguredProvider]) -> tuple[Candidate, ...]:
        try:
            return resolve(model, self._configuration, configured)
        except UnknownModelError as error:
            raise ApiError("not_found_error", str(error)) from error
        except NoUsableKeyError as error:
            raise UnreachableModelError(str(error)) from error


def open_directory(settings: Settings, environ: Mapping[str, str], *, clock: Callable[[], float]) -> ModelDirectory:
    """The directory of a function that starts. Raises `DocumentError` where edgeway.toml has a mistake."""
    return ModelDirectory(
        configuration_of(settings),
        environ=provider_environment(settings, environ, clock=clock),
        clock=clock,
        servings=ServingsFile(settings.served_models),
        account_models=AccountModels(environ, clock=clock),
    )


def provider_environment(settings: Settings, environ: Mapping[str, str], *, clock: Callable[[], float]) -> Environ:
    """What gives the variables of the providers: the environment's, over those that are stored on AWS."""
    if settings.provider_keys is None:

        async def given() -> Mapping[str, str]:
            return environ

        return given
    from gateway.aws.client import open_client
    from gateway.aws.provider_keys import ProviderKeys

    place = place_of(settings.provider_keys)
    stored = ProviderKeys(
        open_client(place.service, environ),
        place,
        clock=clock,
        log=log_line,
        names_only=not settings.may_read_provider_keys,
    )
    own = {name: value for name, value in environ.items() if value}

    async def completed() -> Mapping[str, str]:
        try:
            return {**await stored.values(), **own}
        except AwsError as error:
            raise _unreadable(error) from error

    return completed


def _with_signer(provider: ConfiguredProvider, environ: Mapping[str, str]) -> ConfiguredProvider:
    """The provider with what signs its requests, where AWS credentials do. Nothing is asked before they are used."""
    if provider.signing is None:
        return provider
    service, region, profile = provider.signing
    signer = RequestSigner(open_credentials(environ, profile), region=region, service=service)
    return replace(provider, signer=signer)


def _unreadable(error: AwsError) -> ApiError:
    """What a caller is told where the keys have never been read."""
    if error.is_passing:
        message = "the gateway cannot read its providers' keys at the moment"
        return ApiError("overloaded_error", message, fault=Fault.GATEWAY, retry_after=2)
    message = f"the gateway may not read its providers' keys: {error.operation} is refused ({error.code})"
    return ApiError("api_error", message, fault=Fault.GATEWAY, retry=False)


def configuration_of(settings: Settings) -> Configuration:
    """The operator's file, with what the environment says over it. Raises `DocumentError`."""
    written = read_configuration(settings.configuration, Catalogue.open())
    return replace(
        written,
        default_model=settings.default_model or written.default_model,
        keys_below=settings.provider_keys,
    )
