"""POST /v1/messages/count_tokens on Lambda: builds the function."""

import os
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from gateway.access.admission import build_admission
from gateway.answering.upstream_request import Upstream
from gateway.routes.count_tokens import CountTokensFunction
from gateway.routing.directory import open_directory
from gateway.settings import read_settings
from gateway.tokens.vocabulary import load
from gateway.web.failures import log_line
from gateway.web.proxy_event import answering, read_event, requests_only
from streaming import run_on_one_loop
from translator.tokens.counting import vocabulary_of

Handler = Callable[[dict[str, Any], Any], Coroutine[Any, Any, Mapping[str, Any]]]


def build(environment: Mapping[str, str]) -> Handler:
    """The handler of API Gateway's proxy events, made of what the environment says."""
    settings = read_settings(environment)

    def open_upstream() -> Upstream:
        from gateway.upstream.client import HttpUpstream  # httpx, where most counts need none

        return HttpUpstream(environment)

    function = CountTokensFunction(
        admission=build_admission(settings, environment, clock=time.time),
        route=open_directory(settings, environment, clock=time.monotonic).route,
        open_upstream=open_upstream,
        monotonic=time.monotonic,
    )

    async def handler(event: dict[str, Any], _context: object) -> Mapping[str, Any]:
        """Answer one proxy event."""
        return await answering(read_event(event), function.handle, monotonic=time.monotonic, log=log_line)

    return requests_only(handler)


if "_HANDLER" in os.environ:  # as on Lambda; the local server builds each function of an environment of its own
    load([vocabulary_of("claude")])  # in the init phase: what most requests name
    handler = run_on_one_loop(build(os.environ))
