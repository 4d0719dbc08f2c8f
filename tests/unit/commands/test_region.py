"""Every command that works on AWS finds the stack, whichever way the operator has named its Region."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import boto3
import pytest
from typer.testing import Result

from edgeway.commands.callers import keys
from edgeway.commands.upstreams import providers
from tests.unit.aws import stacks

PROFILE = f"[profile edge]\nregion = {stacks.REGION}\n[default]\nregion = us-west-2\n"
WAYS: dict[str, Mapping[str, str]] = {
    "AWS_REGION alone": {"AWS_REGION": stacks.REGION},
    "AWS_DEFAULT_REGION alone": {"AWS_DEFAULT_REGION": stacks.REGION},
    "a profile alone": {"AWS_PROFILE": "edge"},
    "AWS_REGION first": {"AWS_REGION": stacks.REGION, "AWS_DEFAULT_REGION": "us-west-2"},
    "AWS_DEFAULT_REGION before a profile": {"AWS_DEFAULT_REGION": stacks.REGION, "AWS_PROFILE": "default"},
}


@pytest.fixture(params=[pytest.param(way, id=name) for name, way in WAYS.items()])
def table(request: pytest.FixtureRequest, stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The table of a stack, and an environment that says in one way where it is."""
    summary = boto3.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId="Table")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    config = tmp_path / "config"
    config.write_text(PROFILE)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    return str(summary["StackResourceDetail"]["PhysicalResourceId"])


def test_the_commands_find_the_stack(table: str, command: Callable[..., Result]) -> None:
    ran = command(providers.app, "set", "openai", "--stack", stacks.NAME, typed="sk-x")
    assert (ran.exit_code, ran.output.split()[0]) == (0, "/edge/providers/OPENAI_API_KEY")
    made = command(keys.app, "create", "--name", "ci", "--json", "--stack", stacks.NAME)
    assert made.exit_code == 0
    for place in (("--stack", stacks.NAME), ("--store", f"dynamodb:{table}")):
        listed = command(keys.app, "list", "--json", *place)
        assert [key["id"] for key in json.loads(listed.stdout)] == [json.loads(made.stdout)["id"]]
    ran = command(keys.app, "teardown", "--yes", "--stack", stacks.NAME)
    assert (ran.exit_code, ran.stdout) == (0, "Removed 1 keys, 1 API Gateway keys, 1 providers' keys.\n")
