"""The two commands of the README: what make passes on, what it refuses, and that CI runs them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.running import ROOT


def dry_run(*arguments: str, **variables: str) -> str:
    """The last command that make would run."""
    environment = {"PATH": os.environ["PATH"], **variables}
    command = ["make", "--dry-run", "--no-print-directory", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return re.sub(" +", " ", done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("arguments", "variables", "started"),
    [
        ([], {}, ""),
        (["PORT=3005"], {}, ' --port "3005"'),
        ([], {"PORT": "3005"}, ' --port "3005"'),
        (["HOST=0.0.0.0"], {}, ' --host "0.0.0.0"'),
        ([], {"HOST": "x86_64-conda-linux-gnu"}, ""),
        ([], {"PYTHONHOME": "/missing", "PYTHONPATH": "/missing"}, ""),
        (["PORT=0", "ARGS=--model smollm2"], {}, ' --port "0" --model smollm2'),
    ],
)
def test_make_run_takes_a_port_a_host_and_arguments(
    arguments: list[str], variables: dict[str, str], started: str
) -> None:
    assert dry_run("run", *arguments, PWD=str(ROOT), **variables).rstrip() == (
        f'exec env EDGEWAY_STARTED_BY="make run" .venv/bin/edgeway local{started}'
    )


def test_make_run_knows_from_where_it_was_called(tmp_path: Path) -> None:
    assert dry_run("run", PWD=str(tmp_path)).startswith(f"exec env EDGEWAY_STARTED_BY=\"make -C '{ROOT}' run\" ")


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for target in ("setup", "run", "sam-setup"):
        command = ["make", f"PYTHON={old}", target]
        environment = {"PATH": os.environ["PATH"]}  # without what an outer make says to an inner one
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines()[0] == (
            f"Edgeway needs Python 3.11 or later: {old} is not that. Install it, or name it:"
            f" make PYTHON=/path/to/python3.13 {target}"
        )


def test_ci_runs_the_two_commands_of_the_readme_as_on_a_new_machine() -> None:
    readme = (
        (ROOT / "README.md").read_text().partition("## Two commands")[2].partition("```sh\n")[2].partition("```")[0]
    )
    commands = [line.partition("#")[0].strip() for line in readme.splitlines()]
    run_in_ci = re.findall(r'"\$\{new_machine\[@\]\}" (make \w+)', (ROOT / ".ci" / "run").read_text())
    assert (commands, run_in_ci) == (["make run", "make test"], ["make run", "make test"])
