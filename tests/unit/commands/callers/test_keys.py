"""`edgeway keys` on a stack and on this machine: the same words, the same outcome."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoRegionError
from gateway.access.keys import hash_key
from gateway.storage.sqlite import SqliteStore
from typer.testing import Result

from edgeway.aws.failures import explain
from edgeway.aws.stack import PLAN_RESOURCES
from edgeway.commands import target
from edgeway.commands.callers.keys import app
from tests.unit.aws import stacks
from tests.unit.aws.stacks import api_keys

ON_STACK = ("--stack", stacks.NAME)
Run = Callable[..., Result]
Succeed = Callable[..., Any]


@pytest.fixture(params=["stack", "data"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The options that name a place, with nothing in it."""
    return f"--{request.param}", str(request.getfixturevalue(request.param))


@pytest.fixture
def run(command: Run) -> Run:
    return lambda *words, **options: command(app, *words, **options)


@pytest.fixture
def keys(run: Run) -> Succeed:
    """Runs `edgeway keys`, which must succeed, and returns what it printed as JSON, if it did."""

    def succeed(*words: str) -> Any:
        ran = run(*words)
        assert (ran.exit_code, ran.exception) == (0, None), ran.output
        return json.loads(ran.stdout) if "--json" in words else ran.stdout

    return succeed


def test_a_key_is_made_shown_listed_moved_and_revoked(keys: Succeed, place: tuple[str, str]) -> None:
    made = keys("create", "--name", "ci", "--owner", "team-a", "--plan", "free", "--model", "gpt-5", "--json", *place)
    assert made["key"].startswith("ew_")
    del made["key"]
    assert {name: made[name] for name in ("name", "owner", "plan", "allowed_models", "status")} == {
        "name": "ci",
        "owner": "team-a",
        "plan": "free",
        "allowed_models": ["gpt-5"],
        "status": "active",
    }
    keys("update", "ci", "--plan", "standard", "--owner", "team-b", *place)
    moved = {**made, "plan": "standard", "owner": "team-b"}
    assert keys("list", "--json", *place) == [moved]
    keys("revoke", made["id"], *place)
    keys("revoke", made["id"], *place)  # again is no harm
    assert keys("list", "--json", *place) == [{**moved, "status": "revoked"}]
    shown = keys("show", "ci", "--json", *place)
    del shown["api_gateway"]
    assert shown == {**moved, "status": "revoked"}


def test_api_gateway_learns_the_hash_and_never_the_key(keys: Succeed, stack: str) -> None:
    made = keys("create", "--name", "ci", "--plan", "free", "--json", *ON_STACK)
    assert api_keys() == {made["id"]: (hash_key(made["key"]), True, ["edge-free"])}
    keys("update", "ci", "--plan", "standard", *ON_STACK)
    assert api_keys() == {made["id"]: (hash_key(made["key"]), True, ["edge-standard"])}
    shown = keys("show", "ci", "--json", *ON_STACK)["api_gateway"]
    assert (shown["enabled"], shown["plans"]) == (True, ["standard"])
    keys("revoke", "ci", *ON_STACK)
    assert api_keys() == {made["id"]: (hash_key(made["key"]), False, ["edge-standard"])}


def test_a_key_without_a_plan_is_unlimited(keys: Succeed, stack: str) -> None:
    made = keys("create", "--name", "ci", "--json", *ON_STACK)
    assert [plans for _, _, plans in api_keys().values()] == [["edge-unlimited"]]
    assert made["plan"] == "unlimited"


def test_rotation_keeps_the_facts_and_gives_a_new_key(keys: Succeed, place: tuple[str, str]) -> None:
    facts = (
        "--name",
        "ci",
        "--owner",
        "me",
        "--plan",
        "free",
        "--model",
        "gpt-5",
        "--expires-days",
        "9",
        "--budget-day",
        "2.5",
    )
    old = keys("create", *facts, "--json", *place)
    new = keys("rotate", "ci", "--json", *place)
    kept = ("name", "owner", "plan", "allowed_models", "expires", "role", "budget_day_micro_dollars")
    assert [new[name] for name in kept] == [old[name] for name in kept]
    assert (new["key"] != old["key"], new["id"] != old["id"]) == (True, True)
    statuses = {record["id"]: record["status"] for record in keys("list", "--json", *place)}
    assert statuses == {old["id"]: "revoked", new["id"]: "active"}


def test_rotation_on_a_stack_disables_the_old_key(keys: Succeed, stack: str) -> None:
    old = keys("create", "--name", "ci", "--plan", "free", "--json", *ON_STACK)
    new = keys("rotate", "ci", "--json", *ON_STACK)
    assert api_keys() == {
        old["id"]: (hash_key(old["key"]), False, ["edge-free"]),
        new["id"]: (hash_key(new["key"]), True, ["edge-free"]),
    }


