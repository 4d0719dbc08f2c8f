"""The keys of the providers where the functions read them: in SSM Parameter Store, or in Secrets Manager."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from gateway.aws.boto3_client import open_boto3_client
from gateway.aws.key_places import place_of
from gateway.aws.types import SECRETS_MANAGER


def put_provider_key(setting: str, variable: str, key: str) -> str:
    """Write a key, also over an older one, and return its name. `setting` is EDGEWAY_PROVIDER_KEYS."""
    place = place_of(setting)
    client = open_boto3_client(place.service.name)
    name = f"{place.path}/{variable}"
    if place.service is SECRETS_MANAGER:
        _put_secret(client, name, key)
    else:
        client.put_parameter(Name=name, Value=key, Type="SecureString", Overwrite=True)
    return name


def names_of_provider_keys(setting: str) -> list[str]:
    """Return the whole name of every key. No value is read in clear."""
    place = place_of(setting)
    client = open_boto3_client(place.service.name)
    if place.service is SECRETS_MANAGER:
        found = client.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [f"{place.path}/"]}])
        return [str(secret["Name"]) for page in found for secret in page["SecretList"]]
    found = client.get_paginator("get_parameters_by_path").paginate(Path=place.path)
    return [str(parameter["Name"]) for page in found for parameter in page["Parameters"]]


def delete_provider_keys(setting: str) -> list[str]:
    """Delete every key, and return their names."""
    place, names = place_of(setting), names_of_provider_keys(setting)
    client = open_boto3_client(place.service.name)
    for name in names:
        if place.service is SECRETS_MANAGER:  # at once: until a secret is gone for good, its name cannot be used again
            client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        else:
            client.delete_parameter(Name=name)
    return names


def _put_secret(client: Any, name: str, key: str) -> None:
    try:
        client.create_secret(Name=name, SecretString=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceExistsException":
            raise
        client.put_secret_value(SecretId=name, SecretString=key)
