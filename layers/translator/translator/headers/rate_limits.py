"""Reads an upstream's rate limits from `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`.

Source: https://platform.openai.com/docs/guides/rate-limits and the many that answer alike. The names that clients know
are Anthropic's: https://docs.claude.com/en/api/rate-limits#response-headers.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["requests", "tokens"]
KINDS: tuple[Kind, ...] = ("requests", "tokens")

LONGEST_RESET = 366 * 24 * 3600.0
"""Seconds. No limit lasts longer than a year, and what is added to a date must remain one."""

_NAMES = frozenset(f"x-ratelimit-{what}-{kind}" for what in ("limit", "remaining", "reset") for kind in KINDS)
_COUNT = re.compile(r"\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?", re.ASCII)


class RateLimit(NamedTuple):
    """One limit; None: the upstream does not say."""

    kind: Kind
    limit: str | None
    remaining: str | None
    reset: float | None
    """Seconds from the answer on."""


def read_rate_limits(headers: Mapping[str, str]) -> tuple[RateLimit, ...]:
    """The limits that the headers, in lower case, tell of; what is no number is left out."""
    if _NAMES.isdisjoint(headers):
        return ()
    limits = (_read(headers, kind) for kind in KINDS)
    return tuple(limit for limit in limits if any(value is not None for value in limit[1:]))


def _read(headers: Mapping[str, str], kind: Kind) -> RateLimit:
    limit, remaining, reset = (headers.get(f"x-ratelimit-{what}-{kind}") for what in ("limit", "remaining", "reset"))
    return RateLimit(kind, _count(limit), _count(remaining), read_duration(reset))


def _count(text: str | None) -> str | None:
    return text if text and _COUNT.fullmatch(text) else None


def read_number(text: str | None) -> float | None:
    """A number, or None for anything else."""
    return float(text) if text and _NUMBER.fullmatch(text) else None


def read_duration(text: str | None) -> float | None:
    """Seconds in OpenAI's notation, `1s`, `6m0s`, `120ms`; None for anything else, and for more than a year."""
    match = _DURATION.fullmatch(text) if text else None
    if match is None:
        return None
    hours, minutes, seconds, milliseconds = (float(group or 0) for group in match.groups())
    duration = hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
    return duration if duration <= LONGEST_RESET else None
