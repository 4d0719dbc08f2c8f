"""Writes and reads amounts of money, as integer micro-dollars. Pure."""

from typing import Final

_MICRO: Final = 1_000_000


def dollars(micro_dollars: int) -> str:
    """An amount as people read it: to the cent, or further where that would not say all."""
    whole, rest = divmod(micro_dollars, _MICRO)
    digits = f"{rest:06}"
    return f"${whole:,}.{digits[:2]}{digits[2:].rstrip('0')}"


def dollars_exactly(micro_dollars: int) -> str:
    """An amount as programs read it: all six digits after the point."""
    whole, rest = divmod(micro_dollars, _MICRO)
    return f"{whole}.{rest:06}"
