"""docs/container.md: what it tells a person to write down is what the image and the functions take."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from typer.main import get_command

from edgeway.commands import serve
from tests.running import ROOT
from tests.template.cloud import Template, of_type

TEXT = (ROOT / "docs" / "container.md").read_text()
POLICY, TASK = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
(CONTAINER,) = TASK["containerDefinitions"]


def permissions(statements: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """The effect and the actions of each statement."""
    actions = [statement["Action"] for statement in statements]
    listed = [action if isinstance(action, list) else [action] for action in actions]
    return [(statement["Effect"], action) for statement, action in zip(statements, listed, strict=True)]


def test_the_task_may_do_what_the_messages_function_may(received: Template) -> None:
    (policy,) = of_type(received, "AWS::IAM::Role")["MessagesFunctionRole"]["Policies"]
    assert permissions(POLICY["Statement"]) == permissions(policy["PolicyDocument"]["Statement"])


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
