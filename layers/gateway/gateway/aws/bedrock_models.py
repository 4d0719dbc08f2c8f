"""Lists the models that an account may use in Amazon Bedrock, and remembers them for an hour."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from streaming.connection import KeptConnections

from gateway.aws.endpoint import AwsEndpoint, address_of
from gateway.aws.types import AwsError

MAX_AGE = 3600.0
MAX_AGE_OF_NOTHING = 300.0
"""Seconds after which it is asked again: models come seldom, and a permission may come any moment."""
SECONDS = 2.0
"""For both lists together: a request waits for them."""
_MOST_PAGES = 10

_MODELS = "/foundation-models"
_PROFILES = "/inference-profiles"


class Authorized(Protocol):
    """Makes the headers that the service demands."""

    async def request_headers(self, url: str, body: bytes = b"", *, method: str = "POST") -> Mapping[str, str]:
        """Return the headers. Raises `AwsError` where there are no credentials."""


class _Known(NamedTuple):
    ids: tuple[str, ...] | None
    until: float


class AccountModels:
    """The models of an account, by Region. `clock` gives seconds."""

    def __init__(self, environ: Mapping[str, str], *, clock: Callable[[], float]) -> None:
        self._environ = environ
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def ids(self, region: str, authorized: Authorized) -> tuple[str, ...] | None:
        """Return the ids of the models and inference profiles; None where no listing has succeeded. Never raises."""
        known = self._known.get(region)
        if known is None or self._clock() >= known.until:
            ids = await self._ask(region, authorized)
            age = MAX_AGE_OF_NOTHING if ids is None else MAX_AGE
            known = _Known(known.ids if ids is None and known else ids, self._clock() + age)
            self._known[region] = known
        return known.ids

    async def _ask(self, region: str, authorized: Authorized) -> tuple[str, ...] | None:
        try:
            address = address_of("bedrock", region, self._environ)
            async with asyncio.timeout(SECONDS):
                models, profiles = await asyncio.gather(
                    _listed(address, _MODELS, "modelSummaries", authorized),
                    _listed(address, _PROFILES, "inferenceProfileSummaries", authorized),
                )
            return (*_model_ids(models), *_profile_ids(profiles))
        except (OSError, AwsError, ValueError, KeyError, TypeError, AttributeError):
            return None  # nobody there, no permission, or no list: the catalogue's ids are tried


async def _listed(address: str, path: str, name: str, authorized: Authorized) -> list[Mapping[str, Any]]:
    """Return all pages of a list. Raises OSError, ValueError or AwsError."""
    connections = KeptConnections(AwsEndpoint(address))
    found: list[Mapping[str, Any]] = []
    query = "" if path == _MODELS else "?maxResults=1000"
    try:
        for _ in range(_MOST_PAGES):
            headers = await authorized.request_headers(f"{address}{path}{query}", method="GET")
            response = await connections.request("GET", f"{path}{query}", headers)
            if response.status != 200:
                raise ValueError(f"status {response.status}")
            page = json.loads(response.body)
            found += page[name]
            if not page.get("nextToken"):
                break
            query = f"?maxResults=1000&nextToken={quote(page['nextToken'], safe='')}"
    finally:
        connections.close()
    return found


def _model_ids(models: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Return the ids of models that turn text into text, in the Region itself, without purchased capacity."""
    for model in models:
        speaks = "TEXT" in model["inputModalities"] and "TEXT" in model["outputModalities"]
        if speaks and "ON_DEMAND" in model["inferenceTypesSupported"]:
            yield str(model["modelId"])


def _profile_ids(profiles: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    return (str(profile["inferenceProfileId"]) for profile in profiles if profile["status"] == "ACTIVE")
