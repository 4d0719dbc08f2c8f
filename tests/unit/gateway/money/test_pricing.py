"""Money, to the micro-dollar."""

from __future__ import annotations

import pytest
from gateway.money.pricing import cost
from gateway.routing.model_facts import Prices
from translator.anthropic.events import Usage

GPT = Prices(input=1_250_000, output=10_000_000, cache_read=125_000)
TIERED = (GPT, Prices(input=2_500_000, output=15_000_000, cache_read=250_000, above=200_000))
APART = Prices(input=3_000_000, output=15_000_000, cache_read=300_000, cache_write=3_750_000)
QWEN = Prices(input=400_000, output=1_200_000, reasoning=4_000_000)


@pytest.mark.failure_mode(27)
@pytest.mark.parametrize(
    ("usage", "prices", "micro_dollars"),
    [
        pytest.param(Usage(input_tokens=1_000, output_tokens=100), (), None, id="unpriced"),
        pytest.param(Usage(input_tokens=1_000, output_tokens=100), (Prices(0, 0),), 0, id="free"),
        pytest.param(Usage(input_tokens=0, output_tokens=0), (GPT,), 0, id="nothing used"),
        pytest.param(Usage(input_tokens=1_000, output_tokens=100), (GPT,), 1_250 + 1_000, id="input and output"),
        pytest.param(
            Usage(input_tokens=1_000, output_tokens=0, cache_read_input_tokens=8_000),
            (GPT,),
            1_250 + 1_000,
            id="cached input at its own price",
        ),
        pytest.param(
            Usage(input_tokens=10, output_tokens=0, cache_read_input_tokens=1_000, cache_creation_input_tokens=2_000),
            (APART,),
            30 + 300 + 7_500,
            id="written to the cache at its own price",
        ),
        pytest.param(
            Usage(input_tokens=0, output_tokens=0, cache_read_input_tokens=1_000, cache_creation_input_tokens=1_000),
            (QWEN,),
            400 + 400,
            id="caches that are not priced apart cost as other input",
        ),
        pytest.param(Usage(input_tokens=1, output_tokens=0), (GPT,), 2, id="a part of a micro-dollar is a whole one"),
        pytest.param(
            Usage(input_tokens=1, output_tokens=1, cache_read_input_tokens=2),
            (GPT,),
            12,  # 1.25 + 10 + 0.25, rounded up once and not for each part
            id="rounded up once",
        ),
        pytest.param(Usage(input_tokens=200_000, output_tokens=1), TIERED, 250_000 + 10, id="up to the tier's limit"),
        pytest.param(Usage(input_tokens=200_001, output_tokens=1), TIERED, 500_018, id="above it, all of the request"),
        pytest.param(
            Usage(input_tokens=1, output_tokens=0, cache_read_input_tokens=200_000),
            TIERED,
            50_003,
            id="cached input counts for the tier",
        ),
        pytest.param(Usage(input_tokens=0, output_tokens=1_000, thinking_tokens=0), (QWEN,), 1_200, id="no thinking"),
        pytest.param(Usage(input_tokens=0, output_tokens=1_000, thinking_tokens=1), (QWEN,), 4_000, id="thinking"),
        pytest.param(
            Usage(input_tokens=0, output_tokens=1_000, thinking_tokens=500),
            (Prices(input=0, output=1_200_000, reasoning=0),),
            1_200,
            id="thinking is never cheaper",
        ),
    ],
)
def test_what_a_request_costs(usage: Usage, prices: tuple[Prices, ...], micro_dollars: int | None) -> None:
    assert cost(usage, prices) == micro_dollars
