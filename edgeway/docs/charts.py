"""Draws charts for the documents as SVG, with pygal."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pygal
from pygal.style import Style

# pygal adds a finder for its maps that is out of date: whoever asks the finders for a module fails at it.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]

WIDTH: Final = 760
CURVES_HEIGHT: Final = 360
HEAD: Final = 90
"""Points for the title and the axis."""
BAR: Final = 34
INK: Final = "#1f2430"
OURS: Final = "#2f6fde"
OTHERS: Final = "#9aa3b2"
COLOURS: Final = (OURS, "#d9822b", "#2b8a5e", "#8c4fc7", OTHERS)
"""Of curves, in their order."""
FONT: Final = "Helvetica, Arial, sans-serif"
STYLE: Final = Style(
    background="white",
    plot_background="white",
    foreground=INK,
    foreground_strong=INK,
    foreground_subtle=OTHERS,
    colors=COLOURS,
    value_colors=(INK,) * len(COLOURS),
    guide_stroke_color="#d8dce3",
    major_guide_stroke_color="#d8dce3",
    opacity=0.8,
    font_family=FONT,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
    title_font_size=15,
    value_font_size=13,
)
COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
"""pygal leaves a note with the day: a picture of the same figures has to be the same picture."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart. Ours is highlighted."""

    label: str
    value: float
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Panel:
    """Values of one unit, on one scale from zero."""

    title: str
    bars: Sequence[Bar]

    @property
    def file(self) -> str:
        """The file name of the picture."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") + ".svg"


def bar_chart(panel: Panel) -> str:
    """Return the panel as SVG, its first bar on top."""
    chart = pygal.HorizontalBar(
        style=STYLE,
        js=(),
        no_prefix=True,
        width=WIDTH,
        height=HEAD + BAR * len(panel.bars),
        explicit_size=True,
        show_legend=False,
        print_values=True,
        value_formatter=rounded,
        range=(0, max(bar.value for bar in panel.bars) or 1),
        max_scale=8,
        title=panel.title,
    )
    shown = list(reversed(panel.bars))  # pygal counts from the bottom
    chart.x_labels = [bar.label for bar in shown]
    chart.add("", [{"value": bar.value, "color": OURS if bar.is_ours else OTHERS} for bar in shown])
    return COMMENT.sub("", chart.render(is_unicode=True)) + "\n"


def curve_chart(title: str, labels: Sequence[str], curves: Mapping[str, Sequence[float]]) -> str:
    """Return curves over the same labelled places as SVG, by their names; each has a value for each label."""
    chart = pygal.Line(
        style=STYLE,
        js=(),
        no_prefix=True,
        width=WIDTH,
        height=CURVES_HEIGHT,
        explicit_size=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=1,
        show_dots=False,
        stroke_style={"width": 2},
        include_x_axis=True,
        max_scale=8,
        value_formatter=rounded,
        title=title,
    )
    chart.x_labels = list(labels)
    for name, values in curves.items():
        chart.add(name, list(values))
    return COMMENT.sub("", chart.render(is_unicode=True)) + "\n"


def rounded(value: float) -> str:
    """Round to three significant digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
