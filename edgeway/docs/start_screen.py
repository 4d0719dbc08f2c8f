"""Draws what `make run` prints: the first screen and the lines of some requests, as a terminal shows them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from edgeway.local.console.request_lines import RequestLines
from edgeway.local.console.screen import start_screen
from edgeway.local.console.sums import Sums
from edgeway.local.console.terminal import Terminal
from edgeway.local.offer import make_offer

URL: Final = "http://127.0.0.1:3000"
KEY: Final = "ew_YOUR_KEY"
WIDTH: Final = 128
"""Characters of a line; those of requests are longer than the screen's."""
FORMAT: Final = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Without the fonts that rich would have fetched from elsewhere."""
CONFIGURED: Final = {"OPENAI_API_KEY": "an OpenAI key", "ANTHROPIC_API_KEY": "an Anthropic key"}
REQUESTS: Final[tuple[dict[str, Any], ...]] = (
    {"requested_model": "claude-haiku-4-5", "model": "anthropic/claude-haiku-4-5", "input_tokens": 3_120,
     "output_tokens": 41, "cost_micro_dollars": 3_325, "stop_reason": "end_turn", "first_event_ms": 412.0,
     "total_ms": 655.0},
    {"requested_model": "gpt-5", "model": "openai/gpt-5", "input_tokens": 812, "output_tokens": 226,
     "cache_read_input_tokens": 18_944, "cost_micro_dollars": 5_643, "stop_reason": "tool_use",
     "first_event_ms": 689.0, "total_ms": 3_104.0},
    {"requested_model": "gpt-55", "status": 404, "error_type": "not_found_error", "total_ms": 2.0},
)  # fmt: skip


class Screen(io.StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        """Colours are shown."""
        return True


def start_screen_picture() -> str:
    """Return the picture as SVG."""
    screen = Screen()
    terminal = Terminal(screen, {})
    for line in printed(terminal):
        terminal.print(line)
    with TemporaryDirectory() as folder:
        lines = RequestLines(terminal, Sums(Path(folder, "sums.json")))
        for number, request in enumerate(REQUESTS):
            summary = {"message": "request", "request_id": f"req_{number}", "status": 200, **request}
            lines.output("messages", json.dumps(summary))
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.from_ansi(screen.getvalue()))
    return console.export_svg(title="make run", unique_id="edgeway", code_format=FORMAT)


def printed(terminal: Terminal) -> Iterator[str]:
    """The first screen."""
    offer = make_offer(CONFIGURED, lambda _: None)
    gateway = offer.gateway(URL, KEY)
    yield from start_screen(offer, KEY, gateway, terminal, edgeway=".venv/bin/edgeway", hint="", notes=())
