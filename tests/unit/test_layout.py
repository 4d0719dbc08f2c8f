"""The size of what is shipped: modules and rooms that can be taken in at a glance."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 300
"""Lines."""
FULLEST_ROOM = 14
"""Modules, beside the `__init__` that says what the room is for."""


def modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert found
    return found


def test_no_module_is_too_long() -> None:
    lengths = {
        str(module.relative_to(ROOT)): len(module.read_text().splitlines())
        for module in modules("edgeway", "functions", "layers")
    }
    assert {module: length for module, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_room_is_too_full() -> None:
    rooms = Counter(
        str(module.parent.relative_to(ROOT))
        for module in modules("edgeway", "functions", "layers")
        if module.name != "__init__.py"
    )
    assert {room: count for room, count in rooms.items() if count > FULLEST_ROOM} == {}
