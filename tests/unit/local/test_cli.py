from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_the_index_imports_no_command(arguments: list[str]) -> None:
    program = f"""
import sys
from edgeway.cli import main
sys.argv = ["edgeway", *{arguments!r}]
try:
    main()
except SystemExit:
    pass
print([name for name in sys.modules if name.startswith("edgeway.") and name != "edgeway.cli"])
"""
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "Run the gateway on this machine." in printed
    assert printed.splitlines()[-1] == "[]"


def test_a_command_is_imported_when_it_is_called() -> None:
    command = [sys.executable, "-m", "edgeway", "local", "--help"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "edgeway local [OPTIONS]" in printed
    assert "--install-completion" not in printed


@pytest.mark.parametrize("command", [["local", "--workers", "64"], ["serve", "--max-workers", "64"]])
def test_who_still_counts_workers_is_told_what_counts_now(command: list[str]) -> None:
    told = subprocess.run([sys.executable, "-m", "edgeway", *command], capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "--max-streams" in told.stderr
    assert "--processes" in told.stderr
