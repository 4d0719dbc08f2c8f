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
