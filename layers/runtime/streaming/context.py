"""The context object that a handler gets, with the attributes of the managed runtime's.

https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

import json
import time
from collections.abc import Mapping
from types import SimpleNamespace


class Context:
    """One invocation's facts. Extensions of the managed runtime's object may set attributes on it, so no slots."""

    def __init__(self, headers: Mapping[str, str], environment: Mapping[str, str]) -> None:
        """Headers: those of the Runtime API's answer to /next, names in lower case."""
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn", "")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION", "")
        self.memory_limit_in_mb = int(environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "0"))
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.client_context = _client_context(headers.get("lambda-runtime-client-context"))
        self.identity = _identity(headers.get("lambda-runtime-cognito-identity"))
        self._headers = headers

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return milliseconds_left(self._headers)


def milliseconds_left(headers: Mapping[str, str]) -> int:
    """Milliseconds until the deadline in the headers of an invocation; never below 0."""
    return max(0, int(headers.get("lambda-runtime-deadline-ms", "0")) - time.time_ns() // 1_000_000)


def _client_context(header: str | None) -> SimpleNamespace | None:
    """Mobile clients send one; its `client` object becomes attributes, `custom` and `env` stay dictionaries."""
    if not header:
        return None
    sent = json.loads(header)
    client = SimpleNamespace(**sent["client"]) if sent.get("client") else None
    return SimpleNamespace(client=client, custom=sent.get("custom"), env=sent.get("env"))


def _identity(header: str | None) -> SimpleNamespace:
    sent = json.loads(header) if header else {}
    return SimpleNamespace(
        cognito_identity_id=sent.get("cognitoIdentityId"),
        cognito_identity_pool_id=sent.get("cognitoIdentityPoolId"),
    )
