"""cfn-lint over the templates, as they are written and as SAM transforms them; `make validate` adds each case."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.template.cloud import NESTED, TEMPLATE, Template

CFN_LINT = Path(sys.executable).with_name("cfn-lint")


def test_cfn_lint_has_nothing_to_say(received: Template, tmp_path: Path) -> None:
    transformed = tmp_path / "template.json"
    transformed.write_text(json.dumps(received))
    templates = [TEMPLATE, *NESTED.values(), transformed]
    linted = subprocess.run([CFN_LINT, *templates], capture_output=True, text=True, check=False)
    assert (linted.stdout, linted.stderr, linted.returncode) == ("", "", 0)
