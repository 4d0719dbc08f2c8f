"""The dialect of Bedrock's Converse, for the gateway to pick by name."""

from collections.abc import Mapping
from typing import SupportsInt

from translator.anthropic.errors import ApiError
from translator.anthropic.request import MessagesRequest
from translator.caller_words import CallerWords
from translator.converse.answer.exceptions import status_of
from translator.converse.answer.reader import ConverseReader
from translator.converse.request.request import encode_request
from translator.dialect import Caller, EncodedRequest
from translator.prompt.features import output_limit
from translator.refusal.errors import read_error
from translator.stream.emitter import Emitter
from translator.traits import Traits


class ConverseDialect:
    """Converse and ConverseStream, for the models that no other endpoint of Bedrock's serves."""

    searches = False

    def encode(self, request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
        """The upstream's request, a streamed one where the model can."""
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
    ) -> ConverseReader:
        """A reader for one answer."""
        return ConverseReader(
            emitter,
            traits=traits,
            tool_names=encoded.tool_names,
            stop_sequences=request.stop_sequences or (),
            message_id=message_id,
            input_tokens=input_tokens,
            caller_words=CallerWords(request),
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
        """What an answer that is no 2xx means to the caller: its exception says more than its status."""
        return read_error(
            status_of(headers.get("x-amzn-errortype", ""), status),
            headers,
            body,
            caller_words=CallerWords(request),
            input_tokens=input_tokens,
            traits=traits,
            asked=output_limit(request.max_tokens, traits),
        )
