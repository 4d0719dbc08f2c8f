"""Reads edgeway.toml: the operator's providers, models, aliases and order, over what is built in.

docs/configuration.md states the schema. The build takes the file into the gateway's layer (decision 10).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast, get_args, get_origin, get_type_hints

from translator.traits import Traits

from gateway.aws.signing import AwsEntry
from gateway.routing.addresses import address_mistake, written_address
from gateway.routing.bedrock_ids import PROFILES
from gateway.routing.catalogue import Catalogue
from gateway.routing.model_facts import CAPABILITIES, Capability, ModelFacts, Prices, unknown_model
from gateway.routing.model_rules import Dialect
from gateway.routing.provider_table import Authentication
from gateway.routing.providers import Provider, all_providers
from gateway.routing.route_rules import CacheRule, Routes, read_cache_rule, read_routes
from gateway.toml_document import Document, Table

PRICES = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning", "request", "web_search")
_PROVIDER_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_NO_PROFILE = "none"
_ZONE = re.compile(r"([+-])(\d\d):([0-5]\d)")
_FARTHEST_ZONE = 14 * 3_600
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WRITTEN_ELSEWHERE = frozenset({"context_window", "max_output_tokens", "dialect", "reasoning_scope", "refused_tools"})
"""Traits that are written with a model or beside them all, follow from the address, or are only learnt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What is built in, and what the operator has said over it."""

    catalogue: Catalogue
    providers: Mapping[str, Provider] = field(default_factory=all_providers)
    """Every provider by its id, in order of preference."""
    preferred: tuple[str, ...] = ()
    """Those that the operator has put first."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the name that callers use: `provider/model`, in the order in which they are tried."""
    routes: Routes = field(default_factory=Routes)
    """Who is asked for which requests."""
    response_cache: CacheRule | None = None
    """For whom answers are kept."""
    default_model: str | None = None
    """Answers for the claude ids that no configured provider serves."""
    over_budget: str | None = None
    """The model that answers where a key's budget does not hold another."""
    report_cost: bool = False
    """Whether streams say in their end what they have cost."""
    zone_seconds: int = 0
    """How far east of UTC the days and months of budgets begin."""
    one_tenant: bool = False
    """Whether all keys are one tenant: whoever has one may ask for what another has left at a provider."""
    keys_below: str | None = None
    """EDGEWAY_PROVIDER_KEYS: the place of the providers' keys, where they are not in the environment."""


def read_configuration(path: Path, catalogue: Catalogue) -> Configuration:
    """The configuration with the file at `path`. Raises `DocumentError` for all its mistakes together."""
    document = Document(path)
    root = document.root
    default_model = root.text("default_model")
    aliases, routes = root.table("aliases"), root.table("routes")
    providers, models = _providers(root.table("providers"), catalogue)
    over_budget = root.text("over_budget")
    if over_budget is not None:
        _check_target(root, "over_budget", over_budget, providers)
    if default_model is not None:
        _check_target(root, "default_model", default_model, providers)
    preferred = _preferred(routes, providers)
    added = [name for name in providers if name not in all_providers()]
    configuration = Configuration(
        catalogue=catalogue.with_models(models) if models else catalogue,
        providers={name: providers[name] for name in dict.fromkeys((*preferred, *added, *providers))},
        preferred=preferred,
        aliases={name: _targets(aliases, name, providers) for name in aliases},
        default_model=default_model,
        over_budget=over_budget,
        report_cost=root.flag("report_cost") or False,
        zone_seconds=_zone(root),
        one_tenant=root.flag("one_tenant") or False,
        routes=read_routes(routes, root.table("allowed"), lambda table, key: _targets(table, key, providers)),
        response_cache=read_cache_rule(root.table("response_cache")),
    )
    routes.end()
    root.end()
    document.finish()
    return configuration


def _zone(root: Table) -> int:
    """Seconds east of UTC. A name of a zone is no answer: where the functions run, nobody may know it."""
    found = _ZONE.fullmatch(root.text("zone") or "+00:00")
    seconds = int(found[2]) * 3_600 + int(found[3]) * 60 if found else _FARTHEST_ZONE + 1
    if found is None or seconds > _FARTHEST_ZONE:
        root.mistake("zone", 'must be how far the zone is from UTC, from "-14:00" to "+14:00"')
        return 0
    return -seconds if found[1] == "-" else seconds


def _targets(aliases: Table, name: str, providers: Mapping[str, Provider]) -> tuple[str, ...]:
    targets = aliases.texts(name, or_one=True) or ()
    for target in targets:
        _check_target(aliases, name, target, providers)
    return targets


def _check_target(table: Table, key: str, target: str, providers: Mapping[str, Provider]) -> None:
    """An alias names who answers: with a provider that nobody knows, it would fail at the first request only."""
    name, slash, model = target.partition("/")
    known = any(name.lower() in (each.id, *each.names) for each in providers.values())
    if not (slash and model and known and target.isprintable()):
        table.mistake(key, "must be provider/model, with a provider that `edgeway providers` lists or this file adds")


def _preferred(routes: Table, providers: Mapping[str, Provider]) -> tuple[str, ...]:
    preferred = routes.texts("prefer") or ()
    if not set(preferred) <= set(providers):
        routes.mistake("prefer", "must hold ids of providers that `edgeway providers` lists or this file adds")
    return tuple(name for name in preferred if name in providers)


