"""What the operator's own servers say that they serve: a file that whoever asks them keeps, read as it changes.

`edgeway local` and `edgeway serve` ask them (edgeway/served_models.py). On AWS there is no such file: nobody is asked.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gateway.catalogue import Catalogue, ModelFacts, unknown_model
from gateway.providers import ConfiguredProvider


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One model of a server's list."""

    id: str
    context_window: int | None
    """None: the server does not say."""
    since: str
    """ISO date: since when there is the model, as far as the server says, or when it was first seen."""


@dataclass(frozen=True, slots=True)
class Serving:
    """The list of the server at an address."""

    base_url: str
    models: tuple[ServedModel, ...]


Servings = Mapping[str, Serving]
"""By the provider's id."""


def write_servings(path: Path, servings: Servings) -> None:
    """Put them into the file, so that no reader sees half of them."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps({name: asdict(serving) for name, serving in servings.items()}), encoding="ascii")
    unfinished.replace(path)


class ServingsFile:
    """Reads it. None: there is none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._version: tuple[int, int] | None = None
        self._servings: Servings = {}

    def read(self) -> Servings:
        """What it says now; the same object for as long as the file is the same."""
        if self._path is None:
            return self._servings
        with suppress(OSError):  # nobody has answered yet, or the server is going down
            found = self._path.stat()
            version = (found.st_ino, found.st_mtime_ns)
            if version != self._version:
                self._servings = _servings(self._path)
                self._version = version
        return self._servings


def _servings(path: Path) -> Servings:
    return {
        name: Serving(serving["base_url"], tuple(ServedModel(**model) for model in serving["models"]))
        for name, serving in json.loads(path.read_bytes()).items()
    }


def with_servings(catalogue: Catalogue, configured: Mapping[str, ConfiguredProvider], servings: Servings) -> Catalogue:
    """The catalogue with what is served at the addresses that are configured now, under what edgeway.toml says."""
    models = [
        _facts(catalogue, name, model)
        for name, serving in servings.items()
        if name in configured and configured[name].base_url == serving.base_url
        for model in serving.models
    ]
    return catalogue.with_models((*catalogue.own, *models)) if models else catalogue


def _facts(catalogue: Catalogue, provider: str, model: ServedModel) -> ModelFacts:
    known = catalogue.model(provider, model.id)
    if known is None:
        return replace(unknown_model(provider, model.id), context_window=model.context_window, released=model.since)
    if model.context_window is None or (catalogue.is_own(known) and known.context_window is not None):
        return known
    return replace(known, context_window=model.context_window, max_input_tokens=None)
