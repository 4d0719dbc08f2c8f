"""cfn-lint over the template; it knows the resources, and none of what SAM adds, which the other tests hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.template.cloud import TEMPLATE

CFN_LINT = Path(sys.executable).with_name("cfn-lint")


def test_cfn_lint_has_nothing_to_say() -> None:
    linted = subprocess.run([CFN_LINT, TEMPLATE], capture_output=True, text=True, check=False)
    assert (linted.stdout, linted.stderr, linted.returncode) == ("", "", 0)
