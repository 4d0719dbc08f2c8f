"""What the local server prints: one line for each request, and what the functions print themselves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.text import Text

PROBES: Final = frozenset({"/", "/api/hello", "/Prod", "/Prod/", "/Prod/api/hello"})
"""Clients ask these again and again before and between requests; that is no news."""

SUMMARY_GRACE_SECONDS: Final = 0.05
"""A summary is written before its worker asks for more work, but through a pipe of its own."""


@dataclass(frozen=True, slots=True)
class Access:
    """A request as the server saw it. `status` is None where the caller had gone before there was one."""

    request_id: str
    method: str
    path: str
    status: int | None
    milliseconds: float


class RequestLines:
    """Prints to a console; colours are the console's affair."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unsummarised: set[str] = set()

    def output(self, function: str, line: str) -> None:
        """Take a line that a function printed: its summary of a request, or anything else."""
        summary = _summary(line)
        if summary is None:
            self.say(function, line)
        else:
            self._unsummarised.discard(str(summary.get("request_id")))
            self._print(_of_summary(summary))

    def say(self, origin: str, line: str) -> None:
        """Print a line with where it comes from."""
        self._print(Text.assemble((f"{origin}: ", "dim"), _printable(line)))

    def begun(self, request_id: str) -> None:
        """Note that a request has come."""
        self._unsummarised.add(request_id)

    def ended(self, access: Access, released: asyncio.Future[None] | None) -> None:
        """Note that it has been answered; `released` is done when its worker has said all there is to say."""
        if released is None:
            self._print_unsummarised(access)
        else:
            loop = asyncio.get_running_loop()
            released.add_done_callback(
                lambda _: loop.call_later(SUMMARY_GRACE_SECONDS, self._print_unsummarised, access)
            )

    def _print_unsummarised(self, access: Access) -> None:
        if access.request_id in self._unsummarised:
            self._unsummarised.remove(access.request_id)
            if access.path not in PROBES:
                self._print(_of_access(access))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _summary(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        document = json.loads(line)
    except ValueError:
        return None
    return document if document.get("message") == "request" else None


def _of_summary(summary: Mapping[str, Any]) -> Text:
    requested, model = summary.get("requested_model"), summary.get("model")
    cached = summary.get("cache_read_input_tokens")
    tokens = [
        _count(summary.get("input_tokens"), "in"),
        f"({_count(cached, 'cached')})" if cached else "",
        _count(summary.get("output_tokens"), "out"),
    ]
    return _line(
        summary.get("status"),
        " → ".join(str(name) for name in (requested, model) if name),
        " ".join(part for part in tokens if part),
        _duration("first event", summary.get("first_event_ms")),
        _duration("", summary.get("total_ms")),
        str(summary.get("error_type") or summary.get("stop_reason") or ""),
    )


def _of_access(access: Access) -> Text:
    outcome = "" if access.status is not None else "the caller hung up"
    return _line(access.status, f"{access.method} {access.path}", _duration("", access.milliseconds), outcome)


def _line(status: object, *parts: str) -> Text:
    successful = isinstance(status, int) and status < 400
    said = "  ".join(_printable(part) for part in parts if part)
    return Text.assemble((str(status or "---"), "green" if successful else "red"), "  ", said)


def _count(number: object, of: str) -> str:
    return f"{number:,} {of}" if isinstance(number, int) else ""


def _duration(of: str, milliseconds: object) -> str:
    if not isinstance(milliseconds, int | float):
        return ""
    text = f"{milliseconds / 1000:.2f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"
    return f"{of} {text}".lstrip()


def _printable(text: str) -> str:
    """Take the control characters out of a text: a caller's own words must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
