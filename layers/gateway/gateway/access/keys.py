"""Makes and recognises the gateway's own keys, which are stored only as hashes.

A minted key is `ew_`, 43 characters of base62 for 32 random bytes, and a checksum of six characters, so that a
mistyped one is refused without asking the store. A key that an operator supplies is used as it is.
"""

import re
import secrets
from hashlib import sha256
from zlib import crc32

PREFIX = "ew_"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE = 62
_RANDOM_BYTES = 32
_BODY_LENGTH = 43
_CHECKSUM_LENGTH = 6
_MINTED = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_BODY_LENGTH + _CHECKSUM_LENGTH}}}")
_SUPPLIED = re.compile(r"[\x21-\x7e]{8,512}")


def mint_key() -> str:
    """A new key. It is shown once and never stored."""
    body = _base62(int.from_bytes(secrets.token_bytes(_RANDOM_BYTES)), _BODY_LENGTH)
    return PREFIX + body + _checksum(body)


def is_well_formed(key: str) -> bool:
    """Whether the text could be a key at all. Only a whole one of ours is checked: others may begin with `ew_` too."""
    return is_minted(key) if _MINTED.fullmatch(key) else _SUPPLIED.fullmatch(key) is not None


def is_minted(key: str) -> bool:
    """Whether the text is a whole key of ours."""
    body = key[len(PREFIX) : -_CHECKSUM_LENGTH]
    return _MINTED.fullmatch(key) is not None and _checksum(body) == key[-_CHECKSUM_LENGTH:]


def hash_key(key: str) -> str:
    """What is stored of a key, and what names it in API Gateway: the SHA-256 in hexadecimal digits."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def key_hint(key: str) -> str:
    """What may be shown of a key, so that a person recognises it."""
    return f"{key[:6]}…{key[-4:]}" if len(key) > 24 else f"{key[:2]}…"


def _checksum(body: str) -> str:
    return _base62(crc32(body.encode("ascii")), _CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        digits = _ALPHABET[number % _BASE] + digits
        number //= _BASE
    return digits
