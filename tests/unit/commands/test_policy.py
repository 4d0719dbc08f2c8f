"""docs/command-line-policy.json allows what the command line calls on AWS, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from typer.testing import Result

from edgeway.commands.callers import keys
from edgeway.commands.upstreams import explain, providers
from edgeway.doctor.stack import examine_stack
from tests.running import ROOT
from tests.unit.aws import stacks
from tests.unit.doctor.test_stack import deployed, healthy

ACTIONS = {"ListObjectsV2": "ListBucket"}
"""Those of IAM that are named otherwise than their operation."""
FOR_TAGS = "apigateway:PUT"
"""Asked for where an API key is made with tags; no call of its own."""


def documented() -> set[str]:
    policy = json.loads((ROOT / "docs" / "command-line-policy.json").read_text())
    listed = [statement["Action"] for statement in policy["Statement"]]
    return {action for each in listed for action in (each if isinstance(each, list) else [each])}


def test_the_policy_is_what_the_commands_need(
    command: Callable[..., Result], stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: set[str] = set()
    s3 = boto3.client("s3")
    call = BaseClient._make_api_call

    def record(self: Any, operation: str, parameters: Any) -> Any:
        model = self.meta.service_model
        is_rest = model.service_name == "apigateway"  # whose actions are the methods of HTTP
        action = model.operation_model(operation).http["method"] if is_rest else ACTIONS.get(operation, operation)
        if self is not s3:  # which is the test's own
            called.add(f"{model.signing_name}:{action}")
        return call(self, operation, parameters)

    stacks.deploy("other", provider_keys=f"secretsmanager:/{stacks.NAME}/providers/", keeps_large_answers=True)
    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    words = (
        ("create", "--name", "ci", "--plan", "free"),
        ("list",),
        ("show", "ci"),
        ("update", "ci", "--plan", "standard"),
        ("rotate", "ci"),
        ("create", "--name", "own", "--key", "chosen-by-hand"),
        ("create", "--name", "own", "--key", "chosen-by-hand"),
        ("revoke", "own"),
    )
    for each in words:
        assert command(keys.app, *each, "--stack", stacks.NAME).exit_code == 0
    assert command(providers.app, "set", "openai", "--stack", stacks.NAME, typed="sk-x").exit_code == 0
    with monkeypatch.context() as patch:  # its function is none of moto's; the doctor below reads one
        patch.setattr(explain, "_variables_of", lambda _: {"OPENAI_API_KEY": "sk-x"})
        assert command(explain.app, "openai/gpt-5", "--stack", stacks.NAME).exit_code == 0
    assert command(keys.app, "teardown", "--stack", stacks.NAME, "--yes").exit_code == 0
    (bucket,) = s3.list_buckets()["Buckets"]
    made = json.loads(command(keys.app, "create", "--name", "evals", "--json", "--stack", "other").stdout)
    for key_id in (made["id"], "key_of_another"):
        s3.put_object(Bucket=bucket["Name"], Key=f"{key_id}/digest", Body=b"kept")
    assert command(keys.app, "revoke", "evals", "--stack", "other").exit_code == 0
    left = s3.list_objects_v2(Bucket=bucket["Name"])["Contents"]
    assert [each["Key"] for each in left] == ["key_of_another/digest"]
    for key in ("sk-x", "sk-y"):
        assert command(providers.app, "set", "openai", "--stack", "other", typed=key).exit_code == 0
    assert command(keys.app, "teardown", "--stack", "other", "--yes").exit_code == 0
    with deployed(healthy()) as examined:  # of which moto makes neither API nor functions
        assert {finding.verdict for finding in examine_stack(examined)} == {"passed"}
    assert called == documented() - {FOR_TAGS}
