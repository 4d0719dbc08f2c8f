"""Keys as texts: how they are minted, which are recognised, what is shown and stored of them."""

from __future__ import annotations

import re
import string
from hashlib import sha256

import pytest
from gateway.access.keys import hash_key, is_well_formed, key_hint, mint_key

# The checksum is the CRC-32 of the 43 characters before it, in base62; worked out apart from the code.
GOLDEN = {
    "0" * 43: "2CZclj",
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ": "4FLuWK",
    "ManyHandsMakeLightWork0123456789ManyHandsMa": "062AEa",
}


def test_a_minted_key_has_the_form_that_is_documented() -> None:
    keys = [mint_key() for _ in range(50)]
    assert [key for key in keys if not re.fullmatch(r"ew_[0-9A-Za-z]{49}", key)] == []
    assert [key for key in keys if not is_well_formed(key)] == []
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(("body", "checksum"), GOLDEN.items())
def test_the_checksum_stays_what_it_was(body: str, checksum: str) -> None:
    assert is_well_formed(f"ew_{body}{checksum}")


def test_every_wrong_character_after_the_prefix_is_noticed() -> None:
    key = mint_key()
    characters = string.ascii_letters + string.digits
    changed = [
        key[:position] + character + key[position + 1 :]
        for position in range(len("ew_"), len(key))
        for character in characters
        if character != key[position]
    ]
    assert [mistyped for mistyped in changed if is_well_formed(mistyped)] == []


def test_two_swapped_characters_are_noticed() -> None:
    key = mint_key()
    swapped = [
        key[:position] + key[position + 1] + key[position] + key[position + 2 :]
        for position in range(len("ew_"), len(key) - 1)
        if key[position] != key[position + 1]
    ]
    assert [mistyped for mistyped in swapped if is_well_formed(mistyped)] == []


@pytest.mark.parametrize(
    ("key", "could_be_one"),
    [
        ("sk-ant-api03-whatever", True),
        ("12345678", True),
        ("1234567", False),
        ("x" * 512, True),
        ("x" * 513, False),
        ("", False),
        ("with a space", False),
        ("with\nnewline", False),
        ("12345678\n", False),
        ("schlüssel-123", False),
        ("\ud800" * 8, False),
        ("EW_garbage", True),
        ("ew_bench_key_0123456789abcdefghijklmnopqrstuv", True),
        ("ew_", False),
    ],
)
def test_a_key_of_the_operators_own_is_visible_ascii_also_where_it_begins_as_ours_do(
    key: str, could_be_one: bool
) -> None:
    assert is_well_formed(key) is could_be_one


@pytest.mark.failure_mode(50)
def test_a_key_is_stored_as_its_sha_256() -> None:
    assert hash_key("12345678") == sha256(b"12345678").hexdigest()
    assert hash_key("12345678") != hash_key("12345678 ")


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("ew_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGuvwxyz", "ew_012…wxyz"),
        ("a-key-with-25-characters!", "a-key-…ers!"),
        ("a-key-with-24-characters", "a-…"),
        ("12345678", "12…"),
    ],
)
def test_a_hint_shows_little(key: str, hint: str) -> None:
    assert key_hint(key) == hint
