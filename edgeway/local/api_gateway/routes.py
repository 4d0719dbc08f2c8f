"""Finds the function for a method and a path, by the rules of an API Gateway REST API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from edgeway.local.api_gateway.template import Function, Route

STAGE: Final = "Prod"


@dataclass(frozen=True, slots=True)
class Match:
    """What a request resolves to."""

    function: Function
    route: Route
    path: str
    """Without the stage, still percent-encoded, as the event of a REST API has it."""
    path_parameters: Mapping[str, str]
    """Still percent-encoded too: a REST API decodes the query string only."""


class RoutingTable:
    """The routes of a template, the most specific first."""

    def __init__(self, functions: Iterable[Function]) -> None:
        candidates = [(_segments(route.path), route, function) for function in functions for route in function.routes]
        self._candidates = sorted(candidates, key=lambda candidate: [_rank(part) for part in candidate[0]])
        plain = {(route.method, route.path) for _, route, _ in self._candidates if "{" not in route.path}
        self._known = {request: self._find(*request) for request in plain}

    def match(self, method: str, raw_path: str) -> Match | None:
        """Find the route of a request, at the root or under the stage."""
        return self._known.get((method, raw_path)) or self._find(method, raw_path)

    def _find(self, method: str, raw_path: str) -> Match | None:
        """Find it by the rules.

        API Gateway resolves resource and method together, and does not mind a trailing slash. Several slashes at the
        beginning, where a base URL ended in one, are one here: API Gateway itself has no resource for them.
        """
        if not raw_path.startswith("/"):  # the request target of OPTIONS * and CONNECT
            return None
        path = _without_stage(f"/{raw_path.lstrip('/')}")
        segments = _segments(path)
        for pattern, route, function in self._candidates:
            if route.method in (method, "ANY"):
                parameters = _parameters(pattern, segments)
                if parameters is not None:
                    return Match(function, route, path, parameters)
        return None


def _without_stage(raw_path: str) -> str:
    if raw_path == f"/{STAGE}":
        return "/"
    return raw_path.removeprefix(f"/{STAGE}") if raw_path.startswith(f"/{STAGE}/") else raw_path


def _segments(path: str) -> list[str]:
    return path.rstrip("/").split("/")[1:]


def _rank(segment: str) -> tuple[int, str]:
    """Order a literal before a parameter before a greedy parameter."""
    if segment.endswith("+}"):
        return (2, "")
    return (1, "") if segment.startswith("{") else (0, segment)


def _parameters(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    """Return the path parameters if the segments fit the pattern, else None."""
    parameters: dict[str, str] = {}
    for position, part in enumerate(pattern):
        if position >= len(segments):
            return None
        if part.endswith("+}"):
            parameters[part[1:-2]] = "/".join(segments[position:])
            return parameters
        if part.startswith("{") and segments[position]:
            parameters[part[1:-1]] = segments[position]
        elif part != segments[position]:
            return None
    return parameters if len(pattern) == len(segments) else None
