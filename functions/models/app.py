"""GET /v1/models and /v1/models/{id} on Lambda: what the function is made of."""

import os
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from gateway.admission import build_admission
from gateway.catalogue import Catalogue
from gateway.directory import ModelDirectory
from gateway.http import answering, read_event
from gateway.models import ModelsFunction
from gateway.settings import provider_environment, read_settings

settings = read_settings(os.environ)

function = ModelsFunction(
    admission=build_admission(settings, clock=time.time),
    directory=ModelDirectory(
        Catalogue.open(),
        environ=partial(provider_environment, settings, os.environ),
        default_model=settings.default_model,
        clock=time.monotonic,
    ),
)


def handler(event: dict[str, Any], _context: object) -> Mapping[str, Any]:
    """Answer one API Gateway proxy event."""
    return answering(read_event(event), function.handle)
