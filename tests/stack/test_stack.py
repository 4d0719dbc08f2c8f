"""`sam deploy` of what is built, on an emulator of AWS, and docs/deploy.md walked through, command by command."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

import pytest

from tests.running import EDGEWAY, ROOT
from tests.stack.emulator import ARCHITECTURE, NAME, Account, a_key, complete, running_account
from tests.template.cloud import received

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

HELLO = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello"}]}
NOT_RUN = {
    "export": "for a person's shell",
    "claude": "asks for a model, and so for streaming",
    "doctor": "examines streaming and gateway responses, which the emulator lacks; what it reads is looked at below",
}
"""What stands on the page and is not run here, with the reason."""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running_account(tmp_path_factory.mktemp("account")) as account:
        yield account


def page() -> list[str]:
    """The commands of docs/deploy.md, in their order, without remarks."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / "deploy.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def typed_by_a_person(line: str, account: Account) -> None:
    """Run one line of the page. `make deploy` asks, and is answered with the defaults that stand in samconfig.toml."""
    words = shlex.split(line)
    if words == ["make", "deploy"]:
        ran = account.deploy()
        complete(account)
    elif words[0].endswith("/sam"):
        assert words[1:] == ["delete", "--stack-name", NAME]
        account.delete()
        return
    elif "<" in words:
        ran = account.run(words[: words.index("<")], typed=a_key())
    else:
        ran = account.run(words, typed=a_key() if "set" in words else "y\n")
    assert ran.returncode == 0, (line, ran.stdout[-2000:], ran.stderr[-2000:])


def test_the_page_is_walked_through(account: Account) -> None:
    """What it says a person sees is looked at where it says so."""
    commands = page()
    assert [line for line in commands if shlex.split(line)[0] == "make"] == ["make deploy"]
    for line in commands:
        words = shlex.split(line)
        name = words[1] if words[0].endswith("/edgeway") else words[0]
        if name in NOT_RUN:
            continue
        typed_by_a_person(line, account)
        LOOK.get(f"{name} {words[2]}" if name == "keys" else name, nothing)(account)


def nothing(_account: Account) -> None:
    """There is nothing more to see."""


def after_deploying(account: Account) -> None:
    made = account.client("cloudformation").list_stack_resources(StackName=NAME)["StackResourceSummaries"]
    assert {each["ResourceStatus"] for each in made} == {"CREATE_COMPLETE"}
    template = received()
    expected = {
        name
        for name, resource in template["Resources"].items()
        if resource.get("Condition", "SetsApiGatewayLogsRole") in DEFAULTS and not name.startswith(HASHED)
    }
    assert {each["LogicalResourceId"] for each in made} >= expected
    assert len(expected) > 30
    assert account.ask("GET", "/", {}) == (200, {"status": "ok", "service": "edgeway"})
    status, answer = account.ask("GET", "/v1/models", {"x-api-key": "nobodys-key"})
    assert status in (401, 403), answer
    after_the_doctor_has_read_it(account)


def after_the_doctor_has_read_it(account: Account) -> None:
    """All but what the emulator does not keep of the template, and what is asked for with a key."""
    ran = account.run([EDGEWAY, "doctor", "--stack", NAME, "--json"])
    found = {each["check"]: each["verdict"] for each in json.loads(ran.stdout)["findings"]}
    assert {check for check, verdict in found.items() if verdict == "failed"} == {
        "the stage has an access log",
        "the authorizer says which key it is",
        "POST /v1/messages streams",
    }
    assert (ran.returncode, len(found), found["MessagesFunction has its layers"]) == (1, 13, "passed")


def after_a_provider_has_its_key(account: Account) -> None:
    found = account.client("ssm").get_parameters_by_path(Path=f"/{NAME}/providers")["Parameters"]
    assert {each["Type"] for each in found} == {"SecureString"}


def after_a_key_is_made(account: Account) -> None:
    key = account.edgeway("keys", "create", "--stack", NAME, "--name", "another", "--plan", "free").split()[0]
    listed = json.loads(account.edgeway("keys", "list", "--stack", NAME, "--json"))
    assert [(each["name"], each["plan"]) for each in listed] == [("me", "standard"), ("another", "free")]
    for headers in ({"x-api-key": key}, {"authorization": f"Bearer {key}"}):
        status, models = account.ask("GET", "/v1/models?limit=1000", headers)
        assert status == 200, models
        assert {model["id"].partition("/")[0] for model in models["data"]} >= {"openai", "google"}
        status, counted = account.ask("POST", "/v1/messages/count_tokens", headers, HELLO)
        assert (status, counted["input_tokens"] > 0) == (200, True), counted
    account.edgeway("keys", "revoke", "another", "--stack", NAME)


def after_teardown(account: Account) -> None:
    assert account.client("apigateway").get_api_keys()["items"] == []
    assert account.client("ssm").get_parameters_by_path(Path=f"/{NAME}/providers")["Parameters"] == []
    assert json.loads(account.edgeway("keys", "list", "--stack", NAME, "--json")) == []


def after_deleting(account: Account) -> None:
    stacks = account.client("cloudformation").list_stacks()["StackSummaries"]
    assert [each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"] == [
        "aws-sam-cli-managed-default"
    ]
    tables = account.client("dynamodb").list_tables()["TableNames"]
    assert len(tables) == 1, "usage stays"


DEFAULTS = {"RunsOnArm" if ARCHITECTURE == "arm64" else "RunsOnIntel", "SetsApiGatewayLogsRole"}
HASHED = ("ApiDeployment", "RuntimeLayer", "TranslatorLayer", "GatewayLayer", "Vendor")
"""Whose names depend on what was built."""
LOOK = {
    "make": after_deploying,
    "providers": after_a_provider_has_its_key,
    "keys create": after_a_key_is_made,
    "keys teardown": after_teardown,
    ".venv-sam/bin/sam": after_deleting,
}


def test_a_second_deployment_finds_nothing_in_its_way(account: Account) -> None:
    """The table of the first is still there. (By the emulator's rule for names, it is also that of the second.)"""
    ran = account.deploy()
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