def _providers(tables: Table, catalogue: Catalogue) -> tuple[dict[str, Provider], list[ModelFacts]]:
    """All providers, and the models that the file adds or changes."""
    providers = dict(all_providers())
    models = []
    written: dict[str, str] = {}
    for table in tables.tables():
        name = _id(table, written)
        providers[name] = _provider(table, providers.get(name))
        models += [_model(model, name, catalogue) for model in table.table("models").tables()]
        table.end()
    return providers, models


def _id(table: Table, written: dict[str, str]) -> str:
    """The provider's id, which the table may call by another of its names; each is written once."""
    name = next((each.id for each in all_providers().values() if table.name in each.names), table.name)
    if name in written:
        table.mistake(None, f"is the same provider as [providers.{written[name]}]; write them together")
    elif _PROVIDER_ID.fullmatch(name) is None:
        table.mistake(None, "must be of lower-case letters, digits, dots, hyphens and underscores")
    written[name] = table.name
    return name


def _provider(table: Table, known: Provider | None) -> Provider:
    """The built-in provider with what the table says over it, or a new one."""
    base = known or Provider(id=table.name, name=table.name)
    if known is None and "base_url" not in table:
        table.mistake(None, "needs a base_url, since no provider of this name is built in")
    base_url = _base_url(table)
    authentication = table.choice("authentication", get_args(Authentication))
    traits = _traits(table.table("traits"))
    base = base if base.aws is None else _on_aws(table, base)
    return replace(
        base,
        name=table.text("name") or base.name,
        base_url=base_url or base.base_url,
        is_there=base_url is not None,
        keys=_key_variables(table) or base.keys,
        authentication=cast("Authentication", authentication) if authentication else base.authentication,
        settled_dialect=_dialect(table) or base.settled_dialect,
        traits=replace(base.traits, **traits),
        settled_traits=frozenset(traits),
    )


def _dialect(table: Table) -> Dialect | None:
    return cast("Dialect | None", table.choice("dialect", get_args(Dialect)))


def _on_aws(table: Table, base: Provider) -> Provider:
    """What only providers on AWS have. Their entry says that AWS credentials may sign, where there is no key."""
    region = table.text("region")
    if region is not None and _REGION.fullmatch(region) is None:
        table.mistake("region", "must be an AWS Region, as in us-east-1")
    profiles = table.choice("inference_profiles", (*PROFILES, _NO_PROFILE)) if base.ids == "runtime" else None
    entry = AwsEntry(region, table.text("profile"), "" if profiles == _NO_PROFILE else profiles)
    return replace(base, aws_entry=entry)


def _base_url(table: Table) -> str | None:
    base_url, allow_http = table.text("base_url"), table.flag("allow_http") or False
    if base_url is None:
        return None
    mistake = address_mistake(base_url, allow_http=allow_http)
    if mistake is not None:
        table.mistake("base_url", mistake)
    return written_address(base_url, "base_url", "")


def _key_variables(table: Table) -> tuple[str, ...] | None:
    variables = table.texts("key_variables")
    if variables is not None and not all(map(_VARIABLE.fullmatch, variables)):
        table.mistake("key_variables", "must hold names of variables; the key itself is never written here")
    return variables


def _traits(table: Table) -> dict[str, Any]:
    hints = {name: hint for name, hint in get_type_hints(Traits).items() if name not in _WRITTEN_ELSEWHERE}
    found = {name: _trait(table, name, hint) for name, hint in hints.items()}
    table.end()
    return {name: value for name, value in found.items() if value is not None}


def _trait(table: Table, name: str, hint: Any) -> Any:
    """The value of one trait, by the type that `Traits` gives it."""
    if hint is bool:
        return table.flag(name)
    if hint in (int, int | None):
        return table.count(name)
    container = get_origin(hint)
    if container in (tuple, frozenset):
        words = table.choices(name, _words(hint))
        return None if words is None else container(words)
    return table.choice(name, _words(hint))


def _words(hint: Any) -> list[str]:
    """The texts that a type allows: those of the Literals in it."""
    return [word for part in get_args(hint) for word in ([part] if isinstance(part, str) else _words(part))]


def _model(table: Table, provider: str, catalogue: Catalogue) -> ModelFacts:
    """What the catalogue says of the model at this provider, with what the table says over it."""
    known = catalogue.model(provider, table.name) or unknown_model(provider, table.name)
    capabilities = table.choices("capabilities", CAPABILITIES.values())
    facts = replace(
        known,
        context_window=table.count("context_window") or known.context_window,
        max_output_tokens=table.count("max_output_tokens") or known.max_output_tokens,
        prices=_prices(table.table("prices")) if "prices" in table else known.prices,
        settled_dialect=_dialect(table),
        capabilities=known.capabilities if capabilities is None else frozenset(cast("list[Capability]", capabilities)),
    )
    table.end()
    return facts


def _prices(table: Table) -> tuple[Prices, ...]:
    """Of dollars per million tokens, integer micro-dollars."""
    for needed in ("input", "output"):
        if needed not in table:
            table.mistake(None, f"needs {needed}, in dollars per million tokens")
    found = {name: table.amount(name) for name in PRICES}
    table.end()
    micros = {name: round(amount * 1_000_000) for name, amount in found.items() if amount is not None}
    return (Prices(micros.pop("input", 0), micros.pop("output", 0), **micros),)
