"""Who can be asked: facts about every provider, and which of them the operator has given a key or an address for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import cast
from urllib.parse import SplitResult, urlsplit

from translator.traits import Traits

from gateway.access.keys import PREFIX
from gateway.aws.region import region_in
from gateway.routing.model_rules import Dialect, Rule
from gateway.routing.provider_table import PROVIDERS, Authentication, Tier

DATA = Path(__file__).parents[1] / "data" / "providers.tsv"

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_UNREMARKABLE = Traits()

LEAST_SECRET = 8
"""Characters. Shorter keys are words like `none`, which a server on one's own machine is given for one."""


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A provider's key. Printing or formatting it does not show it."""

    _value: str

    def reveal(self) -> str:
        """The key itself, for the header that carries it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is known of one provider, whether or not it is configured."""

    id: str
    """models.dev's id."""
    name: str
    base_url: str = ""
    """What stands before the paths of its dialects, empty if there is none; `${VARIABLE}` is filled in."""
    keys: tuple[str, ...] = ()
    """The environment variables that may hold its key, besides those made of its names."""
    names: tuple[str, ...] = ()
    """What callers may also call it before the slash."""
    owned_base_url: str = ""
    """The only variable that overrides its endpoint, where `<PROVIDER>_BASE_URL` belongs to the clients."""
    authentication: Authentication = "bearer"
    dialect: Dialect = "chat"
    """The one that suits it best. Whoever has a `base_url` speaks chat as well."""
    settled_dialect: Dialect | None = None
    """The only one, where the operator has written it."""
    makes: tuple[str, ...] = ()
    """How the stems of the models begin that it makes itself."""
    paths: tuple[str, ...] = ()
    """How the ids begin that can only be its own."""
    tiers: Mapping[Tier, str] | None = None
    """Its models for the claude ids that clients ask for by themselves."""
    traits: Traits = _UNREMARKABLE
    """Those of a model of which nothing more is known."""
    rules: tuple[Rule, ...] = ()
    """In what its models differ."""
    settled_traits: frozenset[str] = frozenset()
    """The names of those that the operator has written, which no rule for a model changes."""
    is_there: bool = False
    """The operator has written its endpoint: a server on their machine is not only looked for."""

    @property
    def local(self) -> bool:
        """Whether it is a model server on the operator's machine, which needs no key and may serve any model."""
        return urlsplit(self.base_url).hostname in _LOOPBACK

    @property
    def key_variables(self) -> tuple[str, ...]:
        """Every variable that may hold its key, the usual one first."""
        return tuple(dict.fromkeys((*self.keys, *self._variables("API_KEY"))))

    @property
    def base_url_variables(self) -> tuple[str, ...]:
        """Every variable that may override its endpoint."""
        return (self.owned_base_url,) if self.owned_base_url else self._variables("BASE_URL")

    @property
    def base_url_needs(self) -> tuple[str, ...]:
        """The variables that stand in its endpoint."""
        return tuple(_VARIABLE.findall(self.base_url))

    @property
    def needs_key(self) -> bool:
        """Whether it cannot be asked without one."""
        return self.authentication != "none" and not self.local

    def how_to_configure(self, keys_below: str | None = None) -> str:
        """What to set, as a phrase: variables, or the parameters of Parameter Store that stand for them there."""
        if self.local or not self.base_url:
            variables = self.base_url_variables[:1]
        else:
            variables = (*self.key_variables[:1], *self.base_url_needs)
        if keys_below is None:
            return " and ".join(variables)
        return " and ".join(f"the SSM parameter {keys_below.rstrip('/')}/{variable}" for variable in variables)

    def _variables(self, suffix: str) -> tuple[str, ...]:
        prefixes = (re.sub(r"[^A-Z0-9]", "_", name.upper()) for name in (self.id, *self.names))
        return tuple(dict.fromkeys(f"{prefix}_{suffix}" for prefix in prefixes))


