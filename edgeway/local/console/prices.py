"""What the models cost that answer: looked up once for each, since every request asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.money.pricing import cost
from gateway.routing.catalogue import Catalogue
from gateway.routing.model_facts import Prices
from gateway.toml_document import DocumentError
from translator.anthropic.events import Usage

KEPT: Final = 1024
"""Models. A caller may name any, and the list is not to grow with their imagination."""


class PriceList:
    """The prices of a catalogue, which `read` opens with the operator's own models in it."""

    def __init__(self, read: Callable[[], Catalogue]) -> None:
        self._read = read
        self._catalogue: Catalogue | None = None
        self._prices: dict[str, tuple[Prices, ...]] = {}

    def cost(self, model: str, usage: Usage) -> int | None:
        """Return the micro-dollars for this usage of a `provider/model`; None where it has no price."""
        prices = self._prices.get(model)
        if prices is None:
            if len(self._prices) >= KEPT:
                self._prices.clear()
            prices = self._prices[model] = self._look_up(model)
        return cost(usage, prices)

    def _look_up(self, model: str) -> tuple[Prices, ...]:
        if self._catalogue is None:
            try:
                self._catalogue = self._read()
            except DocumentError:  # the functions say what is wrong: they cannot start with it
                return ()
        provider, _, model_id = model.partition("/")
        facts = self._catalogue.model(provider, model_id)
        return () if facts is None else facts.prices
