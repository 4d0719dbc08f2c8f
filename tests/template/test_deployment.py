"""How the stack gets to AWS: samconfig.toml and the workflow, held to the rest of the repository."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from edgeway.commands import doctor
from edgeway.commands.callers import keys
from edgeway.commands.upstreams import providers
from tests.template.cloud import ROOT, Template

COMMANDS = {
    "Doctor": (doctor.app, ("doctor",)),
    "FirstKey": (keys.app, ("keys", "create")),
    "ProviderKey": (providers.app, ("providers", "set")),
}
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"


def jobs() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    return parsed


def commands() -> Iterator[str]:
    for job in jobs().values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


def test_every_command_of_the_workflow_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for command in commands() if command.startswith("make ") for word in command.split()[1:]}
    assert named == {"sam-build", "validate"}
    assert named <= targets
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-central-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({}, "unset"),  # over a profile's, an empty one would go
    ],
)
def test_sam_is_told_the_region_where_it_looks(named: dict[str, str], expected: str) -> None:
    command = ["make", "--silent", "--eval", "region: ; @echo $${AWS_DEFAULT_REGION-unset}", "region"]
    environment = {"PATH": os.environ["PATH"], **named}
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert made.stdout == f"{expected}\n"


def test_only_the_job_that_deploys_gets_a_token_for_aws() -> None:
    may = {name: job.get("permissions", {}).get("id-token") for name, job in jobs().items()}
    assert may == {"check": None, "deploy": "write"}
    assert jobs()["deploy"]["needs"] == "check"


def test_samconfig_sets_parameters_that_the_template_has(written: Template) -> None:
    configured = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for environment in ("dev", "prod"):
        overrides = configured[environment]["deploy"]["parameters"]["parameter_overrides"].split()
        assert {override.partition("=")[0] for override in overrides} <= written["Parameters"].keys()
    capabilities = {configured[each]["deploy"]["parameters"]["capabilities"] for each in ("default", "dev", "prod")}
    assert capabilities == {"CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"}  # the second for stacks within a transformed one
    names = [configured[each]["global"]["parameters"]["stack_name"] for each in ("default", "dev", "prod")]
    assert names == ["edgeway", "edgeway-dev", "edgeway-prod"]


def test_every_action_is_one_commit_and_says_which_release() -> None:
    """A tag may be moved to other code, which would then run with the right to deploy."""
    uses = re.findall(r"uses: (.*)", WORKFLOW.read_text())
    assert len(uses) == sum("uses" in step for job in jobs().values() for step in job["steps"])
    assert [use for use in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", use)] == []


def texts(value: dict[str, Any]) -> list[str]:
    """What an output may be, with a domain and without."""
    return (
        [text for branch in value["Fn::If"][1:] for text in texts(branch)] if "Fn::If" in value else [value["Fn::Sub"]]
    )


def test_the_outputs_name_commands_that_there_are(written: Template) -> None:
    """What a person is told to type after a deployment, word by word but for the values."""
    typed = [(name, text) for name in COMMANDS for text in texts(written["Outputs"][name]["Value"])]
    assert [name for name, _ in typed] == ["Doctor", "Doctor", "FirstKey", "ProviderKey"]
    for name, text in typed:
        app, words = COMMANDS[name]
        edgeway, group, *rest = text.replace("YOUR_KEY", "KEY").split()
        assert (edgeway, group) == ("edgeway", words[0])
        command = get_command(app)
        for word in words[1:]:
            assert isinstance(command, TyperGroup)
            command = command.commands[word]
        assert rest[: len(words) - 1] == list(words[1:])
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= known
