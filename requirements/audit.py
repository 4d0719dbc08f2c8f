"""Asks for known vulnerabilities of what is deployed, through pip-audit. What nobody could say is no good news.

pip-audit exits with 0 where a package index knows no advisories, as a mirror does: then it has looked at nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

PINS: Final = ("layers/vendor/requirements.txt", "requirements/container.txt")
FOUND, UNKNOWN = 1, 2


def verdict(printed: str) -> tuple[int, list[str]]:
    """The exit status, and what to say, of what pip-audit printed as JSON."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(printed)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return UNKNOWN, ["no advisory data could be reached: nothing was audited"]
    known = [
        f"{each['name']} {each['version']}: {advisory['id']}"
        for each in dependencies
        for advisory in each.get("vulns", ())
    ]
    skipped = [f"{each['name']}: {each['skip_reason']}" for each in dependencies if "skip_reason" in each]
    if known:
        return FOUND, known
    if skipped or not dependencies:
        return UNKNOWN, [*skipped, f"{len(skipped)} packages could not be audited"]
    return 0, [f"{len(dependencies)} packages, no known vulnerability"]


def main(pip_audit: str) -> int:
    """Audit all that is deployed."""
    files = [word for file in PINS for word in ("-r", file)]
    command = [pip_audit, "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off", *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own pins
    status, lines = verdict(ran.stdout)
    sys.stdout.write("\n".join(lines) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
