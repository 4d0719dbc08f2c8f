"""AWS Signature Version 4 for the requests that the gateway makes.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """AWS credentials. Printing or formatting them shows no secret."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


class Target(NamedTuple):
    """The target of a request."""

    method: str = "POST"
    path: str = "/"
    """The path as it is sent, percent-encoded."""
    query: str = ""
    """The query as it is sent: `name=value` pairs, percent-encoded, joined by `&`."""


_ROOT = Target()
"""Where the services with one path for all operations answer."""


def signed_headers(
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    *,
    region: str,
    service: str,
    now: float,
    target: Target = _ROOT,
) -> dict[str, str]:
    """Return all headers of the request: the given ones (names in lower case, with `host`), and the signing ones.

    `now` is in seconds since the epoch.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    told = {**headers, "x-amz-date": stamp}
    if credentials.session_token:
        told["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(told))
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{sha256(_canonical(target, told, names, body)).hexdigest()}"
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"Credential={credentials.access_key_id}/{scope}"
    return {**told, "authorization": f"{_ALGORITHM} {credential}, SignedHeaders={names}, Signature={key.hex()}"}


def _canonical(target: Target, headers: Mapping[str, str], names: str, body: bytes) -> bytes:
    lines = [f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)]
    path = quote(target.path, safe="/~")  # once more: what is sent is encoded already
    query = "&".join(sorted(target.query.split("&"), key=lambda pair: pair.partition("=")))
    return "\n".join([target.method, path, query, *lines, "", names, sha256(body).hexdigest()]).encode()
