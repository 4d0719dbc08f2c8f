"""Answers requests for which no upstream is asked."""

from typing import Any

from streaming import StreamingResponse
from translator.anthropic.events import Event, Usage
from translator.stream.emitter import Emitter
from translator.web_search import unavailable
from translator.writing.writer import form_of

from gateway.answering.caller_request import CallerRequest
from gateway.answering.request_log import RequestLog
from gateway.answering.responses import stream_of, whole_of


async def own_answer(asked: CallerRequest, log: RequestLog) -> dict[str, Any] | StreamingResponse:
    """An answer for which no upstream is asked: to `max_tokens: 0`, or to a search that nobody can make."""
    emitter, form = asked.emitter(), form_of(stream=asked.stream)
    input_tokens = await asked.input_tokens.counted()
    if asked.request.max_tokens == 0:
        events = _nothing(emitter, input_tokens)
    else:
        events = unavailable(asked.request, emitter, message_id=asked.message_id, input_tokens=input_tokens)
    log.used(emitter.final_usage())
    log.succeeded(emitter.stop_reason)
    answer = form.write(events) + form.end()
    return stream_of([answer], log) if asked.stream else whole_of(answer, log)


def _nothing(emitter: Emitter, input_tokens: int) -> list[Event]:
    """`max_tokens: 0` only warms Anthropic's caches: there is nothing to ask an upstream for."""
    emitter.usage(Usage(input_tokens=input_tokens, output_tokens=0))
    emitter.finish("max_tokens")
    return emitter.start() + emitter.close()