def test_an_overlap_lets_the_old_key_live_for_hours(keys: Succeed, place: tuple[str, str]) -> None:
    old = keys("create", "--name", "ci", "--json", *place)
    new = keys("rotate", "ci", "--overlap-hours", "2", "--json", *place)
    found = {record["id"]: record for record in keys("list", "--json", *place)}
    assert [found[each["id"]]["status"] for each in (old, new)] == ["active", "active"]
    assert (found[new["id"]]["expires"], 7000 < found[old["id"]]["expires"] - old["created"] < 7400) == (None, True)


def test_a_key_of_ones_own_is_registered_once_however_often(keys: Succeed, run: Run, place: tuple[str, str]) -> None:
    words = ("create", "--name", "ci", "--key", "chosen-by-hand", "--plan", "free", *place)
    assert keys(*words) == keys(*words) == "chosen-by-hand\n"
    assert len(keys("list", "--json", *place)) == 1
    other = run("create", "--name", "other", "--key", "chosen-by-hand", *place)
    assert (other.exit_code, "and has another name" in other.stderr) == (1, True)
    keys("revoke", "ci", *place)
    again = run(*words)
    assert (again.exit_code, "and is revoked" in again.stderr) == (1, True)


def test_limits_are_set_and_taken_away(keys: Succeed, run: Run, place: tuple[str, str]) -> None:
    free = keys("create", "--name", "ci", "--json", *place)
    keys("update", "ci", "--model", "gpt-5", "--expires-days", "1", *place)
    (limited,) = keys("list", "--json", *place)
    assert (limited["allowed_models"], 86_000 < limited["expires"] - free["created"] < 87_000) == (["gpt-5"], True)
    keys("update", "ci", "--all-models", "--never-expires", *place)
    (again,) = keys("list", "--json", *place)
    assert (again["allowed_models"], again["expires"]) == ([], None)
    assert run("update", "ci", "--all-models", "--model", "gpt-5", *place).exit_code == 2


def test_what_a_crash_left_half_done_is_completed(keys: Succeed, stack: str) -> None:
    made = keys("create", "--name", "ci", "--json", *ON_STACK)
    client = boto3.client("apigateway")
    client.delete_api_key(apiKey=client.get_api_keys()["items"][0]["id"])
    keys("update", "ci", *ON_STACK)
    assert api_keys() == {made["id"]: (hash_key(made["key"]), True, ["edge-unlimited"])}


