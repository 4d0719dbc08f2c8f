"""Names where the providers' keys lie on AWS, and the calls that read them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.aws.types import SECRETS_MANAGER, SYSTEMS_MANAGER, Service

_IN_SECRETS_MANAGER = "secretsmanager:"
"""What EDGEWAY_PROVIDER_KEYS begins with where the keys are secrets; else it is a path in Parameter Store."""


class Listing(NamedTuple):
    """A paged call that returns names, with or without their values."""

    operation: str
    parameters: Mapping[str, Any]
    items: str
    value: str = ""
    """The member of an item that holds the value; empty where there is none."""


class Place(NamedTuple):
    """The place of the keys: one entry for each variable, named like the variable, below one path."""

    service: Service
    path: str
    one: str
    """The word for one entry in a message."""
    values: Listing
    names: Listing


def place_of(setting: str) -> Place:
    """Return the place that EDGEWAY_PROVIDER_KEYS names: `/path/` or `secretsmanager:/path/`."""
    path = setting.removeprefix(_IN_SECRETS_MANAGER).rstrip("/")
    if setting.startswith(_IN_SECRETS_MANAGER):
        beginning = {"Filters": [{"Key": "name", "Values": [f"{path}/"]}]}
        return Place(
            service=SECRETS_MANAGER,
            path=path,
            one="the secret",
            values=Listing("BatchGetSecretValue", beginning, "SecretValues", "SecretString"),
            names=Listing("ListSecrets", beginning, "SecretList"),
        )
    below = {"ParameterFilters": [{"Key": "Path", "Option": "OneLevel", "Values": [path]}]}
    return Place(
        service=SYSTEMS_MANAGER,
        path=path,
        one="the SSM parameter",
        values=Listing("GetParametersByPath", {"Path": path, "WithDecryption": True}, "Parameters", "Value"),
        names=Listing("DescribeParameters", below, "Parameters"),
    )
