"""POST /v1/messages on Lambda: what the function is made of."""

import os
import time
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.logging import Logger
from gateway.admission import build_admission
from gateway.deadlines import Deadlines
from gateway.directory import open_directory
from gateway.ledger import UnlimitedLedger
from gateway.messages import MessagesFunction, Services
from gateway.metrics import describing
from gateway.quirk_memory import open_memory
from gateway.read_ahead import read_ahead
from gateway.settings import read_settings
from gateway.upstream import HttpUpstream
from streaming import StreamingResponse
from translator.chat.dialect import ChatDialect
from translator.dialect import Dialect

settings = read_settings(os.environ)
if "STREAMING_FORK_FD" in os.environ:
    read_ahead(settings, os.environ)  # on Lambda a vocabulary is read while the model thinks
logger = Logger()


def log(message: str, fields: dict[str, object]) -> None:
    """Write one line."""
    logger.info(message, extra=fields)


DIALECTS: dict[str, Dialect] = {"chat": ChatDialect()}
"""Those of `gateway.model_traits.SPOKEN`."""

directory = open_directory(settings, os.environ, clock=time.monotonic)

function = MessagesFunction(
    Services(
        admission=build_admission(settings, clock=time.time),
        route=directory.route,
        dialects=DIALECTS,
        upstream=HttpUpstream(monotonic=time.monotonic),
        ledger=UnlimitedLedger(),
        memory=open_memory(settings, clock=time.time, log=log),
        log=log,
        monotonic=time.monotonic,
        clock=time.time,
        new_id=lambda: uuid4().hex[:24],
        describe=describing(settings.metrics, catalogue=directory.catalogue, clock=time.time),
        deadlines=Deadlines(total=settings.answer_seconds),
        whole_answer_seconds=settings.whole_answer_seconds,
    )
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | StreamingResponse:
    """Answer one API Gateway proxy event."""
    return function.handle(event, seconds_left=context.get_remaining_time_in_millis() / 1000)
