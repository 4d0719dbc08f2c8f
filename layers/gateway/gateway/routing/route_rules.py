"""Reads `[routes]` and `[allowed]` of edgeway.toml: who is asked for which requests, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, cast, get_args

from gateway.toml_document import Table

Role = Literal["main", "background", "sub_agent", "thinking", "long_context", "images", "web_search"]
Order = Literal["list", "price", "latency", "throughput", "cache"]
EFFORTS = ("low", "medium", "high", "xhigh", "max")
"""Of the Messages API, by rising effort."""
LONG_CONTEXT = 60_000
"""Tokens beyond which a context is long, where a rule does not say."""

CheckTargets = Callable[[Table, str], tuple[str, ...]]
"""Reads a list of `provider/model`, and notes what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRule:
    """Which requests it is for (all conditions that are written hold), and what becomes of them."""

    name: str
    roles: frozenset[Role] = frozenset()
    """At least one of them."""
    models: tuple[str, ...] = ()
    """Patterns of the name that the caller uses."""
    keys: tuple[str, ...] = ()
    """Ids or names of the callers' keys."""
    owners: tuple[str, ...] = ()
    above_tokens: int = LONG_CONTEXT
    use: tuple[str, ...] = ()
    """Who is asked, instead of who serves the model that is named."""
    weights: tuple[int, ...] = ()
    """Shares of the sessions for those in `use`; empty: in their order."""
    order: Order | None = None
    hedge: bool = False
    """Whether a second candidate is asked beside one that is slow."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """`effort`, `max_tokens` and `temperature` as they are set."""
    most: Mapping[str, Any] = field(default_factory=dict)
    """`effort` and `max_tokens` as they are capped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """All that the operator says of who is asked. As it stands, nothing."""

    rules: tuple[RouteRule, ...] = ()
    """The first that fits counts."""
    order: Order = "list"
    auto: tuple[str, ...] = ()
    """From whom `auto` chooses; empty: the models that each provider offers for claude ids."""
    of_key: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_owner: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Patterns of the models that a key, or the keys of an owner, may use."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing is said, so that no request needs to be looked at."""
        return self == _PLAIN

    def allows(self, *, key: tuple[str, str], owner: str, names: tuple[str, ...]) -> bool:
        """Whether a key (its id and name) may use a model, which has these names."""
        said = [self.of_key[name] for name in key if name in self.of_key]
        said += [self.of_owner[owner]] if owner in self.of_owner else []
        return all(matches(patterns, *names) for patterns in said)


_PLAIN = Routes()


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRule:
    """For whom answers are kept, and for how long."""

    ttl_seconds: int
    keys: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    """Both empty: for every key."""

    def is_for(self, key_id: str, name: str, owner: str) -> bool:
        """Whether they are for a key."""
        return not (self.keys or self.owners) or key_id in self.keys or name in self.keys or owner in self.owners


def read_cache_rule(table: Table) -> CacheRule | None:
    """What `[response_cache]` says; None where it is not there."""
    ttl_seconds = table.count("ttl_seconds")
    keys, owners = table.texts("keys", or_one=True) or (), table.texts("owners", or_one=True) or ()
    table.end()
    if ttl_seconds is not None:
        return CacheRule(ttl_seconds=ttl_seconds, keys=keys, owners=owners)
    if keys or owners:
        table.mistake(None, "needs ttl_seconds")
    return None


def matches(patterns: tuple[str, ...], *names: str) -> bool:
    """Whether one of the names is as one of the patterns, in which `*` stands for anything."""
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns for name in names)


def read_routes(routes: Table, allowed: Table, targets: CheckTargets) -> Routes:
    """What the two tables say."""
    order = routes.choice("order", get_args(Order))
    auto = targets(routes, "auto")
    rules = [_rule(table, targets) for table in routes.table("rules").tables()]
    read = Routes(
        rules=tuple(rules),
        order=cast("Order", order) if order else "list",
        auto=auto,
        of_key=_patterns(allowed.table("keys")),
        of_owner=_patterns(allowed.table("owners")),
    )
    allowed.end()
    return read


def _patterns(table: Table) -> dict[str, tuple[str, ...]]:
    return {name: table.texts(name, or_one=True) or () for name in table}


def _rule(table: Table, targets: CheckTargets) -> RouteRule:
    use = targets(table, "use")
    order = table.choice("order", get_args(Order))
    rule = RouteRule(
        name=table.name,
        roles=frozenset(cast("tuple[Role, ...]", table.choices("roles", get_args(Role)) or ())),
        models=table.texts("models", or_one=True) or (),
        keys=table.texts("keys", or_one=True) or (),
        owners=table.texts("owners", or_one=True) or (),
        above_tokens=table.count("above_tokens") or LONG_CONTEXT,
        use=use,
        weights=_weights(table, len(use)),
        order=cast("Order", order) if order else None,
        hedge=bool(table.flag("hedge")),
        parameters=_given(
            effort=table.choice("effort", EFFORTS),
            max_tokens=table.count("max_tokens"),
            temperature=table.amount("temperature"),
        ),
        most=_given(effort=table.choice("most_effort", EFFORTS), max_tokens=table.count("most_tokens")),
    )
    table.end()
    return rule


def _weights(table: Table, expected: int) -> tuple[int, ...]:
    weights = table.counts("weights") or ()
    if weights and len(weights) != expected:
        table.mistake("weights", "must hold one number for each model in use")
        return ()
    return weights


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