@dataclass(frozen=True, slots=True)
class ConfiguredProvider:
    """A provider that can be asked now."""

    provider: Provider
    base_url: str
    key: Secret | None = None

    @property
    def id(self) -> str:
        """The provider's id."""
        return self.provider.id

    @property
    def is_own(self) -> bool:
        """Whether a server of the operator's own stands at its address: only that itself knows what it serves.

        It does on their machine, under a name that is not built in, and where they have put another host in its place.
        """
        built_in = all_providers().get(self.id)
        if built_in is None or built_in.local:
            return True
        return _owner(self.base_url) != _owner(built_in.base_url)

    @property
    def reasoning_scope(self) -> str:
        """Stands for where encrypted reasoning can be read again: at this provider's address, and nowhere else."""
        return sha256(f"{self.id} {self.base_url}".encode()).hexdigest()[:12]

    def authorization(self) -> dict[str, str]:
        """The header that carries the key; none without a key."""
        if self.key is None or self.provider.authentication == "none":
            return {}
        if self.provider.authentication == "bearer":
            return {"authorization": f"Bearer {self.key.reveal()}"}
        return {self.provider.authentication: self.key.reveal()}

    def without_key(self, words: str) -> str:
        """The words of the provider, in which its key may stand, whatever it looks like."""
        key = "" if self.key is None else self.key.reveal()
        return words.replace(key, "[removed]") if len(key) >= LEAST_SECRET else words


@cache
def all_providers() -> Mapping[str, Provider]:
    """Every provider by its id, in order of preference: those of the hand-written table, then by id."""
    generated = {provider.id: provider for provider in _generated(DATA)}
    by_hand = {
        name: replace(generated.get(name, Provider(id=name, name=name)), **facts) for name, facts in PROVIDERS.items()
    }
    return by_hand | {name: provider for name, provider in generated.items() if name not in by_hand}


def configured_providers(
    environ: Mapping[str, str], providers: Mapping[str, Provider] | None = None
) -> dict[str, ConfiguredProvider]:
    """The providers for which `environ` holds a key or an endpoint, in their order of preference.

    Raises ValueError, with the variable's name, for an endpoint that is no address.
    """
    known = all_providers() if providers is None else providers
    if region := region_in(environ):
        environ = {**environ, "AWS_REGION": region}
    found = (_configured(provider, environ) for provider in known.values())
    return {each.id: each for each in found if each is not None}


def _configured(provider: Provider, environ: Mapping[str, str]) -> ConfiguredProvider | None:
    _, key = _first(provider.key_variables, environ)
    # Clients of the gateway export its own key as ANTHROPIC_API_KEY, perhaps in the shell that also starts it.
    secret = Secret(key) if key and not key.startswith(PREFIX) else None
    variable, override = _first(provider.base_url_variables, environ)
    if override:
        return ConfiguredProvider(provider, _address(override, variable, provider), secret)
    is_known_to_be_there = provider.is_there or not provider.local
    if not provider.base_url or not is_known_to_be_there or (secret is None and provider.needs_key):
        return None
    if not all(environ.get(name) for name in provider.base_url_needs):
        return None
    base_url = _VARIABLE.sub(lambda needed: environ[needed[1]], provider.base_url)
    if provider.base_url_needs:
        _parts(base_url, f"{' and '.join(provider.base_url_needs)} makes no http or https address")
    return ConfiguredProvider(provider, base_url, secret)


def _address(override: str, variable: str, provider: Provider) -> str:
    """What the operator wrote, with the provider's usual path where they wrote none and it has one."""
    parts = _parts(override, f"{variable} is not an http or https address")
    usual_path = "" if provider.base_url_needs else urlsplit(provider.base_url).path
    path = parts.path.rstrip("/") or usual_path
    return f"{parts.scheme}://{parts.netloc}{path}"


def _owner(address: str) -> str:
    """The end of the host's name, which a provider's addresses have in common, as `openai.com`."""
    return ".".join((urlsplit(address).hostname or "").split(".")[-2:])


def _parts(address: str, mistake: str) -> SplitResult:
    """The parts of an address that can be asked, or a ValueError with these words, which do not repeat it."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is none
    except ValueError:
        raise ValueError(mistake) from None  # its own words would repeat the address, password and all
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", address):
        raise ValueError(mistake)
    return parts


def _first(variables: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, str]:
    """The first variable that is set, and its value; both empty if none is."""
    values = ((variable, environ.get(variable, "").strip()) for variable in variables)
    return next(((variable, value) for variable, value in values if value), ("", ""))


def _generated(path: Path) -> Iterator[Provider]:
    """Read the lines that `edgeway.catalogue.lines` has written; the first is the header."""
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        provider_id, name, base_url, keys, dialect, opus, sonnet, haiku = line.split("\t")
        yield Provider(
            id=provider_id,
            name=name,
            base_url=base_url,
            keys=tuple(keys.split()),
            dialect=cast("Dialect", dialect),
            tiers={"opus": opus, "sonnet": sonnet, "haiku": haiku} if opus else None,
        )
