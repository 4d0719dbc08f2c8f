"""The figures of docs/aws-cost.md, against those that a person has worked out by hand."""

from __future__ import annotations

import pytest

from edgeway.docs import aws_cost
from edgeway.docs.aws_cost import Architecture
from tests.template.cloud import written


@pytest.mark.parametrize(
    ("architecture", "megabytes", "dollars"),
    [("x86_64", 1024, 333), ("arm64", 1024, 267), ("x86_64", 512, 167), ("arm64", 512, 133)],
)
def test_a_million_answers_of_twenty_seconds(architecture: Architecture, megabytes: int, dollars: int) -> None:
    assert round(aws_cost.streaming(architecture, megabytes)) == dollars


def test_all_else_is_six_dollars_and_what_leaves_aws_is_twenty_seven() -> None:
    assert round(sum(aws_cost.requests("x86_64").values())) == 6
    assert aws_cost.egress() == pytest.approx(27)


def test_a_container_costs_less_where_both_cost_the_same() -> None:
    turns = aws_cost.turning_point("arm64", 1024)
    stack = (aws_cost.streaming("arm64", 1024) + sum(aws_cost.requests("arm64").values())) * turns / aws_cost.TURNS
    assert stack == pytest.approx(aws_cost.CONTAINER_MONTH, rel=0.01)


@pytest.mark.parametrize(("megabytes", "share"), [(512, 0.289), (1024, 0.579), (1769, 1.0), (3008, 1.0)])
def test_memory_buys_a_share_of_a_processor(megabytes: int, share: float) -> None:
    assert round(aws_cost.share_of(megabytes), 3) == share


def test_the_default_is_a_memory_of_the_table() -> None:
    assert f"So {written()['Parameters']['MessagesMemory']['Default']} MB, the default," in aws_cost.page()


def test_the_page_is_what_is_calculated() -> None:
    assert aws_cost.PAGE.read_text(encoding="utf-8") == aws_cost.page(), "make docs"
