"""Writes the tables of docs/routing.md and their picture: `python -m tests.simulation` (`make simulation`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.running import ROOT
from tests.simulation import outages, sessions, slow_providers
from tests.simulation.states_chart import chart

PAGE: Final = ROOT / "docs" / "routing.md"
PICTURE: Final = ROOT / "docs" / "pictures" / "breakers.svg"


def parts() -> dict[str, list[str]]:
    """The tables by their names."""
    return {
        "sessions": sessions.tables(),
        "outages": outages.table(outages.courses()),
        "slow providers": slow_providers.table(slow_providers.waits()),
    }


def picture() -> str:
    """The breaker of the provider that is out, for each kind of outage."""
    return chart({name: course.states for name, course in outages.courses().items()}, outages.OUT)


def with_part(page: str, name: str, lines: Iterable[str]) -> str:
    """The page, with these lines between the two comments that name the part."""
    begin, end = f"<!-- {name}: written by python -m tests.simulation -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return "\n".join([before + begin, "", *lines, "", end + after])


def main() -> None:
    """Write them."""
    page = PAGE.read_text(encoding="utf-8")
    for name, lines in parts().items():
        page = with_part(page, name, lines)
    PAGE.write_text(page, encoding="utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
