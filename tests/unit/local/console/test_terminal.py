from __future__ import annotations

import io

import pytest

from edgeway.local.console.terminal import Terminal, printable
from tests.unit.local.screens import Screen


@pytest.mark.parametrize(
    ("output", "environment", "styled"),
    [
        (Screen(), {"TERM": "xterm"}, "\x1b[32mfine\x1b[0m"),
        (Screen(), {"TERM": "dumb"}, "fine"),
        (Screen(), {"NO_COLOR": "1"}, "fine"),
        (io.StringIO(), {"TERM": "xterm"}, "fine"),
    ],
)
def test_colours_are_for_terminals_that_may_have_them(
    output: io.StringIO, environment: dict[str, str], styled: str
) -> None:
    assert Terminal(output, environment).styled("fine", "good") == styled


def test_nothing_steers_the_terminal() -> None:
    assert printable("a\x1b[2Jb\r\nc\x9b\ud800\u202e") == "a [2Jb  c   "
    assert printable("naïve → 日本") == "naïve → 日本"
