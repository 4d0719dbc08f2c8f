"""The REQUEST authorizer on Lambda: finds the key of a request, its facts and its usage plan."""

import os
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from gateway.access.admission import build_authenticator
from gateway.access.authentication import authorizer_context
from gateway.settings import read_settings
from gateway.web.proxy_event import source_address
from streaming import run_on_one_loop
from translator.anthropic.errors import ApiError

Handler = Callable[[dict[str, Any], Any], Coroutine[Any, Any, dict[str, Any]]]


def build(environment: Mapping[str, str]) -> Handler:
    """The handler of API Gateway's authorizer events, made of what the environment says."""
    authenticator = build_authenticator(read_settings(environment), environment, clock=time.time)

    async def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        """The policy for one request. A refusal says in its context what the ACCESS_DENIED gateway response answers."""
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        try:
            caller = await authenticator.authenticate(headers, source_address(event))
        except ApiError as error:
            return {
                "principalId": "nobody",
                "policyDocument": policy("Deny", event["methodArn"]),
                "context": {"type": error.error_type, "message": error.message},
            }
        return {
            "principalId": caller.key.id,
            "policyDocument": policy("Allow", event["methodArn"]),
            "context": authorizer_context(caller),
            "usageIdentifierKey": caller.key_hash,
        }

    return handler


def policy(effect: str, method_arn: str) -> dict[str, Any]:
    """A policy for this one method."""
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": method_arn}
    return {"Version": "2012-10-17", "Statement": [statement]}


if "_HANDLER" in os.environ:  # as on Lambda; the local server builds each function of an environment of its own
    handler = run_on_one_loop(build(os.environ))
