"""The pictures of the documents: drawn to scale, the same for the same figures, and as they stand in the repository."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from edgeway.docs.charts import Bar, Panel, bar_chart, curve_chart
from edgeway.docs.pictures import FOLDER, PICTURES

SVG = "{http://www.w3.org/2000/svg}"
PANEL = Panel("Whole answers a second, 50 callers", [Bar("a < b", 20), Bar("theirs", 10, is_ours=False)])


def texts(svg: str) -> list[str]:
    return [text.text for text in ET.fromstring(svg).iter(f"{SVG}text") if text.text]  # noqa: S314 our own


def bars(svg: str) -> Iterator[tuple[float, float]]:
    """How wide each bar is, and how far down."""
    for group in ET.fromstring(svg).iter(f"{SVG}g"):  # noqa: S314 our own
        if group.get("class") == "bar":
            rect = next(group.iter(f"{SVG}rect"))
            yield float(rect.get("width", "")), float(rect.get("y", ""))


def test_bars_are_drawn_to_scale_and_from_the_top() -> None:
    svg = bar_chart(PANEL)
    assert {"Whole answers a second, 50 callers", "a < b", "20", "theirs", "10"} <= set(texts(svg))
    (theirs, lower), (ours, upper) = bars(svg)
    assert ours == pytest.approx(2 * theirs)
    assert upper < lower


def test_a_chart_says_nothing_of_its_day() -> None:
    assert "<!--" not in bar_chart(PANEL)
    assert "<!--" not in curve_chart("errors", ["0 %", "100 %"], {"Llama": [0, 4]})


def test_a_curve_has_a_name() -> None:
    assert {"errors", "Llama", "0 %", "100 %"} <= set(texts(curve_chart("errors", ["0 %", "100 %"], {"Llama": [0, 4]})))


def test_a_picture_is_named_after_what_it_shows() -> None:
    assert PANEL.file == "whole-answers-a-second-50-callers.svg"


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_what_is_drawn(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PICTURES[name](), "make docs"
