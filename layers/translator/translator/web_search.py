"""If web search is the only tool, answers `unavailable` instead of letting a model invent results.

A model that was asked to search and cannot would make up what it has found, and Claude Code takes any text for results.
Beside other tools it is left out instead, and named.
"""

from typing import SupportsInt

from translator.anthropic.blocks import TextBlock
from translator.anthropic.events import Event, Usage
from translator.anthropic.request import MessagesRequest, NamedToolChoice, NoToolChoice
from translator.anthropic.tools import TypedTool
from translator.stream.emitter import Emitter

CLAUDE_CODES_WORDS = "Perform a web search for the query: "
UNAVAILABLE = "Web search is not available here: the search runs at Anthropic, and this gateway has no other."


def is_only_web_search(request: MessagesRequest) -> bool:
    """Whether a search is all that this request can be about: the only tool there is, or the one that is forced."""
    tools = [*(request.tools or ()), *request.inline_tools]
    searches = {tool.name for tool in tools if isinstance(tool, TypedTool) and tool.is_web_search}
    match request.tool_choice:
        case NoToolChoice():
            return False
        case NamedToolChoice(name=name):
            return name in searches
        case _:
            return bool(searches) and len(searches) == len(tools)


def unavailable(
    request: MessagesRequest, emitter: Emitter, *, message_id: str, input_tokens: SupportsInt
) -> list[Event]:
    """The whole answer: the search that was asked for, its error, and a sentence for who reads only text."""
    tool_use_id = f"srvtoolu_{message_id.removeprefix('msg_')}"
    events = emitter.web_search(tool_use_id, _query(request), "unavailable")
    events += emitter.text(UNAVAILABLE)
    emitter.finish("end_turn")
    output_tokens = emitter.final_usage().output_tokens
    emitter.usage(Usage(input_tokens=int(input_tokens), output_tokens=output_tokens, web_search_requests=1))
    return events + emitter.close()


def _query(request: MessagesRequest) -> str:
    """The last thing that the user has said."""
    said = (message for message in reversed(request.messages) if message.role == "user")
    texts = (block.text for message in said for block in reversed(message.content) if isinstance(block, TextBlock))
    return next(texts, "").removeprefix(CLAUDE_CODES_WORDS)
