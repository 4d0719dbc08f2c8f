"""The types of signing: a signer, and what it signs for. They know neither clock nor network."""

from typing import NamedTuple, Protocol


class AwsAccess(NamedTuple):
    """How requests are signed with AWS credentials, which stand in for a provider's key where the operator says so."""

    service: str
    """The signing name."""
    switch: str
    """The variable that allows it, where edgeway.toml does not."""
    parameter: str
    """The parameter of template.yaml that allows it on AWS, with the permissions."""


class AwsEntry(NamedTuple):
    """What the operator has written of a provider on AWS; that they have is what allows AWS credentials to sign."""

    region: str | None = None
    """The Region that is called; None leaves it to the environment."""
    profile: str | None = None
    """Whose credentials; None leaves it to the environment."""
    inference_profiles: str | None = None
    """The only prefix of Bedrock's ids that is used; empty: none. None leaves it to the Region."""


class SigningScope(NamedTuple):
    """What AWS credentials sign for."""

    service: str
    region: str
    profile: str | None
    """Whose credentials; None leaves it to the environment."""


class Signer(Protocol):
    """Signs single requests."""

    async def headers(self, url: str, body: bytes = b"", *, method: str = "POST") -> dict[str, str]:
        """The headers that sign it. Raises `AwsError` where there are no credentials."""
