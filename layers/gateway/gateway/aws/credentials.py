"""Finds AWS credentials: those of the environment, as on Lambda, else boto3's (profiles, SSO, roles)."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from gateway.aws.signature import Credentials
from gateway.aws.types import AwsError

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class CredentialSource(Protocol):
    """Gives valid credentials."""

    async def current(self) -> Credentials:
        """Return the credentials. Raises `AwsError`, which says what to do."""


class GivenCredentials:
    """The credentials of an environment's variables. On Lambda they outlive the environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        key_id, secret = (environ[name] for name in _KEYS)
        self._credentials = Credentials(key_id, secret, environ.get("AWS_SESSION_TOKEN") or None)

    async def current(self) -> Credentials:
        """Return the credentials, which never change."""
        return self._credentials


class Boto3Credentials:
    """The credentials that boto3 finds and renews. boto3 blocks, so it runs in a thread."""

    def __init__(self, profile: str | None) -> None:
        self._profile = profile

    async def current(self) -> Credentials:
        """Return the credentials of this moment. Raises `AwsError`, which says what to do."""
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
    """Return the source of credentials: the environment's variables, or boto3 where a profile is named.

    Nothing is asked before the credentials are used.
    """
    if profile is None and all(environ.get(name) for name in _KEYS):
        return GivenCredentials(environ)
    return Boto3Credentials(profile or environ.get("AWS_PROFILE") or None)
