"""The header that names what was lost: fit for HTTP whatever callers call their tools, and honest where it is cut."""

from __future__ import annotations

import pytest
from gateway.web.headers import routing_headers

NAMES = [f"tools.kind_{number:03}" for number in range(100)]


@pytest.mark.parametrize(
    ("dropped", "told"),
    [
        ((), None),
        (("speed",), "speed"),
        (("speed", "top_k"), "speed,top_k"),
        (("tools.x\r\nset-cookie: a=b", "tools.wétter"), "tools.x??set-cookie:?a=b,tools.w?tter"),
        (("x" * 512,), "x" * 512),
        (("x" * 513,), "..."),
        (("speed", "x" * 600), "speed,..."),
        (NAMES, ",".join(NAMES[:33]) + ",..."),
    ],
)
def test_what_was_lost(dropped: tuple[str, ...], told: str | None) -> None:
    headers = routing_headers(model=None, attempts=1, dropped=dropped)
    assert headers == {
        "x-edgeway-cache": "off", "x-edgeway-attempts": "1", **({} if told is None else {"x-edgeway-dropped": told})
    }  # fmt: skip
    assert all(len(value) <= 512 for value in headers.values())


def test_who_was_asked_follows_the_number_of_attempts_where_nobody_answered() -> None:
    failed = ["openai/gpt-5=rate_limited", "acme/my model=timeout"]
    headers = routing_headers(model="acme/my model", attempts=2, dropped=(), failed=failed)
    assert headers["x-edgeway-attempts"] == "2,openai/gpt-5=rate_limited,acme/my?model=timeout"


def test_a_long_list_of_attempts_ends_in_a_whole_name() -> None:
    failed = [f"provider/{'m' * 90}=upstream_error" for _ in range(9)]
    headers = routing_headers(model=None, attempts=9, dropped=(), failed=failed)
    assert headers["x-edgeway-attempts"] == ",".join(["9", *failed[:4], "..."])
