"""GET /v1/models and /v1/models/{id}: the models of the configured providers, in Anthropic's shape.

Ids are `provider/model`, newest first; what the key may not use is not shown. Claude Code's picker takes only ids that
begin with `anthropic` or `claude`, so the others are listed as `anthropic/provider/model` too. Not as `claude-…`:
CLAUDE_CODE_MAX_CONTEXT_TOKENS, which such users need, does nothing for those.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from translator.anthropic.errors import ApiError, invalid_request
from translator.anthropic.events import encode_json

from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.routes.model_info import beta_model_info, lifecycle, model_info, unknown_model_info
from gateway.routing.catalogue import ModelFacts
from gateway.routing.directory import ModelDirectory
from gateway.routing.model_traits import model_traits
from gateway.web.proxy_event import HttpRequest, answer_json

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000

PICKED = ("anthropic", "claude")
"""What the ids begin with that Claude Code's picker takes."""

LISTED_FOR_THE_PICKER = "anthropic/"
"""Before the ids of the others."""

_INTEGER = re.compile(r"-?[0-9]{1,9}")

LIFECYCLES = ("active", "deprecated", "retired")


class Listed(NamedTuple):
    """One entry of the list, before its page is known."""

    id: str
    facts: ModelFacts


class ModelsFunction:
    """Answers both routes."""

    def __init__(self, *, admission: Admission, directory: ModelDirectory) -> None:
        self._admission = admission
        self._directory = directory

    def handle(self, http: HttpRequest) -> Mapping[str, Any]:
        """The proxy answer. Raises `ApiError`."""
        key = self._admission.admit(http)
        # API Gateway leaves a path parameter percent-encoded, and SDKs encode the slash of `openai/gpt-5`.
        model_id = unquote(http.path_parameters.get("model_id", ""))
        answer = self._one(http, model_id, key) if model_id else self._page(http, key)
        return answer_json(200, encode_json(answer), {"request-id": http.request_id})

    def _one(self, http: HttpRequest, model_id: str, key: KeyRecord) -> dict[str, Any]:
        candidate = self._directory.route(model_id, key)[0]
        if candidate.facts is None:
            told = unknown_model_info(model_id)
        else:
            told = model_info(model_id, candidate.facts, candidate.traits)
        return beta_model_info(told) if http.is_beta else told

    def _page(self, http: HttpRequest, key: KeyRecord) -> dict[str, Any]:
        limit = _limit(http.query.get("limit"))
        models = self._listed(key, _lifecycles(http))
        ids = [model.id for model in models]
        after, before = http.query.get("after_id"), http.query.get("before_id")
        first = _position(ids, after, "after_id") + 1 if after else 0
        last = _position(ids, before, "before_id") if before else len(ids)
        page = models[first:last][:limit] if not before else models[first:last][-limit:]
        return {
            "data": [beta_model_info(told) if http.is_beta else told for told in self._infos(page)],
            "has_more": len(page) < last - first,
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }

    def _listed(self, key: KeyRecord, lifecycles: Sequence[str]) -> list[Listed]:
        served = self._directory.catalogue.search(providers=self._directory.configured())
        visible = [facts for facts in served if key.may_use(_id(facts), facts.id) and lifecycle(facts) in lifecycles]
        visible.sort(key=_id)
        visible.sort(key=lambda facts: facts.released, reverse=True)
        return [Listed(model_id, facts) for facts in visible for model_id in _ids(facts)]

    def _infos(self, page: Sequence[Listed]) -> Iterable[dict[str, Any]]:
        told: dict[str, dict[str, Any]] = {}
        for model_id, facts in page:
            own = _id(facts)
            if own not in told:
                provider = self._directory.configured()[facts.provider].provider
                told[own] = model_info(own, facts, model_traits(provider, facts.id, facts))
            yield {**told[own], "id": model_id}


def _id(facts: ModelFacts) -> str:
    return f"{facts.provider}/{facts.id}"


def _ids(facts: ModelFacts) -> Iterable[str]:
    own = _id(facts)
    return (own,) if own.startswith(PICKED) else (own, f"{LISTED_FOR_THE_PICKER}{own}")


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
