"""Prints a line for each request, and what the functions print themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from edgeway.local.console.sums import Sum, Sums
from edgeway.local.console.terminal import Terminal, printable

PROBES: Final = frozenset({"/", "/api/hello", "/Prod", "/Prod/", "/Prod/api/hello"})
"""Clients ask these again and again before and between requests; that is no news."""


@dataclass(frozen=True, slots=True)
class Access:
    """A request as the server saw it. `status` is None where the caller had gone before there was one."""

    request_id: str
    method: str
    path: str
    status: int | None
    milliseconds: float
    broke_off: bool = False
    """The answer had begun with its status, and failed then: its function failed, or ran out of time."""


class Reporter(Protocol):
    """Who is told what happens while a server serves."""

    def output(self, function: str, line: str) -> None:
        """Take a line that a function printed."""

    def say(self, origin: str, line: str) -> None:
        """Take a line of the server's own."""

    def begun(self, request_id: str) -> None:
        """A request has come."""

    def ended(self, access: Access) -> None:
        """It has been answered, and its function has said all there is to say."""


class RequestLines:
    """Prints them; `sums` are those of all the server's processes."""

    def __init__(self, terminal: Terminal, sums: Sums | None = None) -> None:
        self._terminal = terminal
        self._sums = sums
        self._unsummarised: set[str] = set()

    def output(self, function: str, line: str) -> None:
        """Take a line that a function printed: its summary of a request, or anything else."""
        summary = _summary(line)
        if summary is None:
            self.say(function, line)
        else:
            self._unsummarised.discard(str(summary.get("request_id")))
            self._print_summary(summary)

    def say(self, origin: str, line: str) -> None:
        """Print a line with where it comes from."""
        self._terminal.print(self._terminal.styled(f"{origin}:", "faint") + " " + printable(line))

    def begun(self, request_id: str) -> None:
        """Note that a request has come."""
        self._unsummarised.add(request_id)

    def ended(self, access: Access) -> None:
        """Print it, unless its function has."""
        if access.request_id in self._unsummarised:
            self._unsummarised.remove(access.request_id)
            if access.path not in PROBES:
                outcome = "the answer broke off" if access.broke_off else ""
                outcome = "the caller hung up" if access.status is None else outcome
                has_failed = bool(outcome) or (access.status or 0) >= 400
                parts = (f"{access.method} {access.path}", _duration(access.milliseconds), outcome)
                self._print(access.status, parts, has_failed=has_failed)

    def _print_summary(self, summary: Mapping[str, Any]) -> None:
        requested, model, used = summary.get("requested_model"), summary.get("model"), _used(summary)
        status, error_type = summary.get("status"), summary.get("error_type")
        first_event = _duration(summary.get("first_event_ms"))
        parts = (
            " → ".join(dict.fromkeys(str(name) for name in (requested, model) if name)),
            _tokens(used),
            self._cost(summary, used),
            first_event and f"first event {first_event}",
            _duration(summary.get("total_ms")),
            str(error_type or summary.get("stop_reason") or ""),
        )
        has_failed = error_type is not None or not isinstance(status, int) or status >= 400
        self._print(status, parts, has_failed=has_failed)

    def _cost(self, summary: Mapping[str, Any], used: Sum) -> str:
        """What it has cost, and all requests so far where that is more."""
        cost, model = summary.get("cost_micro_dollars"), summary.get("model")
        if not isinstance(model, str):
            return ""
        together = used if self._sums is None else self._sums.add(model, used)
        so_far = f" of {dollars(together.micro_dollars)} so far" if together.micro_dollars > used.micro_dollars else ""
        guessed = "about " if summary.get("cost_is_estimate") else ""
        return "" if cost is None else f"{guessed}{dollars(cost)}{so_far}"

    def _print(self, status: object, parts: tuple[str, ...], *, has_failed: bool) -> None:
        shown = self._terminal.styled("---" if status is None else str(status), "bad" if has_failed else "good")
        self._terminal.print(f"{shown}  " + printable("  ".join(filter(None, parts))))


def dollars(micro_dollars: int) -> str:
    """Return an amount as people read it."""
    if 0 < micro_dollars < 100:
        return "<$0.0001"
    return f"${micro_dollars / 1_000_000:.4f}" if micro_dollars else "$0"


def _summary(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        document = json.loads(line)
    except ValueError:
        return None
    return document if document.get("message") == "request" else None


def _used(summary: Mapping[str, Any]) -> Sum:
    cached = summary.get("cache_read_input_tokens") or 0
    return Sum(
        requests=1,
        input_tokens=(summary.get("input_tokens") or 0) + (summary.get("cache_creation_input_tokens") or 0) + cached,
        cached_tokens=cached,
        output_tokens=summary.get("output_tokens") or 0,
        micro_dollars=summary.get("cost_micro_dollars") or 0,
    )


def _tokens(used: Sum) -> str:
    """Return the whole input, what of it came from a cache, and the output."""
    if not used.input_tokens and not used.output_tokens:
        return ""
    cached = f"({used.cached_tokens:,} cached) " if used.cached_tokens else ""
    return f"{used.input_tokens:,} in {cached}{used.output_tokens:,} out"


def _duration(milliseconds: object) -> str:
    if not isinstance(milliseconds, int | float):
        return ""
    return f"{milliseconds / 1000:.2f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"