def refuse(monkeypatch: pytest.MonkeyPatch, operation: str, *, code: str = "AccessDeniedException") -> None:
    """Let AWS refuse one operation from now on."""
    from botocore.client import BaseClient
    from botocore.exceptions import ClientError

    real = BaseClient._make_api_call

    def call(self: Any, name: str, parameters: Any) -> Any:
        if name == operation:
            message = f"User: x is not authorized to perform: apigateway:{name}"
            raise ClientError({"Error": {"Code": code, "Message": message}}, name)
        return real(self, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


def attach_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a call to attach a key arrive although its answer is a refusal, as where it is repeated on the way."""
    from botocore.client import BaseClient

    real = BaseClient._make_api_call

    def call(self: Any, name: str, parameters: Any) -> Any:
        made = real(self, name, parameters)
        if name == "CreateApiKey":
            (plan,) = [each["id"] for each in self.get_usage_plans()["items"] if each["name"] == "edge-unlimited"]
            real(self, "CreateUsagePlanKey", {"usagePlanId": plan, "keyId": made["id"], "keyType": "API_KEY"})
        return made

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


@pytest.mark.parametrize("operation", ["CreateApiKey", "CreateUsagePlanKey"])
def test_a_key_that_cannot_be_made_wholly_is_not_made(
    keys: Succeed, run: Run, stack: str, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    refuse(monkeypatch, operation)
    ran = run("create", "--name", "ci", *ON_STACK)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (
        3,
        "",
        f"These credentials may not call apigateway:{operation}. docs/deploy.md lists what the command line needs.\n",
    )
    assert (keys("list", "--json", *ON_STACK), api_keys()) == ([], {})


@pytest.mark.parametrize("place", ["elsewhere", "here"])
def test_a_conflict_is_only_well_where_the_key_is_in_its_plan(
    keys: Succeed, run: Run, stack: str, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """API Gateway says ConflictException of a call that was repeated, and of a key in another plan of the stage."""
    if place == "here":
        attach_first(monkeypatch)
    refuse(monkeypatch, "CreateUsagePlanKey", code="ConflictException")
    ran = run("create", "--name", "ci", *ON_STACK)
    assert (ran.exit_code, len(api_keys())) == ((3, 0) if place == "elsewhere" else (0, 1))


def test_a_key_that_cannot_be_moved_stays_in_its_plan(
    keys: Succeed, run: Run, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keys("create", "--name", "ci", "--plan", "free", "--json", *ON_STACK)
    refuse(monkeypatch, "DeleteUsagePlanKey")
    assert run("update", "ci", "--plan", "standard", *ON_STACK).exit_code == 3
    assert [record["plan"] for record in keys("list", "--json", *ON_STACK)] == ["free"]
    assert api_keys() == {made["id"]: (hash_key(made["key"]), True, ["edge-free"])}


def test_a_rotation_that_fails_leaves_the_old_key_as_it_was(
    keys: Succeed, run: Run, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = keys("create", "--name", "ci", "--json", *ON_STACK)
    refuse(monkeypatch, "UpdateApiKey")
    assert run("rotate", "ci", *ON_STACK).exit_code == 3
    assert [(record["id"], record["status"]) for record in keys("list", "--json", *ON_STACK)] == [(old["id"], "active")]
    assert api_keys() == {old["id"]: (hash_key(old["key"]), True, ["edge-unlimited"])}


def test_a_revocation_stands_even_where_api_gateway_cannot_be_told(
    keys: Succeed, run: Run, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys("create", "--name", "ci", *ON_STACK)
    refuse(monkeypatch, "UpdateApiKey")
    assert run("revoke", "ci", *ON_STACK).exit_code == 3
    assert [record["status"] for record in keys("list", "--json", *ON_STACK)] == ["revoked"]


@pytest.mark.parametrize("words", [("show",), ("update",), ("revoke",), ("rotate",)])
def test_a_key_that_is_not_there(run: Run, place: tuple[str, str], words: tuple[str, ...]) -> None:
    ran = run(*words, "nobody", *place)
    expected = "There is no key with the id or name 'nobody'. See: edgeway keys list\n"
    assert (ran.exit_code, ran.stderr) == (1, expected)


@pytest.mark.parametrize("words", [("show",), ("update",), ("revoke",), ("rotate",)])
def test_a_name_of_several_keys(keys: Succeed, run: Run, place: tuple[str, str], words: tuple[str, ...]) -> None:
    ids = [keys("create", "--name", "twins", "--json", *place)["id"] for _ in range(2)]
    ran = run(*words, "twins", *place)
    assert (ran.exit_code, sorted(ran.stderr.removesuffix(". Name one by its id.\n").split(": ")[1].split(", "))) == (
        1,
        sorted(ids),
    )


@pytest.mark.parametrize("words", [("update",), ("rotate",)])
def test_a_revoked_key_is_not_changed(keys: Succeed, run: Run, place: tuple[str, str], words: tuple[str, ...]) -> None:
    record = keys("create", "--name", "ci", "--json", *place)
    keys("revoke", "ci", *place)
    ran = run(*words, "ci", *place)
    assert (ran.exit_code, ran.stderr) == (
        1,
        f"{record['id']} (ci) has been revoked, for good. Make a new key.\n",
    )


def test_no_such_stack(run: Run, account: None) -> None:
    ran = run("list", "--stack", "nowhere")
    assert (ran.exit_code, ran.stderr) == (
        4,
        "There is no stack nowhere in eu-central-1. Deploy it with `make deploy`, or set AWS_REGION to where it is.\n",
    )


def test_no_region(run: Run, account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    ran = run("list", *ON_STACK)
    assert (ran.exit_code, ran.stderr) == (3, f"{explain(NoRegionError())}\n")


def test_a_stack_and_a_store_at_once(run: Run, data: Path) -> None:
    ran = run("list", *ON_STACK, "--data", str(data))
    assert (ran.exit_code, "EDGEWAY_STACK" in ran.stderr) == (2, True)


def test_without_a_stack_it_is_said_where_the_command_works(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgeway.commands.store_setting.data_directory", lambda _: data)
    ran = run("list", "--json")
    assert (ran.exit_code, ran.stdout) == (0, "[]\n")
    assert ran.stderr == (
        f"This works on the local gateway's own store, sqlite:{data}/edgeway.db. "
        "For a stack on AWS: --stack NAME, or export EDGEWAY_STACK=NAME.\n"
    )
    assert run("list", "--json", "--data", str(data)).stderr == ""


def test_a_data_folder_that_cannot_be_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = run("list", "--data", str(tmp_path / "file" / "data"))
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"The data folder cannot be used: {tmp_path}/file/data: Not a directory. Name another one: --data DIR\n"
    )


def test_a_data_folder_that_is_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = run("list", "--data", str(tmp_path / "file"))
    assert (ran.exit_code, "Invalid value for '--data'" in ran.stderr) == (2, True)


def test_a_plan_that_there_is_not(run: Run, data: Path) -> None:
    ran = run("create", "--name", "ci", "--plan", "gold", "--data", str(data))
    assert (ran.exit_code, all(plan in ran.stderr for plan in PLAN_RESOURCES)) == (2, True)


def test_teardown_removes_what_was_made_and_nothing_else(keys: Succeed, stack: str) -> None:
    boto3.client("apigateway").create_api_key(name="of-nobody", value="3" * 64)
    ssm = boto3.client("ssm")
    for name in ("/edge/providers/OPENAI_API_KEY", "/edge/other", "/edges/providers/OPENAI_API_KEY"):
        ssm.put_parameter(Name=name, Value="x", Type="SecureString")
    keys("create", "--name", "first", *ON_STACK)
    keys("create", "--name", "second", *ON_STACK)
    assert keys("teardown", *ON_STACK, "--yes") == "Removed 2 keys, 2 API Gateway keys, 1 providers' keys.\n"
    assert keys("list", "--json", *ON_STACK) == []
    assert list(api_keys()) == ["of-nobody"]
    left = [parameter["Name"] for parameter in ssm.describe_parameters()["Parameters"]]
    assert left == ["/edge/other", "/edges/providers/OPENAI_API_KEY"]


@pytest.mark.parametrize("is_deleted", [False, True])
def test_teardown_removes_secrets_too(keys: Succeed, account: None, *, is_deleted: bool) -> None:
    stacks.deploy(provider_keys=f"secretsmanager:/{stacks.NAME}/providers/")
    secrets = boto3.client("secretsmanager")
    for name in ("/edge/providers/OPENAI_API_KEY", "/edge/other", "/edges/providers/OPENAI_API_KEY"):
        secrets.create_secret(Name=name, SecretString="x")
    if is_deleted:
        boto3.client("cloudformation").delete_stack(StackName=stacks.NAME)
    assert keys("teardown", *ON_STACK, "--yes") == "Removed 0 keys, 0 API Gateway keys, 1 providers' keys.\n"
    left = [secret["Name"] for secret in secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]]
    assert left == ["/edge/other", "/edges/providers/OPENAI_API_KEY"]


def test_teardown_after_the_stack_has_been_deleted(keys: Succeed, stack: str) -> None:
    keys("create", "--name", "first", *ON_STACK)
    boto3.client("cloudformation").delete_stack(StackName=stacks.NAME)
    assert keys("teardown", *ON_STACK, "--yes") == "Removed 0 keys, 1 API Gateway keys, 0 providers' keys.\n"
    assert api_keys() == {}


def test_the_store_is_closed_while_the_loop_lives_to_which_its_connections_belong(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []

    class Watched(SqliteStore):
        def close(self) -> None:
            closed.append(loop.is_closed())
            super().close()

    monkeypatch.setattr(target, "open_store", lambda setting: Watched(f"{data}/edgeway.db", clock=time.time))
    with target.open_target(None, None, data) as opened:
        loop = opened.runner.get_loop()
    assert closed == [False]


@pytest.mark.parametrize("words", [("create", "--name", "ci"), ("update", "ci")])
@pytest.mark.parametrize("model", ["", " ", "gpt-5\n", "\x1b[2J"])
def test_a_limit_to_no_model_does_not_become_none(run: Run, data: Path, words: tuple[str, ...], model: str) -> None:
    """The context of the authorizer would tell the functions of no limit."""
    ran = run(*words, "--model", model, "--data", str(data))
    assert (ran.exit_code, "give at least one character" in ran.stderr) == (2, True)


@pytest.mark.parametrize("name", ["", "\n", "two\nlines"])
def test_a_name_that_cannot_be_read(run: Run, data: Path, name: str) -> None:
    assert run("create", "--name", name, "--data", str(data)).exit_code == 2


def test_teardown_asks_first(run: Run, keys: Succeed, stack: str) -> None:
    keys("create", "--name", "first", *ON_STACK)
    assert run("teardown", *ON_STACK, typed="n\n").exit_code == 1
    assert len(api_keys()) == 1


def test_no_command_on_this_machine_loads_boto3(data: Path) -> None:
    program = f"""
import sys
from edgeway.cli import main
sys.argv = ["edgeway", "keys", "create", "--name", "ci", "--data", {str(data)!r}]
try:
    main()
except SystemExit as end:
    print(end.code, [name for name in ("boto3", "botocore") if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0 []"
