"""The types of signing: a signer, and what it signs for. They know neither clock nor network."""

from typing import NamedTuple, Protocol


class AwsAccess(NamedTuple):
    """How AWS credentials sign requests in place of a provider's key, where the operator allows it."""

    service: str
    """The service's name in signatures."""
    switch: str
    """The variable that allows it, where edgeway.toml does not."""
    parameter: str
    """The parameter of template.yaml that allows it on AWS, with the permissions."""


class AwsEntry(NamedTuple):
    """The operator's entry for a provider on AWS. An entry allows AWS credentials to sign."""

    region: str | None = None
    """The Region to call; None leaves it to the environment."""
    profile: str | None = None
    """The profile whose credentials sign; None leaves it to the environment."""
    inference_profiles: str | None = None
    """The only prefix of Bedrock's ids to use. Empty: none. None leaves it to the Region."""


class SigningScope(NamedTuple):
    """The scope of a signature."""

    service: str
    region: str
    profile: str | None
    """The profile whose credentials sign; None leaves it to the environment."""


class Signer(Protocol):
    """Signs single requests."""

    async def headers(self, url: str, body: bytes = b"", *, method: str = "POST") -> dict[str, str]:
        """Return the headers that sign the request. Raises `AwsError` where there are no credentials."""
