"""Reads the variables with which a deployed stack resolves model names."""

from __future__ import annotations

from typing import Any

from gateway.aws.provider_keys import UNREAD
from gateway.aws.region import REGION_VARIABLES

from edgeway.aws.provider_keys import names_of_provider_keys
from edgeway.aws.stack import NoSuchStackError, Stack

FUNCTION = "MessagesFunction"
"""Its logical id in template.yaml."""


def deployed_variables(functions: Any, stack: Stack) -> dict[str, str]:
    """Return the variables of the messages function, and those of the providers' keys that are stored for the stack.

    The value of a key is `UNREAD`: only its name is asked for. `functions` is boto3's client of Lambda. Raises
    `NoSuchStackError` where the function is missing.
    """
    name = stack.resources.get(FUNCTION)
    if not name:
        raise NoSuchStackError(
            f"The stack {stack.name} has no {FUNCTION}: it is not finished. "
            "Deploy it again, or name another: --stack NAME."
        )
    found = functions.get_function_configuration(FunctionName=name)
    own = {name: str(value) for name, value in found.get("Environment", {}).get("Variables", {}).items() if value}
    stored = [name.rpartition("/")[2] for name in names_of_provider_keys(stack.provider_keys)]
    region = dict.fromkeys(REGION_VARIABLES, functions.meta.region_name)  # Lambda sets it by itself
    return dict.fromkeys(stored, UNREAD) | region | own
