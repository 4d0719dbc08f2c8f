"""Reads the environment, once when a function starts.

The names are the contract of template.yaml and `edgeway local`; provider keys have their providers' own names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

EDGEWAY_TOML = Path(__file__).parents[1] / "edgeway.toml"
"""Beside this package: so the build lays it, and so it is in the repository, as a link to the file at the root."""


ANSWER_SECONDS = 870.0
"""Half a minute less than Lambda gives an invocation."""
WHOLE_ANSWER_SECONDS = 285.0
"""A whole answer is silent to its end, and API Gateway closes a connection after five silent minutes."""


class PlanLimits(NamedTuple):
    """The requests that a plan lets one key make."""

    rate: float
    """A second."""
    burst: int
    """At once."""
    day: int
    """A day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the functions."""

    store: str
    """`sqlite:<path>` or `dynamodb:<table>`."""
    trusts_authorizer: bool
    """Whether API Gateway has authenticated the caller: only on AWS, where nobody else can write the context."""
    default_model: str | None
    """Answers for the claude ids that no configured provider serves."""
    provider_keys: str | None
    """The path below which the providers' keys lie, named like their variables: `/path/` in Parameter Store, or
    `secretsmanager:/path/`."""
    may_read_provider_keys: bool
    """Whether this function may read them, or only knows for whom there are some."""
    metrics: str | None
    """The name of the service that metrics are of; None where there are to be none, as on the operator's machine."""
    configuration: Path
    """The operator's file."""
    served_models: Path | None = None
    """Where it is kept what the operator's own servers say that they serve; None where nobody asks them, as on AWS."""
    plans: Mapping[str, PlanLimits] = field(default_factory=dict)
    """What the functions hold keys to by themselves; none on AWS, where API Gateway does."""
    record_seconds: float = 0.0
    """For so long what requests have used is gathered before it is written; 0 on AWS, where time stands still between
    two requests."""
    answer_seconds: float = ANSWER_SECONDS
    """What the calls to upstreams for one answer may take."""
    whole_answer_seconds: float = WHOLE_ANSWER_SECONDS
    """The same where the answer is not streamed."""
    large_answers: str | None = None
    """The bucket for kept answers that no item of the table holds; None where they are not kept."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`."""
    return Settings(
        store=environ.get("EDGEWAY_STORE", ""),
        trusts_authorizer=environ.get("EDGEWAY_TRUST_AUTHORIZER", "").lower() == "true",
        default_model=environ.get("EDGEWAY_DEFAULT_MODEL") or None,
        provider_keys=environ.get("EDGEWAY_PROVIDER_KEYS") or None,
        may_read_provider_keys=environ.get("EDGEWAY_PROVIDER_KEYS_READ") != "names",
        metrics=environ.get("EDGEWAY_METRICS") or None,
        configuration=Path(environ.get("EDGEWAY_CONFIG") or EDGEWAY_TOML),
        served_models=Path(served) if (served := environ.get("EDGEWAY_SERVED_MODELS")) else None,
        plans=_plans(environ.get("EDGEWAY_PLANS", "")),
        record_seconds=float(environ.get("EDGEWAY_RECORD_SECONDS") or 0),
        answer_seconds=float(environ.get("EDGEWAY_ANSWER_SECONDS") or ANSWER_SECONDS),
        large_answers=environ.get("EDGEWAY_LARGE_ANSWERS") or None,
        whole_answer_seconds=float(environ.get("EDGEWAY_WHOLE_ANSWER_SECONDS") or WHOLE_ANSWER_SECONDS),
    )


SECRETS_MAX_AGE = 300
"""Seconds after which a provider's new key is used everywhere."""


def _plans(written: str) -> dict[str, PlanLimits]:
    """Of `free=2/10/1000 …`: requests a second, at once, a day."""
    plans = {}
    for plan in written.split():
        name, _, limits = plan.partition("=")
        try:
            rate, burst, day = limits.split("/")
            plans[name] = PlanLimits(float(rate), int(burst), int(day))
        except ValueError:
            raise _wrong_plan(plan) from None
        if not (name and 0 < plans[name].rate < float("inf") and plans[name].burst > 0 and plans[name].day > 0):
            raise _wrong_plan(plan)
    return plans


def _wrong_plan(plan: str) -> ValueError:
    return ValueError(
        f"EDGEWAY_PLANS holds {plan!r}; it must name each plan with its requests a second, at once and a day, above 0, "
        "as in free=2/10/1000 standard=10/40/20000"
    )
