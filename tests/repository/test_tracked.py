"""A clone has what git tracks and nothing else: every file of it must be of use there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repository.tracked import faults, git
from tests.running import ROOT

GENERATED = (
    ".aws-sam", ".cache", ".coverage", ".coverage.host.1", ".hypothesis", ".import_linter_cache", ".mypy_cache",
    ".pytest_cache", ".ruff_cache", ".venv", ".venv-sam", "__pycache__", "build", "dist", "edgeway.egg-info",
    "module.pyc", "module.so", "node_modules",
)  # fmt: skip
"""Names that tools give to what they make here."""


def test_every_tracked_file_is_of_use_in_another_clone() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git here: an unpacked archive does not say what is tracked")
    assert faults(ROOT) == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("of use\n")
    return tmp_path


def tracked(repository: Path) -> list[str]:
    git(repository, "add", "--force", "--all")
    return faults(repository)


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("folder/file", None),
        ("folder", None),
        (".", None),
        ("folder/../folder/./file", None),
        ("/etc/hosts", "is an absolute link, to /etc/hosts"),
        ("../elsewhere", "leads out of the tree, to ../elsewhere"),
        ("folder/../../elsewhere", "leads out of the tree, to ../elsewhere"),
        ("folder/missing", "leads to folder/missing, which is not tracked"),
        ("link", "leads to itself"),
        ("link/deeper", "leads to itself"),
    ],
)
def test_a_link(target: str, fault: str | None, repository: Path) -> None:
    (repository / "link").symlink_to(target)
    assert tracked(repository) == ([] if fault is None else [f"link: {fault}"])


def test_a_link_to_what_only_this_machine_has(repository: Path) -> None:
    (repository / "link").symlink_to("folder/made")
    git(repository, "add", "--all")
    (repository / "folder" / "made").touch()
    assert faults(repository) == ["link: leads to folder/made, which is not tracked"]


def test_a_link_is_followed_through_others(repository: Path) -> None:
    (repository / "folder" / "inner").symlink_to("../linked")
    (repository / "linked").symlink_to("folder")
    (repository / "through").symlink_to("linked/inner/file")
    (repository / "away").symlink_to("linked/../../elsewhere")
    (repository / "nowhere").symlink_to("linked/missing")
    assert tracked(repository) == [
        "away: leads out of the tree, to ../elsewhere",
        "nowhere: leads to folder/missing, which is not tracked",
    ]


@pytest.mark.parametrize("name", GENERATED)
@pytest.mark.parametrize("below", [".", "folder"])
def test_what_tools_make(name: str, below: str, repository: Path) -> None:
    """As a file, as a link and as a folder: `.venv/` in .gitignore is not a link named .venv."""
    path = Path(below, name)
    (repository / path).touch()
    assert tracked(repository) == [f"{path}: is ignored by .gitignore"]
    (repository / path).unlink()
    (repository / path).symlink_to("file" if below == "folder" else "folder")
    assert tracked(repository) == [f"{path}: is ignored by .gitignore"]
    (repository / path).unlink()
    (repository / path).mkdir()
    (repository / path / "file").touch()
    assert tracked(repository) == [f"{path}/file: is ignored by .gitignore"]
