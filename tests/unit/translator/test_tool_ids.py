"""Ids of tool calls. Golden: a conversation outlives a release."""

import re
from base64 import urlsafe_b64encode

import pytest
from translator.tool_ids import ToolCallId, unwrap, wrap

# (upstream id, position, message id, signature): the id towards the client
GOLDEN = {
    ("call_a", 0, "msg_1", None): "toolu_AX0CYtKvFGNhbGxfYQ",
    ("call_a", 0, "msg_1", "signed"): "toolu_AX0CYtKvFGNhbGxfYf9zaWduZWQ",
    ("call_a", 1, "msg_1", None): "toolu_AfhrhM-TL2NhbGxfYQ",
    ("functions.Bash:0", 0, "msg_1", None): "toolu_AX0CYtKvFGZ1bmN0aW9ucy5CYXNoOjA",
    ("functions.Bash:0", 0, "msg_2", None): "toolu_Aa1rW2QSiGZ1bmN0aW9ucy5CYXNoOjA",
    ("naïve 🤔", 0, "msg_1", None): "toolu_AX0CYtKvFG5hw692ZSDwn6SU",
}


@pytest.mark.parametrize(("given", "wrapped"), GOLDEN.items())
def test_golden(given: tuple[str, int, str, str | None], wrapped: str) -> None:
    upstream_id, position, message_id, signature = given
    assert wrap(upstream_id, position=position, message_id=message_id, signature=signature) == wrapped
    assert unwrap(wrapped) == ToolCallId(upstream_id, signature)
    assert re.fullmatch(r"toolu_[A-Za-z0-9_-]+", wrapped)


def encoded(payload: bytes) -> str:
    return "toolu_" + urlsafe_b64encode(payload).decode().rstrip("=")


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "toolu_",
        "call_a",
        "AX0CYtKvFGNhbGxfYQ",
        "toolu_01A09q90qw90lq917835lq9",
        "toolu_bdrk_01A09q90qw90lq917835lq9",
        "toolu_é",
        "toolu_A",
        "toolu_AX0CYtKvFGNhbGxfYQ==",
        "toolu_AX0CYtKv FGNhbGxfYQ",
        "toolu_AX0CYtKvFGNhbGxfYR",
        encoded(b"\x02123456call_a"),
        encoded(b"\x01123456"),
        encoded(b"\x01123456\xffsigned"),
        encoded(b"\x01123456\x80"),
        encoded(b"\x01123456call_a\xff\x80"),
    ],
)
def test_what_is_not_ours(foreign: str) -> None:
    assert unwrap(foreign) is None


@pytest.mark.parametrize("upstream_id", ["a\x00b", "\ud83d", "\xff", " "])
def test_any_id_comes_back(upstream_id: str) -> None:
    wrapped = wrap(upstream_id, position=0, message_id="msg_1", signature=upstream_id)
    assert unwrap(wrapped) == ToolCallId(upstream_id, upstream_id)


def test_an_empty_signature_is_none() -> None:
    assert unwrap(wrap("call_a", position=0, message_id="msg_1", signature="")) == ToolCallId("call_a")
