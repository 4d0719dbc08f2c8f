"""Bar charts as SVG, for figures of one unit each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from tests.bench.figures import rounded

_WIDTH: Final = 720
_LABELS: Final = 250
_VALUES: Final = 80
_BAR: Final = 20
_TITLE: Final = 34
_OURS, _OTHERS = "#2f6fde", "#9aa3b2"
_STYLE: Final = (
    "text { font: 13px system-ui, sans-serif; fill: #1f2430 } .title { font-weight: 600 } "
    "@media (prefers-color-scheme: dark) { text { fill: #e6e9ef } }"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One value; ours stands out."""

    label: str
    value: float
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Panel:
    """Values of one unit, on one scale."""

    title: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        """Points from its title to its end."""
        return _TITLE + _BAR * len(self.bars)


def chart(panels: Sequence[Panel]) -> str:
    """The panels, one below the other."""
    height = sum(panel.height for panel in panels) + 10
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *_panels(panels), "</svg>", ""])


def _panels(panels: Sequence[Panel]) -> Iterator[str]:
    top = 0
    for panel in panels:
        yield f'<text class="title" x="0" y="{top + 24}">{escape(panel.title)}</text>'
        most = max(bar.value for bar in panel.bars) or 1
        for number, bar in enumerate(panel.bars):
            y = top + _TITLE + number * _BAR
            width = (_WIDTH - _LABELS - _VALUES) * bar.value / most
            yield f'<text x="{_LABELS - 8}" y="{y + 13}" text-anchor="end">{escape(bar.label)}</text>'
            fill = _OURS if bar.is_ours else _OTHERS
            yield f'<rect x="{_LABELS}" y="{y}" width="{width:.1f}" height="{_BAR - 4}" rx="2" fill="{fill}"/>'
            yield f'<text x="{_LABELS + width + 6:.1f}" y="{y + 13}">{rounded(bar.value)}</text>'
        top += panel.height
