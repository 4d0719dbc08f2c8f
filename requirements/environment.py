"""Makes a virtual environment of pinned packages; one that is half made, was moved or has other pins is made anew.

Any Python runs it, before anything is installed: it imports the standard library alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOGS: Final = ROOT / ".cache"
DESCRIBE: Final = "import sys, sysconfig; print(sys.prefix); print(sysconfig.get_config_var('EXT_SUFFIX'))"
"""Where its environment lies, and which compiled modules it takes."""

FETCHING: Final = frozenset(
    f"PIP_{name}"
    for name in (
        "CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL", "FIND_LINKS",
        "INDEX_URL", "KEYRING_PROVIDER", "NO_CACHE_DIR", "NO_INDEX", "PROXY", "RETRIES", "TIMEOUT", "TRUSTED_HOST",
    )
)  # fmt: skip
"""The variables of pip that say how packages are fetched. Others, as PIP_TARGET, would put them elsewhere."""
OVERRIDDEN: Final = {"PIP_USER": "0", "PIP_REQUIRE_HASHES": "0"}
"""Of a person's pip.conf: the first contradicts an environment, the second refuses the project itself."""


class UnmadeError(Exception):
    """A step has failed. The message is its last words."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment: its folder, its pins, and whether the project itself is installed in it."""

    folder: Path
    requirements: Path
    has_project: bool = False

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def log(self) -> Path:
        """What the tools say that make it."""
        return LOGS / f"{self.folder.name.lstrip('.')}.log"

    def is_ready(self, interpreter: str | None = None) -> bool:
        """Whether it was made to the end, here, of these pins; if an interpreter is named, for the like of it."""
        try:
            then = json.loads(self.stamp.read_text(encoding="utf-8"))
            if then != self.facts():
                return False
            return interpreter is None or described(interpreter)[1] == described(str(self.python))[1]
        except (OSError, ValueError, subprocess.SubprocessError):
            return False

    def make(self, interpreter: str, variables: Mapping[str, str]) -> None:
        """Make it anew. Raises UnmadeError."""
        if self.folder.is_symlink() or self.folder.is_file():  # what a link leads to is not ours to clear
            self.folder.unlink()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        self._run([interpreter, "-m", "venv", "--clear", str(self.folder)], variables)
        pip = [str(self.python), "-m", "pip"]
        variables = for_pip(variables)
        # --no-deps because an older pip lets a newer release of a pinned package in through an extra.
        install = [*pip, "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off", "--no-deps"]
        self._run([*install, "--require-hashes", "--requirement", str(self.requirements)], variables)
        if self.has_project:
            self._run([*install, "--no-build-isolation", "--editable", str(ROOT)], variables)
        self.stamp.write_text(json.dumps(self.facts()), encoding="utf-8")

    @property
    def stamp(self) -> Path:
        """The last file that is written."""
        return self.folder / ".ready"

    def facts(self) -> dict[str, object]:
        """What has to be as it was when it was made."""
        sources = [self.requirements, *([ROOT / "pyproject.toml"] if self.has_project else [])]
        pins = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
        return {"python": described(str(self.python)), "pins": pins}

    def _run(self, command: Sequence[str], variables: Mapping[str, str]) -> None:
        """Run a command; what it says goes into the log."""
        with self.log.open("ab") as log:
            begun = log.tell()
            ended = subprocess.run(  # noqa: S603 venv and pip
                command, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
            )
        if ended.returncode:
            lines = self.log.read_bytes()[begun:].decode(errors="replace").splitlines()
            raise UnmadeError("\n".join([line for line in lines if line.startswith("ERROR")][-3:] or lines[-9:]))


def described(interpreter: str) -> list[str]:
    """What an interpreter says of itself."""
    command = [interpreter, "-I", "-c", DESCRIBE]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603


def for_pip(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables without those that speak to pip of anything but fetching."""
    kept = {name: value for name, value in variables.items() if not name.startswith("PIP_") or name in FETCHING}
    return kept | OVERRIDDEN


def main() -> int:
    """Make the environment that the arguments name, unless it is ready."""
    parser = argparse.ArgumentParser(prog="environment.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--project", action="store_true", help="install the project itself too")
    parser.add_argument("--this-python", action="store_true", help="one of another Python is made anew")
    arguments = parser.parse_args()
    environment = Environment(arguments.folder, arguments.requirements, arguments.project)
    if environment.is_ready(sys.executable if arguments.this_python else None):
        return 0
    sys.stdout.write(f"Making {environment.folder}. It takes about a minute.\n")
    sys.stdout.flush()
    try:
        environment.make(sys.executable, os.environ)
    except KeyboardInterrupt:
        return 130
    except (UnmadeError, OSError) as error:
        sys.stderr.write(
            f"{environment.folder} could not be made:\n{error}\n\n"
            "No network? Packages come from PyPI; for a proxy or a mirror set HTTPS_PROXY or PIP_INDEX_URL.\n"
            f"Everything that was said is in {environment.log}. Then run the same command again.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
