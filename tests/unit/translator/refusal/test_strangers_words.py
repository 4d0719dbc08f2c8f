"""Accounts and filters in words that no list has: each would end a session as a mistake of the caller's."""

from __future__ import annotations

import json

import pytest
from translator.anthropic.errors import UpstreamAccountError
from translator.caller_words import NO_WORDS
from translator.refusal.errors import read_error
from translator.traits import Traits
from translator.writing.endings import AnsweringError


def read(message: str) -> Exception:
    body = json.dumps({"error": {"message": message}}).encode()
    return read_error(400, {}, body, caller_words=NO_WORDS, input_tokens=9, traits=Traits())


@pytest.mark.parametrize(
    "message",
    [
        "Your trial has expired, add a payment method",
        "The organization has been disabled for non-payment",
        "402: please add funds",
        "You've reached your spending cap",
        "Your prepaid balance is exhausted",
    ],
)
def test_our_account(message: str) -> None:
    assert isinstance(read(message), UpstreamAccountError)


@pytest.mark.parametrize("message", ["high risk content detected", "Your request was blocked by our safety filters"])
def test_a_filter(message: str) -> None:
    error = read(message)
    assert isinstance(error, AnsweringError)
    assert error.stop_reason == "refusal"
