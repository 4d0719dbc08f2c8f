from __future__ import annotations

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.toml_document import DocumentError
from translator.anthropic.events import Usage

from edgeway.local.console import prices
from edgeway.local.console.prices import PriceList

USAGE = Usage(input_tokens=1000, output_tokens=1000)


@pytest.mark.parametrize(
    ("model", "micro_dollars"),
    [
        ("openai/gpt-5", 11_250),
        ("openrouter/openai/gpt-5", 11_250),
        ("openai/never-heard-of", None),
        ("nobody/gpt-5", None),
        ("gpt-5", None),
    ],
)
def test_what_the_model_that_answered_costs(model: str, micro_dollars: int | None) -> None:
    assert PriceList(Catalogue.open).cost(model, USAGE) == micro_dollars


def test_a_catalogue_is_read_once() -> None:
    """A change of the operator's file replaces the process."""
    catalogues = iter([Catalogue.open()])
    price_list = PriceList(lambda: next(catalogues))
    assert [price_list.cost(model, USAGE) for model in ("openai/gpt-5", "openai/gpt-5", "openai/none")] == [
        11_250,
        11_250,
        None,
    ]


def test_a_broken_file_is_the_functions_to_tell() -> None:
    def read() -> Catalogue:
        raise DocumentError([])

    assert PriceList(read).cost("openai/gpt-5", USAGE) is None


def test_what_callers_make_up_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "KEPT", 3)
    price_list = PriceList(Catalogue.open)
    for number in range(10):
        price_list.cost(f"openai/made-up-{number}", USAGE)
    assert len(price_list._prices) <= 3
