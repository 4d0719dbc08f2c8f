"""Finds the providers that can be asked: those with a key or an address."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from translator.traits import Traits

from gateway.access.keys import PREFIX
from gateway.aws.key_places import place_of
from gateway.aws.region import region_in
from gateway.aws.signing import AwsAccess, AwsEntry, Signer, SigningScope
from gateway.routing.addresses import (
    VARIABLE,
    endpoints_at,
    filled,
    native_facts,
    owner_of,
    parts_of,
    region_of,
    written_address,
)
from gateway.routing.bedrock_ids import Scheme, profiles_of
from gateway.routing.key_pool import LEAST_SECRET, Secret, keys_in
from gateway.routing.model_rules import Dialect, Rule
from gateway.routing.provider_table import PROVIDERS, Authentication, Tier

DATA = Path(__file__).parents[1] / "data" / "providers.tsv"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_UNREMARKABLE = Traits()
_NO_LETTER = re.compile(r"[^A-Z0-9]")
REGION = "AWS_REGION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is known of one provider, whether or not it is configured."""

    id: str
    """models.dev's id."""
    name: str
    base_url: str = ""
    """What stands before the paths of its dialects, empty if there is none; `${VARIABLE}` is filled in."""
    endpoints: Mapping[Dialect, str] = field(default_factory=dict)
    """The same for the dialects that have another."""
    keys: tuple[str, ...] = ()
    """The environment variables that may hold its key, besides those made of its names."""
    names: tuple[str, ...] = ()
    """What callers may also call it before the slash."""
    owned_base_url: str = ""
    """The only variable that overrides its endpoint, where `<PROVIDER>_BASE_URL` belongs to the clients."""
    authentication: Authentication = "bearer"
    native: Authentication | None = None
    """How it is told the key where it speaks the Messages API; None: nobody has said that it does."""
    aws: AwsAccess | None = None
    """How requests are signed where there is no key; None: without a key it cannot be asked."""
    aws_entry: AwsEntry | None = None
    """What the operator has written of it; None: AWS credentials sign only where the environment allows it."""
    ids: Scheme | None = None
    """How its endpoint spells models, where that depends on the Region."""
    lists_models_of: str = ""
    """The provider whose models it serves too."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What it wants to be told with each request; `${VARIABLE}` is filled in."""
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
        """The variables that stand in its endpoint, or in what it is told."""
        named = VARIABLE.findall(" ".join((self.base_url, *self.headers.values())))
        return tuple(
            name for name in dict.fromkeys(named) if name != REGION or not (self.aws_entry and self.aws_entry.region)
        )

    @property
    def needs_key(self) -> bool:
        """Whether it cannot be asked without one."""
        return self.authentication != "none" and not self.local

    def how_to_configure(self, keys_below: str | None = None) -> str:
        """What to set, as a phrase: variables, or what stands for them below the path of EDGEWAY_PROVIDER_KEYS."""
        if self.local or not self.base_url:
            variables = self.base_url_variables[:1]
        else:
            variables = (*self.key_variables[:1], *self.base_url_needs)
        if keys_below is None:
            return " and ".join(variables) + (f", or {self.aws.switch}=true to use AWS credentials" if self.aws else "")
        if self.aws:
            return f"the parameter {self.aws.parameter} of the stack"
        place = place_of(keys_below)
        return " and ".join(f"{place.one} {place.path}/{variable}" for variable in variables)

    def _variables(self, suffix: str) -> tuple[str, ...]:
        names = (_NO_LETTER.sub("_", name.upper()) for name in (self.id, *self.names))
        return tuple(f"{name}_{suffix}" for name in dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class ConfiguredProvider:
    """A provider that can be asked now."""

    provider: Provider
    base_url: str
    key: Secret | None = None
    endpoints: Mapping[Dialect, str] = field(default_factory=dict)
    """The endpoints of the dialects that have another."""
    signing: SigningScope | None = None
    """What AWS credentials sign for, in the place of a key."""
    signer: Signer | None = None
    """Who signs; only the directory of models gives one."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What it is told with each request."""
    profiles: tuple[str, ...] = ()
    """The prefixes of Bedrock's ids that may be used there, the preferred first."""
    more_keys: tuple[Secret, ...] = ()
    """The others of its pool: each takes the requests that the first one could."""
    key_number: int = 1
    """Which of the pool `key` is."""

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
        if built_in.aws is not None:  # a private address of the service's, whose models AWS lists
            return False
        return owner_of(self.base_url) != owner_of(built_in.base_url)

    def endpoint(self, dialect: Dialect) -> str:
        """Where it is asked in this dialect."""
        return self.endpoints.get(dialect, self.base_url)

    async def request_headers(
        self, url: str, body: bytes = b"", *, method: str = "POST", dialect: Dialect = "chat"
    ) -> dict[str, str]:
        """What a request needs so that it is taken. Raises `AwsError` where it is to be signed and cannot be."""
        if self.signer is not None:
            return {**self.headers, **await self.signer.headers(url, body, method=method)}
        return {**self.headers, **self.authorization(dialect)}

    def authorization(self, dialect: Dialect = "chat") -> dict[str, str]:
        """The header that carries the key; none without a key."""
        native = self.provider.native if dialect == "anthropic" else None
        authentication = native or self.provider.authentication
        if self.key is None or authentication == "none":
            return {}
        if authentication == "bearer":
            return {"authorization": f"Bearer {self.key.reveal()}"}
        return {authentication: self.key.reveal()}

    def without_key(self, words: str) -> str:
        """The words of the provider, in which its key may stand, whatever it looks like, also as JSON writes it."""
        key = "" if self.key is None else self.key.reveal()
        if len(key) < LEAST_SECRET:
            return words
        escaped = json.dumps(key)[1:-1]
        for form in dict.fromkeys((key, escaped, escaped.replace("/", r"\/"))):
            words = words.replace(form, "[removed]")
        return words


@cache
def all_providers() -> Mapping[str, Provider]:
    """Every provider by its id, in order of preference: those of the hand-written table, then by id."""
    generated = {provider.id: provider for provider in _generated(DATA)}
    by_hand = {
        name: replace(generated.get(name, Provider(id=name, name=name)), **native_facts(name), **facts)
        for name, facts in PROVIDERS.items()
    }
    return by_hand | {name: provider for name, provider in generated.items() if name not in by_hand}


def configured_providers(
    environ: Mapping[str, str], providers: Mapping[str, Provider] | None = None
) -> dict[str, ConfiguredProvider]:
    """The providers for which `environ` holds a key or an endpoint, in their order of preference.

    Raises ValueError, with the variable's name, for an endpoint that is no address.
    """
    known = all_providers() if providers is None else providers
    given = {**environ, REGION: region_in(environ) or ""}
    found = (_configured(provider, given) for provider in known.values())
    return {each.id: each for each in found if each is not None}


def _configured(provider: Provider, environ: Mapping[str, str]) -> ConfiguredProvider | None:
    entry = provider.aws_entry or AwsEntry()
    if entry.region:
        environ = {**environ, REGION: entry.region}
    # Clients of the gateway export its own key as ANTHROPIC_API_KEY, perhaps in the shell that also starts it.
    keys = [Secret(key) for key in keys_in(provider.key_variables, environ) if not key.startswith(PREFIX)]
    secret = keys[0] if keys else None
    signs = secret is None and _may_sign(provider, environ)
    base_url = _base_url(provider, environ, has_access=secret is not None or signs or not provider.needs_key)
    if base_url is None:
        return None
    region = region_of(base_url) or environ[REGION]
    return ConfiguredProvider(
        provider,
        base_url,
        secret,
        endpoints=endpoints_at(base_url, provider.base_url, provider.endpoints, environ),
        signing=SigningScope(provider.aws.service, region, entry.profile) if provider.aws and signs else None,
        headers={name: filled(value, environ) for name, value in provider.headers.items()},
        profiles=profiles_of(region, entry.inference_profiles) if provider.ids else (),
        more_keys=tuple(keys[1:]),
    )


def _may_sign(provider: Provider, environ: Mapping[str, str]) -> bool:
    """Whether the operator has said that AWS credentials are used: to find some is no wish to send prompts there."""
    if provider.aws is None or not environ[REGION]:
        return False
    return provider.aws_entry is not None or environ.get(provider.aws.switch, "").strip().lower() == "true"


def _base_url(provider: Provider, environ: Mapping[str, str], *, has_access: bool) -> str | None:
    """What the operator has written, or the usual endpoint, where it can be asked there."""
    variable, override = _first(provider.base_url_variables, environ)
    if override:
        has_usual_path = provider.aws is not None or not provider.base_url_needs
        usual_path = urlsplit(provider.base_url).path if has_usual_path else ""
        return written_address(override, variable, usual_path)
    is_known_to_be_there = provider.is_there or not provider.local
    if not (provider.base_url and is_known_to_be_there and has_access):
        return None
    if not all(environ.get(name) for name in provider.base_url_needs):
        return None
    base_url = filled(provider.base_url, environ)
    if provider.base_url_needs:
        parts_of(base_url, f"{' and '.join(provider.base_url_needs)} makes no http or https address")
    return base_url


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
