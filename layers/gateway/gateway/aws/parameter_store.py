"""The providers' keys in Systems Manager Parameter Store: read in one call, and remembered."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.aws.client import AwsClient
from gateway.settings import SECRETS_MAX_AGE


class ParameterStore:
    """The parameters directly below `path`, by their names there. `clock` gives seconds."""

    def __init__(self, client: AwsClient, path: str, *, clock: Callable[[], float]) -> None:
        self._client = client
        self._path = path
        self._clock = clock
        self._read_at: float | None = None
        self._values: Mapping[str, str] = {}

    async def values(self) -> Mapping[str, str]:
        """Their values, no older than `SECRETS_MAX_AGE`. Raises `AwsError`."""
        now = self._clock()
        if self._read_at is None or now - self._read_at >= SECRETS_MAX_AGE:
            self._values = await self._read()
            self._read_at = now
        return self._values

    async def _read(self) -> dict[str, str]:
        asked: dict[str, Any] = {"Path": self._path, "WithDecryption": True}
        found: dict[str, str] = {}
        while True:
            answer = await self._client.call("GetParametersByPath", asked)
            for parameter in answer["Parameters"]:
                found[parameter["Name"].removeprefix(self._path).lstrip("/")] = parameter["Value"]
            if not answer.get("NextToken"):
                return found
            asked["NextToken"] = answer["NextToken"]
