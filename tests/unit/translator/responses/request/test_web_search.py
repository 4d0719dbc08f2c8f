"""What is no setting of a search is the caller's mistake, where the search is offered at all."""

from __future__ import annotations

from typing import Any

import pytest
from translator.anthropic.errors import ApiError
from translator.anthropic.request import parse_messages_request
from translator.dialect import Caller
from translator.responses.request.request import encode_request
from translator.traits import Traits

SEARCH = {"type": "web_search_20250305", "name": "web_search"}


def encode(**settings: Any) -> dict[str, Any]:
    request = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    parsed = parse_messages_request({**request, "tools": [{**SEARCH, **settings}]})
    return encode_request(parsed, model="m", traits=Traits(web_search="upstream"), caller=Caller()).body


@pytest.mark.failure_mode(29)
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"max_uses": 0}, "max_uses: Input should be greater than or equal to 1"),
        ({"max_uses": "3"}, "max_uses: Input should be a valid integer"),
        ({"allowed_domains": "a.test"}, "allowed_domains: Input should be a valid list"),
        ({"allowed_domains": [5]}, "allowed_domains.0: Input should be a valid string"),
        ({"blocked_domains": {}}, "blocked_domains: Input should be a valid list"),
        ({"user_location": "CH"}, "user_location: Input should be a valid dictionary or object to extract fields from"),
        ({"user_location": {"country": ["CH"]}}, "user_location.country: Input should be a valid string"),
    ],
)
def test_a_mistake_says_where_it_is(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ApiError) as raised:
        encode(**settings)
    assert (raised.value.error_type, raised.value.message) == (
        "invalid_request_error",
        f"tools.web_search_20250305.{told}",
    )


def test_what_only_anthropics_search_knows_is_passed_over() -> None:
    settings = {"allowed_callers": ["direct"], "response_inclusion": "full", "cache_control": {"type": "ephemeral"}}
    assert encode(**settings) == encode()
