"""That the import contracts of pyproject.toml forbid what they say: each is broken on purpose, in a small copy."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("edgeway", "functions", "gateway", "streaming", "translator")

ONE_WAY = "imports go one way: functions -> gateway -> translator"
PURE = "the translator is pure: no IO, clock, randomness or logging"
ALONE = "the runtime stands alone"
DEPLOYED = "nothing that is deployed knows the operator's command line"


def broken_contracts(folder: Path, package: str, statement: str) -> list[str]:
    """The contracts that break where this package holds this one statement, and the others none."""
    for name in PACKAGES:
        module = folder / name / "__init__.py"
        module.parent.mkdir()
        module.write_text(statement if name == package else "")
    command = [str(LINT_IMPORTS), "--no-logo", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    linted = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )
    contracts = [line for line in linted.stdout.splitlines() if line.endswith((" KEPT", " BROKEN"))]
    assert len(contracts) == 4, linted.stdout + linted.stderr
    return [line.removesuffix(" BROKEN") for line in contracts if line.endswith(" BROKEN")]


@pytest.mark.parametrize(
    ("package", "statement", "broken"),
    [
        ("functions", "import gateway, streaming, translator", []),
        ("gateway", "import streaming, translator, httpx, os, time", []),
        ("translator", "import dataclasses, json, pydantic, re", []),
        ("gateway", "import functions", [ONE_WAY]),
        ("translator", "import gateway", [ONE_WAY, PURE]),
        ("translator", "import streaming", [PURE]),
        ("translator", "import logging", [PURE]),
        ("translator", "import os.path", [PURE]),
        ("translator", "from time import monotonic", [PURE]),
        ("translator", "def read():\n    import urllib.request", [PURE]),
        ("translator", "import httpx", [PURE]),
        ("streaming", "import translator", [ALONE]),
        ("gateway", "import edgeway", [DEPLOYED]),
    ],
)
def test_a_contract_breaks_where_it_should(tmp_path: Path, package: str, statement: str, broken: list[str]) -> None:
    assert broken_contracts(tmp_path, package, statement) == broken
