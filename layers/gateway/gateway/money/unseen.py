"""Guesses the tokens of a prompt that its bytes do not tell: pictures, documents, what the provider's tools read. Pure.

Rather many than few: it is set aside until the answer has been counted. A picture of some bytes may be of many pixels,
a document is fetched by its address or has hundreds of pages, and a search puts what it finds into the prompt.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from translator.native.json_members import JsonObject
from translator.native.sharing import objects_in

TOKENS_OF_A_PICTURE: Final = 5_000
"""The most that Claude's models of 2026 take for one (platform.claude.com/docs/en/build-with-claude/vision)."""
TOKENS_OF_A_DOCUMENT: Final = 200_000
"""Of 100 pages at 2,000 (platform.claude.com/docs/en/build-with-claude/pdf-support)."""
TOKENS_OF_TOOLS: Final = 100_000
"""What searches and fetches of one answer bring together."""
_USUAL_WINDOW: Final = 200_000
_MAY_HAVE_ANY: Final = re.compile(r'"image"|"document"|"mcp_servers"|"web_|"code_execution_|\\u00[2-7]')
"""In the text of a request, however its letters are written. Most requests of most clients have none."""
_SERVER_TOOLS: Final = ("web_search", "web_fetch", "code_execution", "mcp_toolset")


def unseen_tokens(document: JsonObject, window: int | None) -> int:
    """The most tokens that the request may have beside those of its bytes; no more than fit into the context window."""
    if _MAY_HAVE_ANY.search(document.text) is None:
        return 0
    members = document.members
    tokens = sum(map(_of_block, objects_in(members.get("messages"))))
    if members.get("mcp_servers") or any(map(_is_server_tool, _list(members.get("tools")))):
        tokens += TOKENS_OF_TOOLS
    return min(tokens, window or _USUAL_WINDOW)


def _of_block(block: Mapping[str, Any]) -> int:
    source = block.get("source")
    match block.get("type"):
        case "image":
            return TOKENS_OF_A_PICTURE
        case "document" if isinstance(source, dict) and source.get("type") not in ("text", "content"):
            return TOKENS_OF_A_DOCUMENT
        case _:
            return 0


def _is_server_tool(tool: object) -> bool:
    kind = tool.get("type") if isinstance(tool, dict) else None
    return isinstance(kind, str) and kind.startswith(_SERVER_TOOLS)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
