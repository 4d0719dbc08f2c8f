"""Adds the variables to the environment with which AWS credentials stand in for a provider's key."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from gateway.aws.credentials import open_credentials
from gateway.aws.region import REGION_VARIABLES, region_in
from gateway.aws.types import AwsError
from gateway.routing.directory import configuration_of
from gateway.settings import read_settings

SWITCH = "EDGEWAY_BEDROCK"


def aws_environment(environment: Mapping[str, str], *, bedrock: bool) -> dict[str, str]:
    """Return the missing variables: the switch, and the profile's Region. Empty where nobody asks for AWS.

    Raises ValueError, with what to do, where `bedrock` is asked for and cannot be had.
    """
    is_wished = bedrock or environment.get(SWITCH, "").strip().lower() == "true"
    providers = configuration_of(read_settings(environment)).providers.values()
    if not is_wished and all(each.aws_entry is None for each in providers):
        return {}
    profile = environment.get("AWS_PROFILE") or None
    region = region_in(environment) or _region_of(profile)
    if is_wished:
        _check(environment, region)
    switched = {SWITCH: "true"} if bedrock else {}
    return switched | (dict.fromkeys(REGION_VARIABLES, region) if region else {})


def _region_of(profile: str | None) -> str | None:
    from botocore.exceptions import ProfileNotFound
    from gateway.aws.boto3_client import region_of_profile

    try:
        return region_of_profile(profile)
    except ProfileNotFound as error:
        raise ValueError(f"{error}. See: aws configure list-profiles") from error


def _check(environment: Mapping[str, str], region: str | None) -> None:
    if region is None:
        raise ValueError(
            "Amazon Bedrock is asked in a Region, and none is chosen. Set AWS_REGION, or a profile's region."
        )
    if environment.get("AWS_BEARER_TOKEN_BEDROCK"):
        return
    try:
        asyncio.run(open_credentials(environment).current())
    except AwsError as error:
        from edgeway.aws.failures import LOG_IN

        raise ValueError(f"Amazon Bedrock cannot be asked: {error.message}. {LOG_IN}") from error
