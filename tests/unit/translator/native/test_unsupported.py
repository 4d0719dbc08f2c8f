"""What a host of the Messages API refuses of newer fields and betas, and that the rest stays as it was, to the byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.errors import invalid_request
from translator.native.json_members import edited, read_object
from translator.native.unsupported import PartsRefusedError, dropped_of, headers_without, parts_refused, removals

BODY = (
    '{"model": "m", "speed":"fast", "messages": [],"context_management": {"edits": []}, '
    '"output_config":{"effort":"low"}}'
)
BETAS = "context-management-2025-06-27, effort-2025-11-24,tomorrow-2027-01-01"


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (400, "speed: Extra inputs are not permitted", ("speed",)),
        (400, "The field speed is not supported by this model", ("speed",)),
        (
            400,
            "context_management: Extra inputs are not permitted",
            ("context-management-2025-06-27", "context_management"),
        ),
        (422, "output_config.effort: not allowed here", ("effort-2025-11-24", "output_config")),
        (
            400,
            "Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header.",
            ("effort-2025-11-24", "output_config"),
        ),
        (400, "`tomorrow-2027-01-01` is no beta", ("tomorrow-2027-01-01",)),
        (
            400,
            "invalid beta flag",
            (
                "context-management-2025-06-27",
                "context_management",
                "effort-2025-11-24",
                "output_config",
                "tomorrow-2027-01-01",
            ),
        ),
        (400, "messages: not supported", ()),
        (400, "mcp_servers: Extra inputs are not permitted", ()),  # which is not asked for
        (400, "messages.0.speed: not allowed", ()),  # something else of that name
        (400, "max_tokens: must be greater than 0", ()),
        (500, "speed: Extra inputs are not permitted", ()),
    ],
)
def test_what_a_refusal_names(status: int, message: str, expected: tuple[str, ...]) -> None:
    assert parts_refused(status, message, read_object(BODY), BETAS) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), BODY),
        (("speed",), BODY.replace('"speed":"fast", ', "")),
        (("output_config",), BODY.replace(', "output_config":{"effort":"low"}', "")),
        (
            ("context_management", "output_config"),
            '{"model": "m", "speed":"fast", "messages": []}',
        ),
        (("speed", "context_management", "output_config", "absent"), '{"model": "m", "messages": []}'),
    ],
)
def test_what_is_left(parts: tuple[str, ...], expected: str) -> None:
    document = read_object(BODY)
    assert edited(document.text, list(removals(document, parts))) == expected


names = st.lists(st.sampled_from(["model", "a", "b", "c", "d"]), unique=True, min_size=1).filter(lambda x: "model" in x)
spaces = st.sampled_from(["", " ", "\n  "])


@given(names, st.sets(st.sampled_from(["a", "b", "c", "d"])), spaces)
def test_whatever_is_taken_out_it_stays_the_same_object(order: list[str], parts: set[str], space: str) -> None:
    value = {name: [name, {"x": 'a"b,'}] for name in order}
    text = json.dumps(value, separators=(f"{space},{space}", f"{space}:{space}"))
    document = read_object(text)
    left = json.loads(edited(text, list(removals(document, parts))))
    assert left == {name: each for name, each in value.items() if name not in parts}
    assert list(left) == [name for name in order if name not in parts]


def test_the_header_without_them() -> None:
    headers = {"anthropic-version": "2023-06-01", "anthropic-beta": BETAS}
    left = headers_without(headers, {"effort-2025-11-24", "speed"})
    assert left == {**headers, "anthropic-beta": "context-management-2025-06-27,tomorrow-2027-01-01"}
    assert headers_without({**headers, "anthropic-beta": "a"}, {"a"}) == {"anthropic-version": "2023-06-01"}
    assert headers_without({}, {"a"}) == {}


def test_what_the_caller_loses_is_named() -> None:
    parts = ("speed", "effort-2025-11-24", "mcp_servers")
    assert dropped_of(read_object(BODY), BETAS, parts) == ("speed", "anthropic-beta:effort-2025-11-24")


def test_only_what_is_in_our_own_list_is_learnt() -> None:
    both = PartsRefusedError(invalid_request("no"), ("speed", "tomorrow-2027-01-01"))
    assert [(trait.name, trait.value) for trait in both.learned] == [("refused_parts", ("speed",))]
    assert both.lasts
    unknown = PartsRefusedError(invalid_request("no"), ("tomorrow-2027-01-01",))
    assert (unknown.learned, unknown.lasts, unknown.parts) == ((), False, ("tomorrow-2027-01-01",))
