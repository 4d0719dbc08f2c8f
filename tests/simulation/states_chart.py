"""The states of breakers over time as SVG: one lane for each outage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Final

from gateway.choice.circuit import State

_WIDTH: Final = 720
_LABELS: Final = 200
_LANE: Final = 26
_TOP: Final = 48
_COLOURS: Final[Mapping[State, str]] = {"closed": "#58a55c", "open": "#d65745", "half_open": "#e8b23a"}
_NAMES: Final[Mapping[State, str]] = {
    "closed": "closed: asked",
    "open": "open: set aside",
    "half_open": "half-open: the next request is the probe",
}
_STYLE: Final = (
    "text { font: 13px system-ui, sans-serif; fill: #1f2430 } .axis { fill: none; stroke: #1f2430 } "
    "@media (prefers-color-scheme: dark) { text { fill: #e6e9ef } .axis { stroke: #e6e9ef } }"
)


def chart(lanes: Mapping[str, Sequence[State]], out: tuple[float, float]) -> str:
    """The lanes, each with a state for every second, and the time of the outage as a frame."""
    height = _TOP + _LANE * len(lanes) + 30
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *_legend(), *_lanes(lanes), *_frame(lanes, out), "</svg>", ""])


def _legend() -> Iterator[str]:
    x = 8
    for state, colour in _COLOURS.items():
        yield f'<rect x="{x}" y="8" width="12" height="12" rx="2" fill="{colour}"/>'
        yield f'<text x="{x + 18}" y="19">{_NAMES[state]}</text>'
        x += 30 + 8 * len(_NAMES[state])


def _lanes(lanes: Mapping[str, Sequence[State]]) -> Iterator[str]:
    for number, (name, states) in enumerate(lanes.items()):
        y = _TOP + number * _LANE
        yield f'<text x="{_LABELS - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
        second = 0
        for state, run in groupby(states):
            seconds = len(list(run))
            x, width = _x(second, len(states)), _x(seconds, len(states)) - _LABELS
            fill = _COLOURS[state]
            yield f'<rect x="{x:.1f}" y="{y}" width="{max(2.0, width):.1f}" height="{_LANE - 8}" fill="{fill}"/>'
            second += seconds


def _frame(lanes: Mapping[str, Sequence[State]], out: tuple[float, float]) -> Iterator[str]:
    seconds = max(len(states) for states in lanes.values())
    left, right, bottom = _x(out[0], seconds), _x(out[1], seconds), _TOP + len(lanes) * _LANE
    yield f'<text x="{left:.1f}" y="{_TOP - 8}">the provider is out</text>'
    yield (
        f'<rect class="axis" stroke-dasharray="4 3" x="{left:.1f}" y="{_TOP - 4}" '
        f'width="{right - left:.1f}" height="{bottom - _TOP + 4}"/>'
    )
    for mark in range(0, seconds + 1, 60):
        yield f'<text x="{_x(mark, seconds):.1f}" y="{bottom + 18}" text-anchor="middle">{mark} s</text>'


def _x(second: float, seconds: int) -> float:
    return _LABELS + (_WIDTH - _LABELS - 20) * second / seconds
