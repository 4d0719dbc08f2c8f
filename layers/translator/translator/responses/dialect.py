"""The Responses dialect, for the gateway to pick by name."""

from collections.abc import Mapping
from typing import SupportsInt

from translator.anthropic.errors import ApiError
from translator.anthropic.request import MessagesRequest
from translator.caller_words import CallerWords
from translator.dialect import Caller, EncodedRequest
from translator.learned_traits import CorrectableError, LearnedTrait
from translator.prompt.features import output_limit
from translator.refusal.errors import read_error
from translator.responses.answer.reader import ResponsesReader
from translator.responses.request.request import encode_request
from translator.stream.emitter import Emitter
from translator.traits import Traits

NO_SUCH_PATH = frozenset({404, 405})
"""Where nothing is said of the model: Ollama before 0.13.3, llama.cpp and proxies say so in words of their own."""


class ResponsesDialect:
    """OpenAI Responses, without any state at the upstream."""

    searches = True

    def encode(self, request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
        """The upstream's request, always a streamed one."""
        return encode_request(request, model=model, traits=traits, caller=caller)

    def reader(
        self,
        emitter: Emitter,
        *,
        encoded: EncodedRequest,
        request: MessagesRequest,
        traits: Traits,
        message_id: str,
        input_tokens: SupportsInt,
    ) -> ResponsesReader:
        """A reader for one answer."""
        return ResponsesReader(
            emitter,
            traits=traits,
            tool_names=encoded.tool_names,
            stop_sequences=request.stop_sequences or (),
            message_id=message_id,
            input_tokens=input_tokens,
            caller_words=CallerWords(request),
            most_tokens=encoded.body["max_output_tokens"],
            # JSON with a remark after it is no JSON.
            takes_asides="text" not in encoded.body,
        )

    def error(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        *,
        request: MessagesRequest,
        input_tokens: SupportsInt,
        traits: Traits,
    ) -> ApiError:
        """What an answer that is no 2xx means to the caller; a server that has no such path is asked for chat."""
        error = read_error(
            status,
            headers,
            body,
            caller_words=CallerWords(request),
            input_tokens=input_tokens,
            traits=traits,
            asked=output_limit(request.max_tokens, traits),
        )
        if status not in NO_SUCH_PATH or isinstance(error, CorrectableError) or b"model" in body.lower():
            return error
        return CorrectableError(error, (LearnedTrait("dialect", "chat"),))
