"""The gateway makes no more calls for a chunk and for a request than it did: what creeps in is noticed here.

A ceiling is a tenth above what was counted when it was set. Lower it with what you save; what needs more says why.
"""

from __future__ import annotations

import pytest

from tests.bench.calls import calls_a_chunk, calls_a_request


@pytest.mark.parametrize(
    ("stream", "together", "text", "ceiling"),
    [
        (True, 1, "word ", 34),
        (True, 10, "word ", 22),
        (True, 10, "w\u00f6rd ", 25),
        (False, 1, "word ", 31),
        (False, 10, "word ", 20),
    ],
)
def test_a_chunk_of_text_costs_few_calls(stream: bool, together: int, text: str, ceiling: float) -> None:
    assert calls_a_chunk(stream=stream, together=together, text=text) <= ceiling


@pytest.mark.parametrize(("stream", "ceiling"), [(True, 2600), (False, 2350)])
def test_a_request_costs_few_calls(stream: bool, ceiling: int) -> None:
    assert calls_a_request(stream=stream) <= ceiling
