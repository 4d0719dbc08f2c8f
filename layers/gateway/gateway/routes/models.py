"""GET /v1/models and /v1/models/{id}: the models of the configured providers, in Anthropic's shape.

The operator's own names come first, then `provider/model` in the order of `model_order`; what the key may not use
is not shown. Claude Code's picker takes only ids that begin with `anthropic` or `claude`, so the others are listed as
`anthropic/provider/model` too. Not as `claude-…`: CLAUDE_CODE_MAX_CONTEXT_TOKENS, which such users need, does nothing
for those.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import unquote

from translator.anthropic.errors import ApiError, invalid_request
from translator.anthropic.events import encode_json

from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.routes.model_info import beta_model_info, lifecycle, model_info, unknown_model_info
from gateway.routes.model_order import askable_models
from gateway.routing.directory import ModelDirectory, UnreachableModelError
from gateway.routing.model_facts import ModelFacts
from gateway.routing.model_traits import model_traits
from gateway.routing.providers import Provider
from gateway.routing.resolve import LISTED_FOR_THE_PICKER, PICKED
from gateway.web.proxy_event import HttpRequest, answer_json

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000

_INTEGER = re.compile(r"-?[0-9]{1,9}")

LIFECYCLES = ("active", "deprecated", "retired")


class Listed(NamedTuple):
    """One entry of the list, before its page is known."""

    id: str
    provider: Provider
    facts: ModelFacts | None
    """None: an alias may stand for a model of which nothing is known."""


class ModelsFunction:
    """Answers both routes."""

    def __init__(self, *, admission: Admission, directory: ModelDirectory) -> None:
        self._admission = admission
        self._directory = directory

    async def handle(self, http: HttpRequest) -> Mapping[str, Any]:
        """The proxy answer. Raises `ApiError`."""
        key = await self._admission.admit(http)
        # API Gateway leaves a path parameter percent-encoded, and SDKs encode the slash of `openai/gpt-5`.
        model_id = unquote(http.path_parameters.get("model_id", ""))
        answer = await (self._one(http, model_id, key) if model_id else self._page(http, key))
        return answer_json(200, encode_json(answer), {"request-id": http.request_id})

    async def _one(self, http: HttpRequest, model_id: str, key: KeyRecord) -> dict[str, Any]:
        try:
            candidate = (await self._directory.route(model_id, key))[0]
        except UnreachableModelError as error:
            raise ApiError("not_found_error", error.message) from error
        return self._told(Listed(model_id, candidate.provider.provider, candidate.facts), http)

    async def _page(self, http: HttpRequest, key: KeyRecord) -> dict[str, Any]:
        limit = _limit(http.query.get("limit"))
        models = await self._listed(key, _lifecycles(http))
        ids = [model.id for model in models]
        after, before = http.query.get("after_id"), http.query.get("before_id")
        first = _position(ids, after, "after_id") + 1 if after else 0
        last = _position(ids, before, "before_id") if before else len(ids)
        page = models[first:last][:limit] if not before else models[first:last][-limit:]
        return {
            "data": [self._told(model, http) for model in page],
            "has_more": len(page) < last - first,
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }

    async def _listed(self, key: KeyRecord, lifecycles: Sequence[str]) -> list[Listed]:
        found: dict[str, Listed] = {}
        for model in [*await self._aliases(key), *await self._served(key)]:
            if (lifecycle(model.facts) if model.facts else "active") in lifecycles:
                for model_id in _ids(model.id):
                    found.setdefault(model_id, model._replace(id=model_id))
        return list(found.values())

    async def _aliases(self, key: KeyRecord) -> list[Listed]:
        listed = []
        for alias in self._directory.aliases:
            with suppress(ApiError):  # it leads nowhere now, or not for this key
                candidate = (await self._directory.route(alias, key))[0]
                listed.append(Listed(alias, candidate.provider.provider, candidate.facts))
        return listed

    async def _served(self, key: KeyRecord) -> list[Listed]:
        configured = await self._directory.configured()
        return [
            Listed(f"{facts.provider}/{facts.id}", configured[facts.provider].provider, facts)
            for facts in askable_models(self._directory.catalogue, configured)
            if key.may_use(f"{facts.provider}/{facts.id}", facts.id)
        ]

    def _told(self, model: Listed, http: HttpRequest) -> dict[str, Any]:
        known_since = self._directory.catalogue.header.date
        if model.facts is None:
            told = unknown_model_info(model.id, known_since=known_since)
        else:
            traits = model_traits(model.provider, model.facts.id, model.facts)
            told = model_info(model.id, model.facts, traits, known_since=known_since)
        return beta_model_info(told) if http.is_beta else told


def _ids(model_id: str) -> Iterable[str]:
    return (model_id,) if model_id.startswith(PICKED) else (model_id, f"{LISTED_FOR_THE_PICKER}{model_id}")


def _lifecycles(http: HttpRequest) -> Sequence[str]:
    """The stages that are asked for; what has been retired is only shown to who asks for it."""
    asked = http.query_lists.get("lifecycle[]") or http.query_lists.get("lifecycle") or LIFECYCLES[:2]
    if len(asked) > len(LIFECYCLES):
        raise invalid_request(f"lifecycle: List should have at most 3 items after validation, not {len(asked)}")
    for position, stage in enumerate(asked):
        if stage not in LIFECYCLES:
            raise invalid_request(f"lifecycle.{position}: Input should be 'active', 'deprecated' or 'retired'")
    return asked


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not _INTEGER.fullmatch(text):
        raise invalid_request("limit: Input should be a valid integer, unable to parse string as an integer")
    limit = int(text)
    if limit < 1:
        raise invalid_request("limit: Input should be greater than or equal to 1")
    if limit > MAX_LIMIT:
        raise invalid_request(f"limit: Input should be less than or equal to {MAX_LIMIT}")
    return limit


def _position(ids: list[str], model_id: str, name: str) -> int:
    if model_id not in ids:
        raise ApiError("not_found_error", f"{name}: {model_id[:100]} is not in the list")
    return ids.index(model_id)
