"""Whose credentials, and which Region: from the environment, where Lambda puts both.

Whoever runs without those variables (a profile or SSO on a laptop, a container's role) is served by botocore, which
knows all the ways, refreshes what expires, and is loaded only there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.signature import Credentials


@dataclass(frozen=True, slots=True)
class Access:
    """What a client needs to sign. `credentials` gives those of now: some of them expire."""

    region: str
    credentials: Callable[[], Credentials]


def find_access(environ: Mapping[str, str]) -> Access:
    """The access that the environment, or else botocore, names. Raises botocore's own errors where there is none."""
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    key_id, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if region and key_id and secret:
        given = Credentials(key_id, secret, environ.get("AWS_SESSION_TOKEN") or None)
        return Access(region, lambda: given)
    return _found_by_botocore(region)


def _found_by_botocore(region: str | None) -> Access:
    from botocore.exceptions import NoCredentialsError, NoRegionError
    from botocore.session import get_session

    session = get_session()
    chosen = region or session.get_config_variable("region")
    if not chosen:
        raise NoRegionError
    found = session.get_credentials()
    if found is None:
        raise NoCredentialsError

    def current() -> Credentials:
        frozen = found.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

    return Access(chosen, current)
