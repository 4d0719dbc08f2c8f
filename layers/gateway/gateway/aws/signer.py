"""Signs single requests to an AWS service, each with the credentials that are valid then."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from gateway.aws.credentials import CredentialSource
from gateway.aws.signature import Target, signed_headers


class RequestSigner:
    """Signs requests for one service in one Region. `clock` gives seconds since the epoch."""

    def __init__(
        self, credentials: CredentialSource, *, region: str, service: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._region = region
        self._service = service
        self._credentials = credentials
        self._clock = clock

    async def headers(self, url: str, body: bytes = b"", *, method: str = "POST") -> dict[str, str]:
        """Return the headers that sign the request. The host is signed too, but the connection sends it.

        Raises `AwsError` where there are no credentials.
        """
        parts = urlsplit(url)
        signed = signed_headers(
            {"host": parts.netloc},
            body,
            await self._credentials.current(),
            region=self._region,
            service=self._service,
            now=self._clock(),
            target=Target(method, parts.path or "/", parts.query),
        )
        del signed["host"]
        return signed
