"""The simulation of docs/routing.md: its table is what the orders come to."""

from __future__ import annotations

from pathlib import Path

from tests.simulation.sessions import bills, table

DOCUMENTATION = Path(__file__).parents[4] / "docs" / "routing.md"


def test_the_documentation_shows_the_table() -> None:
    assert table() in DOCUMENTATION.read_text()


def test_staying_where_the_cache_is_costs_less_than_half_of_moving_about() -> None:
    by_name = bills()
    spent = {name: bill.micro_dollars for name, bill in by_name.items()}
    assert max(spent["`cache`"], spent["`list`, sessions stay"]) < spent["round robin"] / 2
    assert by_name["`cache`"].failed == by_name["round robin"].failed == 0
    assert by_name["the maker alone"].failed > 0
