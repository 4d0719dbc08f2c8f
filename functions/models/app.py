"""GET /v1/models and /v1/models/{id} on Lambda: what the function is made of."""

import os
import time
from collections.abc import Mapping
from typing import Any

from gateway.admission import build_admission
from gateway.directory import open_directory
from gateway.failures import log_line
from gateway.http import answering, read_event
from gateway.models import ModelsFunction
from gateway.settings import read_settings

settings = read_settings(os.environ)

function = ModelsFunction(
    admission=build_admission(settings, clock=time.time),
    directory=open_directory(settings, os.environ, clock=time.monotonic),
)


def handler(event: dict[str, Any], _context: object) -> Mapping[str, Any]:
    """Answer one API Gateway proxy event."""
    return answering(read_event(event), function.handle, monotonic=time.monotonic, log=log_line)
