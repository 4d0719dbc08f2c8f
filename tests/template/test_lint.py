"""cfn-lint over the template, as it is written and as SAM transforms it; `make validate` adds each case of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.cloud import TEMPLATE, Template

CFN_LINT = Path(sys.executable).with_name("cfn-lint")


@pytest.fixture(params=["written", "transformed"])
def template(request: pytest.FixtureRequest, received: Template, tmp_path: Path) -> Path:
    if request.param == "written":
        return TEMPLATE
    transformed = tmp_path / "template.json"
    transformed.write_text(json.dumps(received))
    return transformed


def test_cfn_lint_has_nothing_to_say(template: Path) -> None:
    linted = subprocess.run([CFN_LINT, template], capture_output=True, text=True, check=False)
    assert (linted.stdout, linted.stderr, linted.returncode) == ("", "", 0)
