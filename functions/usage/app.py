"""GET /v1/usage on Lambda: builds the function."""

import os
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from gateway.access.admission import build_admission
from gateway.routes.usage import UsageFunction
from gateway.routing.directory import configuration_of
from gateway.settings import read_settings
from gateway.storage.open import store_when_needed
from gateway.web.failures import log_line
from gateway.web.proxy_event import answering, read_event, requests_only
from streaming import run_on_one_loop

Handler = Callable[[dict[str, Any], Any], Coroutine[Any, Any, Mapping[str, Any]]]


def build(environment: Mapping[str, str]) -> Handler:
    """The handler of API Gateway's proxy events, made of what the environment says."""
    settings = read_settings(environment)
    function = UsageFunction(
        build_admission(settings, environment, clock=time.time),
        store_when_needed(settings.store, environment, clock=time.time),
        clock=time.time,
        zone_seconds=configuration_of(settings).zone_seconds,
    )

    async def handler(event: dict[str, Any], _context: object) -> Mapping[str, Any]:
        """Answer one proxy event."""
        return await answering(read_event(event), function.handle, monotonic=time.monotonic, log=log_line)

    return requests_only(handler)


if "_HANDLER" in os.environ:  # as on Lambda; the local server builds each function of an environment of its own
    handler = run_on_one_loop(build(os.environ))
