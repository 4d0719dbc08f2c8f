"""Connects to AWS services from Lambda. Certificates are verified; no proxy is asked."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from streaming.connection import Endpoint

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
"""For an answer, connecting included."""


class AwsEndpoint(Endpoint):
    """The address of a service.

    It comes from the configuration only. Raises ValueError for a text that is no address.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("AWS_ENDPOINT_URL must be an http or https address, such as http://localhost:8000")
        self._is_encrypted = parts.scheme == "https"
        if self._is_encrypted:
            _trusted()  # now, in the init phase, for which Lambda gives a whole processor
        self.authority = parts.netloc
        self.host = parts.hostname
        self.port = parts.port or (443 if self._is_encrypted else 80)
        self.prefix = ""

    async def connect(self) -> tuple[StreamReader, StreamWriter]:
        """Open a connection. Raises OSError where nobody answers in time, or where another server answers."""
        context = _trusted() if self._is_encrypted else None
        async with asyncio.timeout(CONNECT_SECONDS):
            return await asyncio.open_connection(self.host, self.port, ssl=context)


def address_of(service: str, region: str, environ: Mapping[str, str]) -> str:
    """Return the address of a service: that of the environment, or the public one."""
    named = environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or environ.get("AWS_ENDPOINT_URL")
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return named or f"https://{service}.{region}.{suffix}"


@cache
def _trusted() -> ssl.SSLContext:
    """Return the machine's certificates.

    They are read once for all services, since reading takes longer than a call.
    """
    return ssl.create_default_context()
