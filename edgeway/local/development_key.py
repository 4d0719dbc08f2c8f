"""The key with which a person tries the local gateway: their own, or one that is made once and kept with the data."""

import asyncio
import time
from contextlib import closing, suppress
from pathlib import Path

from gateway.access.authentication import Authenticator
from gateway.access.key_records import KeyRegistry
from gateway.access.keys import hash_key, is_well_formed, mint_key
from gateway.storage.open import open_store
from gateway.storage.protocol import ConflictError
from translator.anthropic.errors import ApiError

NAME = "development"
_FILE = "development-key"


def ensure_development_key(store_setting: str, key: str | None) -> str:
    """The key to print, which the store knows and lets in. Raises ValueError for a text that cannot be one."""
    if key is not None and not is_well_formed(key):
        raise ValueError(
            "--key needs 8 to 512 visible ASCII characters; this one is none, or a key of ours that is mistyped"
        )
    file = data_folder(store_setting) / _FILE
    with closing(open_store(store_setting)) as store:
        registry = KeyRegistry(store, clock=time.time)
        if refusal := asyncio.run(_refusal(registry, key or _kept_key(file))):
            if key is not None:
                raise ValueError(f"--key: {refusal}")
            file.unlink()  # nobody can try anything with a key that has been revoked
            asyncio.run(_refusal(registry, _kept_key(file)))
        return key or _kept_key(file)


def development_key(folder: Path) -> str | None:
    """The key that was made in this data folder."""
    file = folder / _FILE
    return file.read_text(encoding="ascii").strip() if file.exists() else None


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


def _kept_key(path: Path) -> str:
    """The key in the file, which only its owner may read; made where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(mint_key(), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
