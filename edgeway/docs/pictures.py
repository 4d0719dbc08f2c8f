"""Writes the pictures of the documents that need no measurement: `python -m edgeway.docs.pictures`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from edgeway.docs.request_way import way_of_a_request
from edgeway.docs.start_screen import start_screen_picture

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
PICTURES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {"request.svg": way_of_a_request, "start-screen.svg": start_screen_picture}
)
"""By the name of the file."""


def main() -> None:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
