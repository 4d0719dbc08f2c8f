"""Writes the metrics of a request into its log line, from which CloudWatch reads them (docs/decisions/0015).

The format is CloudWatch's embedded metric format. A metric is a member of the line, under the member's own name:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from collections.abc import Callable, Mapping
from typing import Final

from translator.anthropic.errors import Fault
from translator.anthropic.events import Usage

from gateway.money.pricing import cost
from gateway.routing.catalogue import Catalogue
from gateway.routing.model_facts import ModelFacts
from gateway.web.summary import Describe, Summary

NAMESPACE: Final = "Edgeway"
OTHER: Final = "other"
"""Stands for a provider's models that the catalogue lacks: callers name what they like, and each metric costs."""

UNITS: Final = {
    "requests": "Count",
    "failures": "Count",
    "errors": "Count",
    "attempts": "Count",
    "cold_starts": "Count",
    "upstream_authentication_failures": "Count",
    "first_event_ms": "Milliseconds",
    "input_tokens": "Count",
    "cache_read_input_tokens": "Count",
    "output_tokens": "Count",
    "cost_micro_dollars": "None",
}
"""Every metric, and what it is counted in."""

BY_DIMENSIONS: Final = {
    ("service",): frozenset(UNITS) - {"errors"},
    ("service", "known_model"): frozenset(
        {
            "requests",
            "first_event_ms",
            "input_tokens",
            "cache_read_input_tokens",
            "output_tokens",
            "cost_micro_dollars",
        }
    ),
    ("service", "error_type", "error_fault"): frozenset({"errors"}),
}
"""Each metric is paid for once for every value of its dimensions, so that few are taken apart."""


class EmbeddedMetrics:
    """Of one environment. `service` is the stack's name; `clock` gives seconds since the epoch."""

    def __init__(self, service: str, *, catalogue: Catalogue, clock: Callable[[], float]) -> None:
        self._service = service
        self._catalogue = catalogue
        self._clock = clock
        self._requests = 0

    def fields(self, summary: Summary) -> dict[str, object]:
        """All that is to be logged of the request, and which of it are metrics."""
        self._requests += 1
        fields: dict[str, object] = {
            **summary.fields(),
            "service": self._service,
            "requests": 1,
            "failures": int(summary.error_fault not in (None, Fault.CALLER.value)),
            "errors": None if summary.error_type is None else 1,
            "cold_starts": int(self._requests == 1),
            **self._model(summary),
        }
        return {**fields, "_aws": {"Timestamp": int(self._clock() * 1000), "CloudWatchMetrics": _directives(fields)}}

    def _model(self, summary: Summary) -> dict[str, object]:
        if summary.model is None:
            return {}
        provider, _, model_id = summary.model.partition("/")
        facts = self._catalogue.model(provider, model_id)
        return {
            "known_model": summary.model if facts else f"{provider}/{OTHER}",
            "cost_micro_dollars": _cost(summary, facts),
        }


def describing(service: str | None, *, catalogue: Catalogue, clock: Callable[[], float]) -> Describe:
    """What is logged of a request: with its metrics where they are asked for, under the name of a service."""
    return Summary.fields if service is None else EmbeddedMetrics(service, catalogue=catalogue, clock=clock).fields


def _cost(summary: Summary, facts: ModelFacts | None) -> int | None:
    if summary.cache == "hit":
        return 0
    if summary.cost_micro_dollars is not None:
        return summary.cost_micro_dollars  # as it was booked, with terms, searches and lost attempts
    usage = Usage(
        input_tokens=summary.input_tokens,
        output_tokens=summary.output_tokens,
        cache_creation_input_tokens=summary.cache_creation_input_tokens,
        cache_read_input_tokens=summary.cache_read_input_tokens,
        thinking_tokens=summary.thinking_tokens,
    )
    return cost(usage, facts.prices if facts else ())


def _directives(fields: Mapping[str, object]) -> list[dict[str, object]]:
    """One for each set of dimensions that the request has."""
    return [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [dimensions],
            "Metrics": [
                {"Name": name, "Unit": unit}
                for name, unit in UNITS.items()
                if name in names and fields.get(name) is not None
            ],
        }
        for dimensions, names in BY_DIMENSIONS.items()
        if all(fields.get(dimension) is not None for dimension in dimensions)
    ]
