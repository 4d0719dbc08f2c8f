"""The gateway makes no more calls for a chunk and for a request than it did: what creeps in is noticed here.

A ceiling is a tenth above what was counted when it was set. Lower it with what you save; what needs more says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.bench.calls import CALLED, SPOKEN, THOUGHT, calls_a_chunk, calls_a_request


@pytest.mark.parametrize(
    ("stream", "together", "deltas", "ceiling"),
    [
        (True, 1, SPOKEN, 40),
        (True, 10, SPOKEN, 10),
        (True, 10, [{"content": "w\u00f6rd "}], 10),
        (False, 1, SPOKEN, 38),
        (False, 10, SPOKEN, 9),
        (True, 1, THOUGHT, 42),
        (True, 10, THOUGHT, 11),
        (True, 1, CALLED, 57),
        (True, 10, CALLED, 32),
    ],
)
def test_a_chunk_costs_few_calls(stream: bool, together: int, deltas: Sequence[dict[str, Any]], ceiling: float) -> None:
    assert calls_a_chunk(stream=stream, together=together, deltas=deltas) <= ceiling


@pytest.mark.parametrize(("stream", "ceiling"), [(True, 2350), (False, 2080)])
def test_a_request_costs_few_calls(stream: bool, ceiling: int) -> None:
    assert calls_a_request(stream=stream) <= ceiling
