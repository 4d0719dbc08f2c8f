"""GET /v1/models and /v1/models/{id} on Lambda: what the function is made of."""

import os
import time
from collections.abc import Mapping
from typing import Any

from gateway.access.admission import build_admission
from gateway.routes.models import ModelsFunction
from gateway.routing.directory import open_directory
from gateway.settings import read_settings
from gateway.web.failures import log_line
from gateway.web.proxy_event import answering, read_event

settings = read_settings(os.environ)

function = ModelsFunction(
    admission=build_admission(settings, clock=time.time),
    directory=open_directory(settings, os.environ, clock=time.monotonic),
)


def handler(event: dict[str, Any], _context: object) -> Mapping[str, Any]:
    """Answer one API Gateway proxy event."""
    return answering(read_event(event), function.handle, monotonic=time.monotonic, log=log_line)
