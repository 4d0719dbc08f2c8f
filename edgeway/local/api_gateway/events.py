"""API Gateway's proxy event, version 1.0, as a REST API builds it.

The shape is AWS's documented one (docs.aws.amazon.com/apigateway/latest/developerguide, "Input format of a Lambda
function for proxy integration"). What the page does not say is from a published capture of a live REST API
(github.com/hotsock/voker, vokerhttp/testdata): `path` and `pathParameters` stay percent-encoded, the query string is
decoded, and the single-value maps keep the last value.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

from edgeway.local.api_gateway.routes import STAGE, Match
from edgeway.local.web.asgi import Scope

EVENT_LIMIT: Final = 6_291_556
"""Bytes of an event that Lambda takes (6 MB and its envelope): the escaped body counts with everything around it."""

ACCOUNT_ID: Final = "123456789012"
API_ID: Final = "local"

_IDENTITY: Final = dict.fromkeys(
    (
        "accessKey",
        "accountId",
        "apiKey",
        "apiKeyId",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
        "user",
        "userArn",
    )
)


def proxy_event(scope: Scope, match: Match, body: bytes | bytearray, *, request_id: str, now: float) -> dict[str, Any]:
    """Build the event of one request.

    `request_id` is a UUID, as API Gateway's `requestContext.requestId` is; `now` is the time in
    seconds since 1970.
    """
    headers = _by_name(_headers(scope))
    query = _query(scope["query_string"])
    text, is_base64_encoded = _text(body)
    return {
        "resource": match.route.path,
        "path": match.path,
        "httpMethod": scope["method"],
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": match.path_parameters or None,
        "stageVariables": None,
        "requestContext": _request_context(scope, match, headers, request_id, now),
        "body": text,
        "isBase64Encoded": is_base64_encoded,
    }


def size_of(event: dict[str, Any]) -> int:
    """Return the bytes of the event's JSON, in the encoding whose length Lambda's limit counts."""
    return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode())


def _request_context(
    scope: Scope, match: Match, headers: dict[str, list[str]], request_id: str, now: float
) -> dict[str, Any]:
    host = headers.get("host", ["localhost"])[-1]
    return {
        "accountId": ACCOUNT_ID,
        "apiId": API_ID,
        "deploymentId": API_ID,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "extendedRequestId": request_id,
        "httpMethod": scope["method"],
        "identity": {
            **_IDENTITY,
            "sourceIp": _source_ip(scope),
            "userAgent": headers.get("user-agent", [None])[-1],
        },
        "path": scope["raw_path"].decode("latin-1"),
        "protocol": f"HTTP/{scope['http_version']}",
        "requestId": request_id,
        "requestTime": _request_time(int(now)),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": match.route.path,
        "resourcePath": match.route.path,
        "stage": STAGE,
    }


@lru_cache(maxsize=1)
def _request_time(second: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))


def _headers(scope: Scope) -> Iterable[tuple[str, str]]:
    for name, value in scope["headers"]:
        yield name.decode("latin-1"), value.decode("latin-1")
    yield "X-Forwarded-For", _source_ip(scope)
    yield "X-Forwarded-Port", str(scope["server"][1])
    yield "X-Forwarded-Proto", scope["scheme"]


def _query(text: bytes) -> dict[str, list[str]]:
    return _by_name(parse_qsl(text.decode("latin-1"), keep_blank_values=True)) if text else {}


def _source_ip(scope: Scope) -> str:
    client = scope["client"]  # None where the connection was reset before its other end could be asked for
    return str(client[0]) if client else ""


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in values:
            values[name].append(value)
        else:
            values[name] = [value]
    return values


def _last(values: dict[str, list[str]]) -> dict[str, str]:
    return {name: several[-1] for name, several in values.items()}


def _text(body: bytes | bytearray) -> tuple[str | None, bool]:
    """Return the body as the event holds it, and whether that is base64."""
    if not body:
        return None, False
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
