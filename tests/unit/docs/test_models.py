"""docs/models.md, which is generated."""

import re

from gateway.routing.providers import all_providers

from edgeway.docs.models import FILE, documentation


def test_it_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == documentation() + "\n", "run: make docs"


def test_every_provider_has_its_row() -> None:
    rows = re.findall(r"^\| `([^`]+)`.* \(", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(rows) == sorted(all_providers())
