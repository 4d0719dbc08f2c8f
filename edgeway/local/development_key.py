"""Keeps the key for the local gateway: the person's own, or one that is made once."""

import asyncio
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from gateway.access.authentication import Authenticator
from gateway.access.key_records import KeyRegistry
from gateway.access.keys import hash_key, is_minted, is_well_formed, mint_key
from gateway.storage.open import open_store
from gateway.storage.protocol import ConflictError
from translator.anthropic.errors import ApiError

from edgeway.key_audit import AuditedKeys, login_name

NAME = "development"
_FILE = "development-key"


def ensure_development_key(store_setting: str, key: str | None) -> str:
    """The key to print, which the store knows and lets in. Raises ValueError for a text that cannot be one."""
    if key is not None and not is_well_formed(key):
        raise ValueError(
            "--key needs 8 to 512 visible ASCII characters; this one is none, or a key of ours that is mistyped. "
            "Copy it again, or leave --key out: a key is then made"
        )
    folder = data_folder(store_setting)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(open_store(store_setting)) as store:
        registry = AuditedKeys(store, clock=time.time, by=login_name())
        if key is not None:
            if refusal := asyncio.run(_refusal(registry, key)):
                raise ValueError(f"--key: {refusal}")
            return key
        with _alone(folder):
            kept = development_key(folder)
            if kept is None or not is_minted(kept):
                kept = _made_key(folder)
            if asyncio.run(_refusal(registry, kept)):  # nobody can try anything with a key that has been revoked
                kept = _made_key(folder)
                asyncio.run(_refusal(registry, kept))
            return kept


def development_key(folder: Path) -> str | None:
    """What the file in this data folder has as its key; None where it cannot be one."""
    try:
        kept = (folder / _FILE).read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return kept if is_well_formed(kept) else None


def data_folder(store_setting: str) -> Path:
    """The folder of an embedded store."""
    return Path(store_setting.partition(":")[2]).parent


async def _refusal(registry: KeyRegistry, key: str) -> str | None:
    """What callers with this key are told, if anything; a key that is not known is registered first."""
    if await registry.find(hash_key(key)) is None:
        with suppress(ConflictError):  # another process is starting, too
            await registry.register(key, NAME)
    try:
        await Authenticator(registry, clock=time.time).authenticate({"x-api-key": key})
    except ApiError as error:
        return error.message
    return None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process looks for the key: of two that start at once, one makes it and both print it."""
    lock = os.open(folder / f"{_FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _made_key(folder: Path) -> str:
    """A new key, in a file that only its owner may read and that nobody sees half written."""
    key, unfinished = mint_key(), folder / f"{_FILE}.new"
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / _FILE)
    return key
