"""Where an AWS service answers, and connections to it from Lambda. Certificates are verified; no proxy is asked."""

import socket
import ssl
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from streaming.connection import Endpoint

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0


class AwsEndpoint(Endpoint):
    """The address of a service, which comes from the configuration only. Raises ValueError where it is none."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the endpoint of an AWS service is not an http or https address")
        self._is_encrypted = parts.scheme == "https"
        if self._is_encrypted:
            _trusted()  # now, in the init phase, for which Lambda gives a whole processor
        self.authority = parts.netloc
        self.host = parts.hostname
        self.port = parts.port or (443 if self._is_encrypted else 80)
        self.prefix = ""

    def connect(self) -> socket.socket:
        """A new connection, whose silences are limited. OSError: nobody answers, or somebody else."""
        connection = socket.create_connection((self.host, self.port), CONNECT_SECONDS)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._is_encrypted:
                connection = _trusted().wrap_socket(connection, server_hostname=self.host)
            connection.settimeout(READ_SECONDS)
        except BaseException:
            connection.close()
            raise
        return connection


def address_of(service: str, region: str, environ: Mapping[str, str]) -> str:
    """The address of a service: what the environment says, else the public one."""
    named = environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or environ.get("AWS_ENDPOINT_URL")
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return named or f"https://{service}.{region}.{suffix}"


@cache
def _trusted() -> ssl.SSLContext:
    """The machine's certificates, read once for all services: it takes longer than a call."""
    return ssl.create_default_context()
