"""Reads the providers' keys from Parameter Store or Secrets Manager, and goes on with what it has where AWS fails."""

from collections.abc import Callable, Mapping

from gateway.aws.client import AwsClient
from gateway.aws.key_places import Place
from gateway.aws.types import AwsError
from gateway.settings import SECRETS_MAX_AGE
from gateway.web.summary import Log

TRY_AGAIN_SECONDS = 30
"""After a failure, for which the keys that were read last stay in use."""
UNREAD = "https://unread.invalid"
"""Stands for a value that this function may not read: it passes for a key, and for the address of an own server."""


class ProviderKeys:
    """The providers' keys in one place. `clock` gives seconds."""

    def __init__(
        self, client: AwsClient, place: Place, *, clock: Callable[[], float], log: Log, names_only: bool = False
    ) -> None:
        self._client = client
        self._place = place
        self._listing = place.names if names_only else place.values
        self._clock = clock
        self._log = log
        self._values: Mapping[str, str] | None = None
        self._valid_until = 0.0

    async def values(self) -> Mapping[str, str]:
        """Return the values by name, or `UNREAD` for each. They are at most `SECRETS_MAX_AGE` old while AWS answers.

        Raises `AwsError`, or boto3's errors, where no reading has succeeded yet.
        """
        if self._values is None or self._clock() >= self._valid_until:
            self._values = await self._refreshed(self._values)
        return self._values

    async def _refreshed(self, known: Mapping[str, str] | None) -> Mapping[str, str]:
        try:
            found = await self._read()
        except Exception as error:
            if known is None:
                raise
            code = error.code if isinstance(error, AwsError) else type(error).__name__
            self._log("the providers' keys were not read again; those known stay in use", {"error": code})
            self._valid_until = self._clock() + TRY_AGAIN_SECONDS
            return known
        self._valid_until = self._clock() + SECRETS_MAX_AGE
        return found

    async def _read(self) -> dict[str, str]:
        operation, parameters, items, value = self._listing
        asked = dict(parameters)
        found: dict[str, str] = {}
        while True:
            answer = await self._client.call(operation, asked)
            for item in answer[items]:
                directory, _, name = str(item["Name"]).rpartition("/")
                if directory == self._place.path:
                    found[name] = str(item.get(value) or "") if value else UNREAD
            for refused in answer.get("Errors") or ():  # of one secret, while the others were read
                self._log("a secret cannot be read", {"secret": refused["SecretId"], "error": refused["ErrorCode"]})
            if not answer.get("NextToken"):
                return found
            asked["NextToken"] = answer["NextToken"]
