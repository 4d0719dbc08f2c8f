"""`make setup`: what is made, when it is made anew, and what a person reads when it fails."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from requirements.environment import Environment
from tests.running import ROOT

pytestmark = pytest.mark.timeout(600)  # ensurepip writes a thousand files, on a machine that may be busy

WHEEL = "pinned-1.0-py3-none-any.whl"
FILES = {
    "pinned.py": "VALUE = 1\n",
    "pinned-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: pinned\nVersion: 1.0\n",
    "pinned-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "pinned-1.0.dist-info/RECORD": "",
}
NOBODY = "http://127.0.0.1:9/simple"  # the port of the discard service, at which nothing listens


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of one pinned package, in a folder with a space in its name, and the wheel of that package."""
    folder = tmp_path_factory.mktemp("check out")
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "environment.py", folder / "requirements")
    (folder / "wheels").mkdir()
    with zipfile.ZipFile(folder / "wheels" / WHEEL, "w") as wheel:
        for name, content in FILES.items():
            wheel.writestr(name, content)
    digest = hashlib.sha256((folder / "wheels" / WHEEL).read_bytes()).hexdigest()
    (folder / "requirements" / "pins.txt").write_text(f"pinned==1.0 --hash=sha256:{digest}\n")
    return folder


def run(checkout: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "requirements/environment.py", ".venv", "requirements/pins.txt", *options]
    environment = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, **variables}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def made(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Made in spite of a home that is not there, and of settings that would put packages elsewhere or take none."""
    configuration = checkout / "pip.conf"
    wheels = tmp_path_factory.mktemp("wheels")  # pip divides its links at spaces
    shutil.copy(checkout / "wheels" / WHEEL, wheels)
    configuration.write_text(f"[global]\nuser = true\nno-index = true\nrequire-hashes = true\nfind-links = {wheels}\n")
    return run(
        checkout,
        HOME="/nonexistent",
        PIP_CONFIG_FILE=str(configuration),
        PIP_TARGET=str(checkout / "elsewhere"),
        PIP_CONSTRAINT=str(checkout / "missing.txt"),
        PIP_NO_BINARY=":all:",
    )


def test_it_says_one_line_and_what_is_pinned_is_there(made: subprocess.CompletedProcess[str], checkout: Path) -> None:
    assert (made.returncode, made.stdout, made.stderr) == (0, "Making .venv. It takes about a minute.\n", "")
    command = [str(checkout / ".venv" / "bin" / "python"), "-c", "import pinned; print(pinned.VALUE)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"
    assert not (checkout / "elsewhere").exists()
    assert "Successfully installed pinned-1.0" in (checkout / ".cache" / "venv.log").read_text()


def test_one_that_is_ready_is_left_alone(made: subprocess.CompletedProcess[str], checkout: Path) -> None:
    again = run(checkout, "--this-python", PIP_INDEX_URL=NOBODY)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """One as it was made, but for packages; to be damaged."""
    (tmp_path / "pins.txt").write_text("pinned==1.0\n")
    environment = Environment(tmp_path / ".venv", tmp_path / "pins.txt")
    venv.create(environment.folder, symlinks=True, with_pip=False)
    environment.stamp.write_text(json.dumps(environment.facts()))
    return environment


def test_it_is_ready_as_it_was_made(environment: Environment) -> None:
    assert (environment.is_ready(), environment.is_ready(sys.executable)) == (True, True)


def test_one_that_was_interrupted_is_not_ready(environment: Environment) -> None:
    environment.stamp.unlink()
    assert not environment.is_ready()


def test_one_whose_end_was_not_written_is_not_ready(environment: Environment) -> None:
    environment.stamp.write_text("")
    assert not environment.is_ready()


def test_one_whose_python_was_removed_is_not_ready(environment: Environment) -> None:
    environment.python.unlink()
    environment.python.symlink_to("/opt/removed/python3")
    assert not environment.is_ready()


def test_one_whose_python_does_not_run_is_not_ready(environment: Environment) -> None:
    environment.python.unlink()
    environment.python.symlink_to(shutil.which("true") or "true")
    assert not environment.is_ready()


def test_one_that_was_moved_is_not_ready(environment: Environment, tmp_path: Path) -> None:
    moved = environment.folder.rename(tmp_path / "moved")
    assert not Environment(moved, environment.requirements).is_ready()


def test_one_of_other_pins_is_not_ready(environment: Environment) -> None:
    with environment.requirements.open("a") as pins:
        pins.write("# another\n")
    assert not environment.is_ready()


def test_one_of_another_python_is_not_ready_where_that_is_named(environment: Environment, tmp_path: Path) -> None:
    """Another by its compiled modules: here a script that answers as one would."""
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\nprintf '/usr\\n.cpython-399-x86_64-linux-gnu.so\\n'\n")
    other.chmod(0o755)
    assert (environment.is_ready(), environment.is_ready(str(other))) == (True, False)


def test_without_a_network_it_says_what_to_do(checkout: Path, tmp_path: Path) -> None:
    """In the place of a link: what that leads to is not ours to clear."""
    (tmp_path / "theirs").touch()
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    (checkout / ".venv").symlink_to(tmp_path)
    done = run(checkout, PIP_INDEX_URL=NOBODY, PIP_RETRIES="0", NO_PROXY="*")
    assert (done.returncode, done.stdout) == (1, "Making .venv. It takes about a minute.\n")
    assert done.stderr == (
        ".venv could not be made:\n"
        "ERROR: Could not find a version that satisfies the requirement pinned==1.0 (from versions: none)\n"
        "ERROR: No matching distribution found for pinned==1.0\n"
        "\n"
        "No network? Packages come from PyPI; for a proxy or a mirror set HTTPS_PROXY or PIP_INDEX_URL.\n"
        f"Everything that was said is in {checkout}/.cache/venv.log. Then run the same command again.\n"
    )
    assert f"Looking in indexes: {NOBODY}" in (checkout / ".cache" / "venv.log").read_text()
    assert (checkout / ".venv" / "bin" / "python").exists()
    assert not (checkout / ".venv" / ".ready").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["theirs"]
