"""POST /v1/messages/count_tokens on Lambda: what the function is made of."""

import os
import time
from collections.abc import Mapping
from typing import Any

from gateway.access.admission import build_admission
from gateway.routes.count_tokens import count_tokens
from gateway.settings import read_settings
from gateway.tokens.preload import read_ahead
from gateway.tokens.vocabulary import load
from gateway.web.failures import log_line
from gateway.web.proxy_event import answering, read_event
from translator.tokens.counting import vocabulary_of

settings = read_settings(os.environ)
if "STREAMING_FORK_FD" in os.environ:
    read_ahead(settings, os.environ)
else:
    load([vocabulary_of("claude")])  # in the init phase: what most requests name

admission = build_admission(settings, clock=time.time)


def handler(event: dict[str, Any], _context: object) -> Mapping[str, Any]:
    """Answer one API Gateway proxy event."""
    return answering(
        read_event(event), lambda http: count_tokens(http, admission), monotonic=time.monotonic, log=log_line
    )
