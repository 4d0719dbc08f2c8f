"""Which models stand for opus, sonnet and haiku where nobody has chosen by hand."""

import pytest

from edgeway.catalogue.tiers import tiers
from tests.unit.catalogue.source import Cost, Limits, Model


def model(model_id: str, price: float = 1.0, **other: object) -> Model:
    return Model("p", model_id, cost=(Cost(price / 4, price),), **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ([], ("", "", "")),
        ([model("only")], ("only", "only", "only")),
        ([model("dear", 9), model("middling", 3), model("cheap", 1)], ("dear", "dear", "cheap")),
        (
            [model("dear", 99), model("vendor/claude-opus-5"), model("claude-haiku-4.5"), model("GLM-5.2")],
            ("vendor/claude-opus-5", "GLM-5.2", "claude-haiku-4.5"),
        ),
        ([model("old", 9, status="deprecated"), model("new")], ("new", "new", "new")),
        ([model("short", 9, limits=Limits(context=32_000)), model("long")], ("long", "long", "long")),
        (
            [model("mistral.voxtral-mini-3b-2507", 0.1), model("gpt-oss-safeguard-20b", 9), model("chats")],
            ("chats",) * 3,
        ),
        ([model("draws-image", 9), model("new", 1, family="speech"), model("chats")], ("chats",) * 3),
        ([model("talks", 9, capabilities=frozenset()), model("acts")], ("acts", "acts", "acts")),
    ],
)
def test_tiers(models: list[Model], expected: tuple[str, str, str]) -> None:
    assert tiers(models) == expected
