"""The models that this gateway can reach now: what is built in and what the operator has said, over who has a key."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from translator.anthropic.errors import ApiError, Fault

from gateway.catalogue import Catalogue, ModelFacts
from gateway.configuration import Configuration, read_configuration
from gateway.key_records import KeyRecord
from gateway.model_order import askable_models
from gateway.providers import ConfiguredProvider, configured_providers
from gateway.routing import Candidate, NoUsableKeyError, UnknownModelError, resolve
from gateway.served_models import Servings, ServingsFile, with_servings
from gateway.settings import Settings

REFRESH_SECONDS = 60.0
_CACHE_SIZE = 256


class UnreachableModelError(ApiError):
    """The model is known, and no provider that serves it is configured: the operator's omission, not the caller's."""

    def __init__(self, message: str) -> None:
        super().__init__("api_error", message, fault=Fault.GATEWAY, retry=False)


class ModelDirectory:
    """Resolves models for keys. `environ` is asked anew every minute, since keys are rotated; `clock` gives seconds.

    `servings` is read with every request: models come and go on the operator's own servers.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        environ: Callable[[], Mapping[str, str]],
        clock: Callable[[], float],
        servings: ServingsFile | None = None,
    ) -> None:
        self._written = configuration
        self._configuration = configuration
        self._servings_file = servings or ServingsFile(None)
        self._servings: Servings = {}
        self._environ = environ
        self._clock = clock
        self._read_at: float | None = None
        self._configured: Mapping[str, ConfiguredProvider] = {}
        self._resolved: dict[str, tuple[Candidate, ...]] = {}

    @property
    def catalogue(self) -> Catalogue:
        """Every model that is known, whoever serves it."""
        return self._configuration.catalogue

    @property
    def aliases(self) -> Iterable[str]:
        """The operator's own names for models."""
        return self._configuration.aliases

    def listed(self) -> list[ModelFacts]:
        """The models that can be asked now, in the order in which they are shown."""
        configured = self.configured()  # which brings the catalogue up to date
        return askable_models(self.catalogue, configured)

    def route(self, model: str, key: KeyRecord) -> Sequence[Candidate]:
        """The candidates for a model as the caller names it. Raises `ApiError` where there are none."""
        candidates = self._candidates(model)
        if not key.allowed_models:
            return candidates
        allowed = [each for each in candidates if key.may_use(model, each.name, each.model)]
        if not allowed:
            raise ApiError("permission_error", f"model: this key may not use {model[:100]}", retry=False)
        return allowed

    def configured(self) -> Mapping[str, ConfiguredProvider]:
        """The providers that can be asked now, in order of preference."""
        now = self._clock()
        servings = self._servings_file.read()
        is_old = self._read_at is None or now - self._read_at > REFRESH_SECONDS
        if is_old:
            self._configured = self._read_configured()
            self._read_at = now
        if is_old or servings is not self._servings:
            self._servings = servings
            catalogue = with_servings(self._written.catalogue, self._configured, servings)
            self._configuration = replace(self._written, catalogue=catalogue)
            self._resolved.clear()
        return self._configured

    def _read_configured(self) -> Mapping[str, ConfiguredProvider]:
        try:
            return configured_providers(self._environ(), self._configuration.providers)
        except ValueError as error:
            raise ApiError("api_error", str(error), fault=Fault.GATEWAY, retry=False) from error

    def _candidates(self, model: str) -> tuple[Candidate, ...]:
        configured = self.configured()
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
    )


def provider_environment(
    settings: Settings, environ: Mapping[str, str], *, clock: Callable[[], float]
) -> Callable[[], Mapping[str, str]]:
    """What gives the variables of the providers: the environment's, over what Parameter Store holds."""
    if settings.provider_keys is None:
        return lambda: environ
    from gateway.aws_client import SYSTEMS_MANAGER, open_client
    from gateway.parameter_store import ParameterStore

    stored = ParameterStore(open_client(SYSTEMS_MANAGER, environ), settings.provider_keys, clock=clock)
    return lambda: {**stored.values(), **{name: value for name, value in environ.items() if value}}


def configuration_of(settings: Settings) -> Configuration:
    """The operator's file, with what the environment says over it. Raises `DocumentError`."""
    written = read_configuration(settings.configuration, Catalogue.open())
    return replace(
        written,
        default_model=settings.default_model or written.default_model,
        keys_below=settings.provider_keys,
    )
