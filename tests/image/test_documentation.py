"""docs/container.md: what it tells a person to write down is what the image and the functions take."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from typer.main import get_command

from edgeway.commands.serving import serve
from tests.running import ROOT
from tests.template.cases import cases
from tests.template.cloud import Template, of_type

TEXT = (ROOT / "docs" / "container.md").read_text()
POLICY, TASK = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
(CONTAINER,) = TASK["containerDefinitions"]


def permissions(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The statements, whatever they are of."""
    return [{name: value for name, value in statement.items() if name != "Resource"} for statement in statements]


def test_the_task_may_do_what_the_messages_function_may(received: Template) -> None:
    """And read the callers' keys, as the authorizer does; the providers' keys are parameters, and no secrets."""
    template = next(case for name, case in cases(received).items() if "KeysInSecretsManager" not in name.split("+"))
    roles = of_type(template, "AWS::IAM::Role")
    statements: list[dict[str, Any]] = []
    for name in ("AuthorizerFunctionRole", "MessagesFunctionRole"):
        (policy,) = roles[name]["Policies"]
        statements += policy["PolicyDocument"]["Statement"]
    assert permissions(POLICY["Statement"]) == permissions(statements)


def test_the_command_of_the_task_is_understood_and_fits_its_limits() -> None:
    name, *arguments = CONTAINER["command"]
    command = get_command(serve.app)
    with command.make_context(name, [*arguments, "--store", "dynamodb:edgeway"]) as context:
        assert context.params["idle_timeout"] == 4000
        assert context.params["drain"] + 6 <= CONTAINER["stopTimeout"] <= 120
    assert CONTAINER["portMappings"] == [{"containerPort": context.params["port"]}]


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)", TEXT)) - {"--stop-timeout"}))
def test_every_option_that_is_named_is_there(option: str) -> None:
    options = {name for parameter in get_command(serve.app).params for name in parameter.opts}
    assert option in options
