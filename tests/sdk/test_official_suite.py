"""The official Python SDK's own tests of requests, without the gateway and with it: the same bytes arrive.

Its tests stand in the SDK's source distribution, which `make sdk-suite` fetches. Those of the asynchronous client send
the same requests once more, and are left out.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, running_gateway
from tests.upstreams.running import Received, running_claude

pytestmark = pytest.mark.sdk_suite

FETCHED = ROOT / ".cache" / "sdk-suite"
DIRECT, OPERATORS = "key-of-who-asks-directly", "key-of-the-operator"
TESTS = ("api_resources/test_messages.py", "api_resources/beta/test_messages.py")
HEADERS = ("anthropic-version", "anthropic-beta", "content-type")
FEWEST = 50
"""Tests that there are; fewer would mean that the suite has moved."""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder that holds the tests as a package, with a client of ours."""
    (source,) = FETCHED.glob("anthropic-*/tests")
    for name in ("__init__.py", "utils.py", "api_resources/__init__.py", "api_resources/beta/__init__.py", *TESTS):
        target = tmp_path / "tests" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name, target)
    shutil.copy(ROOT / "tests" / "sdk" / "official" / "conftest.py", tmp_path / "tests")
    return tmp_path


def run(suite: Path, url: str, key: str) -> str:
    """The last line of what it prints."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not Async", "tests"]
    variables = {"TEST_API_BASE_URL": url, "TEST_API_KEY": key, "PYTHONPATH": str(suite)}
    ran = subprocess.run(command, cwd=suite, env=variables, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:]
    return ran.stdout.rstrip().rpartition("\n")[2].partition(",")[0].partition(" in ")[0]


def said(request: Received) -> tuple[str | bytes | None, ...]:
    return request.path, request.body, *(request.headers.get(name) for name in HEADERS)


def messages(requests: list[Received]) -> list[tuple[str | bytes | None, ...]]:
    return [said(each) for each in requests if "count_tokens" not in each.path]


def test_every_request_of_the_official_suite_arrives_byte_for_byte(suite: Path) -> None:
    own = suite / "one-tenant.toml"
    own.write_text("one_tenant = true\n")  # the suite names containers and files
    with (
        running_claude() as stand_in,
        running_gateway(stand_in, **stand_in.environment(OPERATORS, EDGEWAY_CONFIG=str(own))) as gateway,
    ):
        passed = run(suite, stand_in.url, DIRECT)
        assert run(suite, gateway.url, gateway.key) == passed
        direct, through = stand_in.asked(DIRECT), stand_in.asked(OPERATORS)
    asked, wanted = messages(through), messages(direct)
    assert asked == wanted
    # Of the counts, a few a second are asked of Claude; the others are told by the gateway.
    assert {said(each) for each in through} <= {said(each) for each in direct}
    assert int(passed.split()[0]) >= FEWEST
    print(f"{passed}; {len(asked)} messages, all bytes alike")  # noqa: T201 a figure for docs/claude.md
