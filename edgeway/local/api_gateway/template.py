"""Reads template.yaml for the local server: functions, routes, and where their code is imported from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

FUNCTION_TYPE: Final = "AWS::Serverless::Function"
PLAN_TYPE: Final = "AWS::ApiGateway::UsagePlan"
LAYER_TYPE: Final = "AWS::Serverless::LayerVersion"
LAMBDA_TIMEOUT_SECONDS: Final = 3
"""What Lambda takes where a template names no Timeout."""
LAMBDA_MEMORY_MEGABYTES: Final = 128


class TemplateError(ValueError):
    """The template cannot be used; the message says which resource and why."""


@dataclass(frozen=True, slots=True)
class Route:
    """One Api event of a function."""

    method: str
    """Upper case; ANY stands for every method."""
    path: str
    streams: bool
    """ResponseTransferMode: RESPONSE_STREAM."""


@dataclass(frozen=True, slots=True)
class Function:
    """One AWS::Serverless::Function that API Gateway calls."""

    name: str
    """The logical id."""
    code: Path
    handler: str
    timeout_seconds: float
    memory_megabytes: int
    environment: Mapping[str, str]
    """Literal values only: what an intrinsic function would give is known to CloudFormation alone."""
    layers: tuple[Path, ...]
    routes: tuple[Route, ...]

    @property
    def streams(self) -> bool:
        """Whether one of its routes does."""
        return any(route.streams for route in self.routes)


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A short-form intrinsic function such as `!Ref Name`."""

    name: str
    argument: Any


class _Loader(yaml.SafeLoader):
    """Safe YAML in which every `!Tag` is an Intrinsic."""


def _construct_intrinsic(loader: _Loader, tag: str, node: yaml.Node) -> Intrinsic:
    match node:
        case yaml.ScalarNode():
            return Intrinsic(tag, loader.construct_scalar(node))
        case yaml.SequenceNode():
            return Intrinsic(tag, loader.construct_sequence(node, deep=True))
        case yaml.MappingNode():
            return Intrinsic(tag, loader.construct_mapping(node, deep=True))
        case _:
            raise TemplateError(f"!{tag} holds a YAML node of an unknown kind")


_Loader.add_multi_constructor("!", _construct_intrinsic)


def read_template(path: Path) -> tuple[Function, ...]:
    """Return the functions of the template at `path` that have Api events, in the template's order.

    Raises TemplateError where the file is no template, or where a function lacks what running it needs.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 a SafeLoader
    except (OSError, yaml.YAMLError) as error:
        raise TemplateError(f"{path} cannot be read: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path} has no Resources")
    root = path.resolve().parent
    defaults = (document.get("Globals") or {}).get("Function") or {}
    parameters = _parameter_defaults(document.get("Parameters") or {})
    layers = {name: root / properties["ContentUri"] for name, properties in _resources(document, LAYER_TYPE)}
    plans = _plans(document, parameters)
    functions = (
        _Properties(name, defaults, properties, parameters).function(layers, root, plans)
        for name, properties in _resources(document, FUNCTION_TYPE)
    )
    return tuple(function for function in functions if function.routes)


def _resources(document: Mapping[str, Any], of: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, resource in document["Resources"].items():
        if resource.get("Type") == of:
            yield name, resource["Properties"]


def _parameter_defaults(parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: parameter["Default"] for name, parameter in parameters.items() if "Default" in parameter}


@dataclass(frozen=True, slots=True)
class _Properties:
    """What the template says of one function: its own properties over those of Globals."""

    name: str
    defaults: Mapping[str, Any]
    own: Mapping[str, Any]
    parameters: Mapping[str, Any]
    """The defaults of the template's parameters."""

    def function(self, layers: Mapping[str, Path], root: Path, plans: Mapping[str, str]) -> Function:
        return Function(
            name=self.name,
            code=root / str(self._value("CodeUri")),
            handler=str(self._value("Handler")),
            timeout_seconds=float(self._value("Timeout", LAMBDA_TIMEOUT_SECONDS)),
            memory_megabytes=int(self._value("MemorySize", LAMBDA_MEMORY_MEGABYTES)),
            environment={**plans, **_literals(self.defaults), **_literals(self.own)},
            layers=(*_layers(self.defaults, layers), *_layers(self.own, layers)),
            routes=tuple(_routes(self.own)),
        )

    def _value(self, key: str, default: float | None = None) -> str | int | float:
        return _known(self.name, key, self.own.get(key, self.defaults.get(key, default)), self.parameters)


def _known(resource: str, key: str, value: object, parameters: Mapping[str, Any]) -> str | int | float:
    match value:
        case Intrinsic("Ref", str(parameter)) | {"Ref": str(parameter)} if parameter in parameters:
            value = parameters[parameter]
    if not isinstance(value, str | int | float):
        raise TemplateError(f"{resource} needs a {key} that is a literal or a parameter with a default")
    return value


def _plans(document: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, str]:
    """The variable that tells the functions what API Gateway would hold keys to: `FreePlan` is the plan `free`."""
    written = []
    for name, properties in _resources(document, PLAN_TYPE):
        if "Throttle" in properties and "Quota" in properties:
            throttle, quota = properties["Throttle"], properties["Quota"]
            limits = ((throttle, "RateLimit"), (throttle, "BurstLimit"), (quota, "Limit"))
            told = (str(_known(name, key, of.get(key), parameters)) for of, key in limits)
            written.append(f"{name.removesuffix('Plan').lower()}={'/'.join(told)}")
    return {"EDGEWAY_PLANS": " ".join(written)} if written else {}


def _literals(properties: Mapping[str, Any]) -> dict[str, str]:
    variables = (properties.get("Environment") or {}).get("Variables") or {}
    return {name: _text(value) for name, value in variables.items() if isinstance(value, str | int | float)}


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _layers(properties: Mapping[str, Any], layers: Mapping[str, Path]) -> Iterator[Path]:
    """Yield the folders of the layers that the template itself defines; one named by ARN lives on AWS only."""
    for reference in properties.get("Layers") or []:
        match reference:
            case Intrinsic("Ref", str(name)) | {"Ref": str(name)} if name in layers:
                yield layers[name]


def _routes(properties: Mapping[str, Any]) -> Iterator[Route]:
    for event in (properties.get("Events") or {}).values():
        if event["Type"] == "Api":
            api = event["Properties"]
            streams = api.get("ResponseTransferMode") == "RESPONSE_STREAM"
            yield Route(method=api["Method"].upper(), path=api["Path"], streams=streams)
