"""Finds AWS credentials: those of the environment, as on Lambda, else boto3's (profiles, SSO, roles)."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from gateway.aws.signature import Credentials
from gateway.aws.types import AwsError

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class CredentialSource(Protocol):
    """Gives credentials that are valid now."""

    async def current(self) -> Credentials:
        """Raises `AwsError`, which says what to do."""


class GivenCredentials:
    """Those of an environment's variables. On Lambda they outlive the environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        key_id, secret = (environ[name] for name in _KEYS)
        self._credentials = Credentials(key_id, secret, environ.get("AWS_SESSION_TOKEN") or None)

    async def current(self) -> Credentials:
        """Always the same."""
        return self._credentials


class Boto3Credentials:
    """Those that boto3 finds, renewed by it in time. boto3 blocks, so a thread asks it."""

    def __init__(self, profile: str | None) -> None:
        self._profile = profile

    async def current(self) -> Credentials:
        """As `CredentialSource`."""
        return await asyncio.to_thread(self._find)

    def _find(self) -> Credentials:
        from botocore.exceptions import BotoCoreError

        from gateway.aws.boto3_client import find_credentials

        try:
            found = find_credentials(self._profile)
        except BotoCoreError as error:
            raise AwsError("credentials", type(error).__name__, f"AWS gives no credentials: {error}") from error
        if found is None:
            raise AwsError("credentials", "NoCredentials", "no AWS credentials are found")
        return Credentials(found.access_key, found.secret_key, found.token)


def open_credentials(environ: Mapping[str, str], profile: str | None = None) -> CredentialSource:
    """Those of the environment's variables, unless a profile is named; nothing is asked before they are used."""
    if profile is None and all(environ.get(name) for name in _KEYS):
        return GivenCredentials(environ)
    return Boto3Credentials(profile or environ.get("AWS_PROFILE") or None)
