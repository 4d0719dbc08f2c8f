"""Requests in which something is not what it should be, at every place: an answer or a 400, and nothing is quoted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.unit.gateway.fakes import Harness, fine
from tests.vectors.official import handling
from tests.vectors.requests import Json, ask, user

SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"], "additionalProperties": False}
TOOL = {
    "name": "look",
    "description": "Looks.",
    "input_schema": SCHEMA,
    "strict": True,
    "input_examples": [{"at": "x"}],
}
SPOILT: list[Any] = [
    None, 5, -1, True, "", [], {}, "planted", [None], {"type": None}, {"type": "x"}, "\ud83d", 1e308, [[]], 10**30,
]  # fmt: skip

REQUESTS: dict[str, list[Json]] = {
    "fields": [ask(**{name: row.value}) for name, row in handling.FIELDS.items() if name != "messages"],
    "blocks": [
        ask(user("Hi"), {"role": row.role, "content": [{"type": name, **row.fields}]})
        for name, row in handling.BLOCKS.items()
    ],
    "types of tools": [
        ask(tools=[TOOL, {"type": name, "name": "other", "input_schema": SCHEMA}], tool_choice={"type": "any"})
        for name in ("custom", "bash_20250124", "web_fetch_20260318")
    ],
    "schemas": [ask(tools=[TOOL], output_config={"format": {"type": "json_schema", "schema": SCHEMA}})],
}


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a request."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield (*place, name)
        yield from places(item, (*place, name))


def spoilt(request: Json, place: tuple[Any, ...], thing: Any) -> Json:
    """The request with this in the place of what was there."""
    copy = deepcopy(request)
    holder: Any = copy
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = thing
    return copy


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize("kind", REQUESTS)
def test_whatever_is_spoilt_is_answered_or_a_mistake_of_the_callers(kind: str) -> None:
    statuses = set()
    for request in REQUESTS[kind]:
        for place in places(request):
            for thing in SPOILT:
                harness = Harness([fine()], providers=["one"])
                answer = harness.ask(raw_body=json.dumps(spoilt(request, place, thing)))
                assert answer.status in (200, 400), (request, place, thing)
                statuses.add(answer.status)
                is_tag = place[-1] in ("type", "role")
                assert is_tag or answer.status == 200 or "planted" not in answer.body.decode()
                assert is_tag or place == ("model",) or "planted" not in str(harness.lines)
    assert statuses == {200, 400}
