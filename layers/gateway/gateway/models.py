"""GET /v1/models and /v1/models/{id}: the models of the configured providers, in Anthropic's shape.

Ids are `provider/model`, newest first; what the key may not use is not shown.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from translator.anthropic.errors import ApiError, invalid_request
from translator.anthropic.events import encode_json

from gateway.admission import Admission
from gateway.catalogue import ModelFacts
from gateway.directory import ModelDirectory
from gateway.http import HttpRequest, answer_json
from gateway.key_records import KeyRecord

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000
_LIMIT = re.compile(r"[0-9]{1,4}")
_EPOCH = "1970-01-01"
"""Where the catalogue knows no date, as the real API does."""


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
        answer = self._one(model_id, key) if model_id else self._page(http.query, key)
        return answer_json(200, encode_json(answer), {"request-id": http.request_id})

    def _one(self, model_id: str, key: KeyRecord) -> dict[str, Any]:
        candidate = self._directory.route(model_id, key)[0]
        if candidate.facts is None:
            return _unknown_model_info(model_id)
        return {**_model_info(candidate.facts), "id": model_id}

    def _page(self, query: Mapping[str, str], key: KeyRecord) -> dict[str, Any]:
        limit = _limit(query.get("limit"))
        models = [_model_info(facts) for facts in self._visible(key)]
        ids = [model["id"] for model in models]
        after, before = query.get("after_id"), query.get("before_id")
        first = _position(ids, after, "after_id") + 1 if after else 0
        last = _position(ids, before, "before_id") if before else len(ids)
        page = models[first:last][:limit] if not before else models[first:last][-limit:]
        return {
            "data": page,
            "has_more": len(page) < last - first,
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
        }

    def _visible(self, key: KeyRecord) -> Iterable[ModelFacts]:
        served = self._directory.catalogue.search(providers=self._directory.configured())
        visible = (facts for facts in served if key.may_use(_id(facts), facts.id))
        by_id = sorted(visible, key=_id)
        return sorted(by_id, key=lambda facts: facts.released, reverse=True)


def _id(facts: ModelFacts) -> str:
    return f"{facts.provider}/{facts.id}"


def _model_info(facts: ModelFacts) -> dict[str, Any]:
    return {
        "type": "model",
        "id": _id(facts),
        "display_name": facts.name or facts.id,
        "created_at": f"{facts.released or _EPOCH}T00:00:00Z",
        "max_input_tokens": facts.max_input_tokens or facts.context_window,
        "max_tokens": facts.max_output_tokens,
        "capabilities": None,
        "lifecycle": "deprecated" if facts.status == "deprecated" else "active",
    }


def _unknown_model_info(model_id: str) -> dict[str, Any]:
    """A model that goes through although the catalogue has never heard of it."""
    return {
        "type": "model",
        "id": model_id,
        "display_name": model_id,
        "created_at": f"{_EPOCH}T00:00:00Z",
        "max_input_tokens": None,
        "max_tokens": None,
        "capabilities": None,
        "lifecycle": "active",
    }


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    limit = int(text) if _LIMIT.fullmatch(text) else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid_request(f"limit: Input should be an integer from 1 to {MAX_LIMIT}")
    return limit


def _position(ids: list[str], model_id: str, name: str) -> int:
    if model_id not in ids:
        raise ApiError("not_found_error", f"{name}: {model_id[:100]} is not in the list")
    return ids.index(model_id)
