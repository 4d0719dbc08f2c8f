"""Signatures of our own thinking. Golden: a conversation outlives a release."""

import pytest
from translator.signatures import seal, unseal

HIDDEN = "ew1.hidden.SG0sIG5hw692ZSDwn6SU"


def test_golden() -> None:
    assert seal(None) == "ew1.shown"
    assert seal("Hm, naïve 🤔") == HIDDEN
    assert seal("") == "ew1.hidden."


def test_back() -> None:
    assert unseal("Hm.", "ew1.shown") == "Hm."
    assert unseal("", HIDDEN) == "Hm, naïve 🤔"
    assert unseal("", "ew1.hidden.") == ""


def test_half_a_surrogate_pair_survives() -> None:
    assert unseal("", seal("\ud83d")) == "\ud83d"


@pytest.mark.parametrize(
    "signature",
    ["", "EqQBCgIYAhIkMTIz", "gw1.shown", "ew1.hidden.A", "ew1.hidden.é", "ew1.hidden._w==", "ew1.hidden.gIA="],
)
def test_what_is_not_ours(signature: str) -> None:
    assert unseal("Hm.", signature) is None
