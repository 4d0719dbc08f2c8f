"""Finds model servers on this machine, on their usual ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from gateway.routing.addresses import below
from gateway.routing.directory import configuration_of
from gateway.routing.providers import Provider, all_providers, configured_providers
from gateway.settings import read_settings

from edgeway.model_lists import Entry, converses, read_list

SERVERS: Final = ("ollama", "lmstudio", "vllm", "sglang", "llamacpp")
"""The providers that are looked for, where gateway.routing.provider_table has them, in order of preference."""
DEFAULT_MODEL: Final = "EDGEWAY_DEFAULT_MODEL"

_SECONDS = 0.5
_MAX_BYTES = 1_000_000

Probe = Callable[[str], bytes | None]
"""Asks for a URL, and returns the body of a 200, soon."""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A model server that answers, and the models that it lists, at least one."""

    provider: Provider
    models: tuple[Entry, ...]

    @property
    def conversing(self) -> tuple[str, ...]:
        """The models that may answer messages, as `provider/model`."""
        return tuple(f"{self.provider.id}/{model.id}" for model in self.models if converses(model.id))


def ask(url: str) -> bytes | None:
    """What this machine answers within half a second; None for anything but a 200."""
    parts = urlsplit(url)
    until = monotonic() + _SECONDS
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        if response.status != HTTPStatus.OK:
            return None
        body = b""
        while len(body) < _MAX_BYTES and monotonic() < until:
            received = response.read1()
            if not received:
                return body
            body += received
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    return None


def find_servers(environ: Mapping[str, str], probe: Probe = ask) -> tuple[FoundServer, ...]:
    """The servers that answer on their usual ports, all asked at once.

    Not asked are those whose address the operator has written, in `environ` (an empty one says: do not look) or in
    edgeway.toml. Raises `DocumentError` for a mistake in that file.
    """
    written = configuration_of(read_settings(environ)).providers
    wanted = [
        all_providers()[name]
        for name in SERVERS
        if not written[name].is_there and environ.keys().isdisjoint(written[name].base_url_variables)
    ]
    with ThreadPoolExecutor(max_workers=len(SERVERS)) as threads:
        answers = threads.map(lambda provider: probe(below(provider.base_url, "/models")), wanted)
        found = [(provider, listed_models(answer)) for provider, answer in zip(wanted, answers, strict=True)]
    return tuple(FoundServer(provider, models) for provider, models in found if models)


def found_environment(found: Sequence[FoundServer], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that let the functions use what was found; none that `environ` has.

    Where nothing else is configured and no default model is chosen, a found one answers for the claude ids.
    """
    variables = {server.provider.base_url_variables[0]: server.provider.base_url for server in found}
    configuration = configuration_of(read_settings(environ))
    is_decided = configuration.default_model or configured_providers(environ, configuration.providers)
    conversing = [model for server in found for model in server.conversing]
    if conversing and not is_decided:
        variables[DEFAULT_MODEL] = conversing[0]
    return {name: value for name, value in variables.items() if name not in environ}


def listed_models(answer: bytes | None) -> tuple[Entry, ...]:
    """The models in an answer to GET /v1/models; none where it is not OpenAI's list, as anything may listen there."""
    return read_list(answer, only_openais=True) or ()
