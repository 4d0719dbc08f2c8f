"""The key with which a person tries the local gateway: whole, its owner's alone, and one for all who start at once."""

from __future__ import annotations

import fcntl
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from gateway.access.keys import is_minted, mint_key
from gateway.storage.open import open_store
from gateway.storage.protocol import ItemType

from edgeway.local.development_key import development_key, ensure_development_key
from tests.loop import run
from tests.running import ROOT

FILE = "development-key"
STARTED = """
import sys
from edgeway.local.development_key import ensure_development_key
print("ready", flush=True)
sys.stdin.readline()
print(ensure_development_key(sys.argv[1], None))
"""
WHOLE = mint_key()


def setting(folder: Path) -> str:
    return f"sqlite:{folder}/edgeway.db"


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\n",
        b"ew_",
        b"short",
        WHOLE[:-1].encode(),
        WHOLE[:20].encode(),
        b"12345678",
        b"\xff\xfe\x00",
        b"ew_" + b"0" * 49,
    ],
    ids=["empty", "blank", "a-prefix", "short", "one-too-few", "cut", "guessable", "no-text", "mistyped"],
)
def test_a_file_without_a_whole_key_is_made_anew(written: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(written)
    made = ensure_development_key(setting(tmp_path), None)
    assert is_minted(made)
    assert development_key(tmp_path) == made == ensure_development_key(setting(tmp_path), None)
    with closing(open_store(setting(tmp_path))) as store:
        assert [item.attributes["name"] for item in run(store.scan(ItemType.KEY))] == ["development"]


def test_a_whole_key_is_kept(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(WHOLE + "\n")
    assert ensure_development_key(setting(tmp_path), None) == WHOLE


def test_folder_and_files_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    (tmp_path / f"{FILE}.new").touch()
    ensure_development_key(setting(folder), None)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_what_an_interrupted_start_has_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f"{FILE}.new").write_text("half a k")
    (tmp_path / f"{FILE}.new").chmod(0o644)
    made = ensure_development_key(setting(tmp_path), None)
    assert development_key(tmp_path) == made
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_a_start_waits_while_another_one_looks_for_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test holds the lock, as the other start; that one has made its key by the time it lets go."""
    waited: list[int] = []
    real = fcntl.flock
    with (tmp_path / f"{FILE}.lock").open("w") as others:
        real(others, fcntl.LOCK_EX)

        def flock(lock: int, operation: int) -> None:
            with pytest.raises(BlockingIOError):
                real(lock, operation | fcntl.LOCK_NB)
            waited.append(operation)
            (tmp_path / FILE).write_text(WHOLE)
            real(others, fcntl.LOCK_UN)
            real(lock, operation)

        monkeypatch.setattr(fcntl, "flock", flock)
        assert ensure_development_key(setting(tmp_path), None) == WHOLE
    assert waited == [fcntl.LOCK_EX]


@pytest.mark.parametrize("written", [None, "half a k"])
def test_two_first_starts_at_once_agree(written: str | None, tmp_path: Path) -> None:
    if written is not None:
        (tmp_path / FILE).write_text(written)
    command = [sys.executable, "-c", STARTED, setting(tmp_path)]
    starts = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for start in starts:
        assert start.stdout is not None
        assert start.stdout.readline() == "ready\n"
    for start in starts:
        assert start.stdin is not None
        start.stdin.write("go\n")
        start.stdin.flush()
    printed = {start.communicate(timeout=60)[0].strip() for start in starts}
    assert printed == {development_key(tmp_path)}
    with closing(open_store(setting(tmp_path))) as store:
        assert len(run(store.scan(ItemType.KEY))) == 1
