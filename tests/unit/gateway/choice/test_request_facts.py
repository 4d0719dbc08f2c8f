"""What a request is to routes, whatever a caller may have sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway.choice.request_facts import RequestFacts, is_repeatable, request_facts

IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "x" * 40_000}}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "x" * 400}}
TEXT = {"type": "document", "source": {"type": "text", "media_type": "text/plain"}}


def facts(*, is_sub_agent: bool = False, model: str = "claude-sonnet-5", **members: Any) -> RequestFacts:
    length = len(json.dumps(members))
    return request_facts(members, model=model, length=length, is_sub_agent=is_sub_agent, session="s")


def user(*blocks: object) -> list[dict[str, object]]:
    return [{"role": "user", "content": list(blocks)}]


@pytest.mark.parametrize(
    ("members", "roles", "needs"),
    [
        ({}, {"main"}, set()),
        ({"messages": [{"role": "user", "content": "Hello"}]}, {"main"}, set()),
        ({"messages": user(IMAGE)}, {"main", "images"}, {"images"}),
        ({"messages": user({"type": "tool_result", "content": [IMAGE]})}, {"main", "images"}, {"images"}),
        ({"messages": user(PDF)}, {"main"}, {"pdf"}),
        ({"messages": user(TEXT)}, {"main"}, set()),
        ({"messages": user({"type": "image"}, {"type": "image", "source": "x"}, 5, None)}, {"main"}, set()),
        ({"messages": 5, "tools": {}, "thinking": [], "max_tokens": "x"}, {"main"}, set()),
        ({"messages": [5, {"content": {"type": "image"}}]}, {"main"}, set()),
        ({"tools": [{"name": "read"}, 5]}, {"main"}, {"tools"}),
        ({"tools": [{"type": "web_search_20250305"}]}, {"main", "web_search"}, {"tools"}),
        ({"tools": []}, {"main"}, set()),
        ({"thinking": {"type": "enabled"}}, {"main", "thinking"}, {"reasoning"}),
        ({"thinking": {"type": "adaptive"}}, {"main", "thinking"}, {"reasoning"}),
        ({"thinking": {"type": "disabled"}}, {"main"}, set()),
    ],
)
def test_roles_and_needs(members: dict[str, Any], roles: set[str], needs: set[str]) -> None:
    found = facts(**members)
    assert (set(found.roles), set(found.needs)) == (roles, needs)


@pytest.mark.parametrize(
    ("model", "is_sub_agent", "roles"),
    [
        ("claude-haiku-4-5-20251001", False, {"background"}),
        ("claude-haiku-4-5", True, {"background", "sub_agent"}),
        ("claude-opus-4-8", True, {"sub_agent"}),
        ("gpt-5", False, {"main"}),
    ],
)
def test_who_asks(model: str, is_sub_agent: bool, roles: set[str]) -> None:
    assert set(facts(model=model, is_sub_agent=is_sub_agent).roles) == roles


def test_the_length_is_about_that_of_the_text_and_media_count_as_such() -> None:
    assert facts(messages=[{"role": "user", "content": "word " * 4_000}]).tokens == pytest.approx(5_000, rel=0.02)
    assert facts(messages=user(IMAGE)).tokens == pytest.approx(1_500, rel=0.05)


@pytest.mark.parametrize(("sent", "told"), [(5, 5), (0, 0), (-1, 0), (True, 0), ("9", 0)])
def test_the_longest_answer(sent: object, told: int) -> None:
    assert facts(max_tokens=sent).max_tokens == told


@pytest.mark.parametrize(
    ("members", "may_be"),
    [
        ({}, True),
        ({"tools": [{"name": "read", "input_schema": {}}, {"type": "custom", "name": "a"}]}, True),
        ({"tools": [{"type": "bash_20250124", "name": "bash"}, {"type": "memory_20250818"}]}, True),
        ({"tools": [{"type": "web_search_20250305"}]}, False),
        ({"tools": [{"type": "code_execution_20250825"}, {"name": "read"}]}, False),
        ({"tools": [{"type": "mcp_toolset"}]}, False),
        ({"mcp_servers": [{"url": "https://a.example.com"}]}, False),
        ({"mcp_servers": []}, True),
        ({"container": "container_1"}, False),
        ({"tools": "no list"}, True),
    ],
)
def test_what_two_upstreams_may_work_on_at_once(members: dict[str, Any], may_be: bool) -> None:
    assert is_repeatable(members) is may_be
