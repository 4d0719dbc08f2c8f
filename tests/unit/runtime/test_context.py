"""The context object, as handlers and Powertools use it."""

import json
import time
from io import StringIO
from typing import Any

from aws_lambda_powertools import Logger
from streaming.context import Context

ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "messages",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/messages",
    "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/22/[$LATEST]0",
}
HEADERS = {
    "lambda-runtime-aws-request-id": "r-1",
    "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-central-1:123456789012:function:messages",
}


def test_it_has_the_facts_of_the_function() -> None:
    assert (
        vars(Context({**HEADERS, "lambda-runtime-aws-tenant-id": "t-1"}, ENVIRONMENT)).items()
        >= {
            "aws_request_id": "r-1",
            "invoked_function_arn": HEADERS["lambda-runtime-invoked-function-arn"],
            "function_name": "messages",
            "function_version": "$LATEST",
            "memory_limit_in_mb": 512,
            "log_group_name": "/aws/lambda/messages",
            "log_stream_name": "2026/11/22/[$LATEST]0",
            "tenant_id": "t-1",
            "client_context": None,
        }.items()
    )


def test_it_counts_down_to_the_deadline_and_not_below_zero() -> None:
    def remaining(deadline_ms: int) -> int:
        headers = {**HEADERS, "lambda-runtime-deadline-ms": str(deadline_ms)}
        return Context(headers, ENVIRONMENT).get_remaining_time_in_millis()

    now_ms = time.time_ns() // 1_000_000
    assert 0 < remaining(now_ms + 60_000) <= 60_000
    assert remaining(now_ms - 1) == 0


def test_it_holds_what_mobile_clients_and_cognito_send() -> None:
    client = {"client": {"installation_id": "i-1"}, "custom": {"a": "b"}, "env": {"locale": "de"}}
    identity = {"cognitoIdentityId": "c-1", "cognitoIdentityPoolId": "p-1"}
    headers = {
        **HEADERS,
        "lambda-runtime-client-context": json.dumps(client),
        "lambda-runtime-cognito-identity": json.dumps(identity),
    }
    context: Any = Context(headers, ENVIRONMENT)
    assert context.client_context.client.installation_id == "i-1"
    assert context.client_context.custom == {"a": "b"}
    assert context.client_context.env == {"locale": "de"}
    assert context.identity.cognito_identity_id == "c-1"
    assert context.identity.cognito_identity_pool_id == "p-1"


def test_without_them_the_identity_is_empty() -> None:
    context: Any = Context(HEADERS, ENVIRONMENT)
    assert (context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id) == (None, None)


def test_powertools_logs_with_it() -> None:
    output = StringIO()
    logger = Logger(service="messages", stream=output)

    @logger.inject_lambda_context
    def handler(event: dict[str, Any], context: Any) -> None:
        logger.info("hello")

    handler({}, Context(HEADERS, ENVIRONMENT))
    logged = json.loads(output.getvalue())
    assert {name: logged[name] for name in logged if name.startswith("function_")} == {
        "function_name": "messages",
        "function_memory_size": 512,
        "function_arn": HEADERS["lambda-runtime-invoked-function-arn"],
        "function_request_id": "r-1",
    }
