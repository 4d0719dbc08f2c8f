"""Signatures of our own thinking. Golden: a conversation outlives a release."""

import pytest
from translator.signatures import (
    EncryptedReasoning,
    seal,
    seal_encrypted,
    unseal,
    unseal_details,
    unseal_encrypted,
)

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


DETAILS = [{"type": "reasoning.text", "text": "Hm.", "signature": "EqQB"}, {"type": "reasoning.encrypted", "data": "x"}]
SEALED_DETAILS = (
    "ew1.details.W3sidHlwZSI6InJlYXNvbmluZy50ZXh0IiwidGV4dCI6IkhtLiIsInNpZ25hdHVyZSI6IkVxUUIifSx7InR5cGUiOiJyZWFzb25pbmcuZ"
    "W5jcnlwdGVkIiwiZGF0YSI6IngifV0="
)


def test_details_are_golden_and_come_back() -> None:
    assert seal(None, DETAILS) == seal("Hm.", DETAILS) == SEALED_DETAILS
    assert unseal_details(SEALED_DETAILS) == DETAILS
    assert unseal("", SEALED_DETAILS) == "Hm."
    assert unseal("As shown.", SEALED_DETAILS) == "As shown."


@pytest.mark.parametrize(
    "signature",
    ["", "ew1.shown", "EqQB", "ew1.details.A", "ew1.details.", "ew1.details.e30=", "ew1.details.WzFd"],
)
def test_what_holds_no_details(signature: str) -> None:
    assert unseal_details(signature) == []


@pytest.mark.failure_mode(23)
@pytest.mark.parametrize("content", ["gAAAA1", "x" * 20_000, "a.b.c", "ä\n\ud800", "with space"])
def test_what_is_encrypted_comes_back_byte_for_byte(content: str) -> None:
    reasoning = EncryptedReasoning("here", content)
    signature = seal_encrypted(reasoning)
    assert unseal_encrypted(signature) == reasoning
    assert signature.isascii()
    assert unseal("shown", signature) == "shown"


@pytest.mark.parametrize(
    "signature",
    [
        "EqQB",
        "ew1.shown",
        "ew1.encrypted.",
        "ew1.encrypted.eyJ2IjoxLCJzIjoiIiwiYiI6MH0=",
        "ew1.encrypted.eyJ2IjoxLCJzIjoiIiwiYiI6MH0=.",
        "ew1.encrypted.%.gAAAA1",
        "ew1.encrypted.e30=.gAAAA1",
        "ew1.encrypted.eyJ2IjoyLCJzIjoiIiwiYiI6MH0=.gAAAA1",
        "ew1.encrypted.eyJ2IjoxLCJzIjoiIiwiYiI6MX0=.=",
    ],
)
def test_what_is_damaged_or_of_a_later_form_is_nothing(signature: str) -> None:
    assert unseal_encrypted(signature) is None


def test_a_golden_signature_of_encrypted_reasoning() -> None:
    """Conversations outlive releases: what was once written is read for ever."""
    golden = "ew1.encrypted.eyJ2IjoxLCJzIjoiaGVyZSIsImIiOjB9.gAAAA1"
    assert seal_encrypted(EncryptedReasoning("here", "gAAAA1")) == golden
    assert unseal_encrypted(golden) == EncryptedReasoning("here", "gAAAA1")
