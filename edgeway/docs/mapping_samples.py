"""Samples of everything that a request can hold, for docs/mapping.md."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

HELLO: Json = {"role": "user", "content": "Hello"}
TOOL: Json = {"name": "look", "input_schema": {"type": "object", "properties": {}}}
REQUEST: Json = {"model": "m", "max_tokens": 1000, "messages": [HELLO], "tools": [TOOL]}
"""To which each sample is added."""

_SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
_FORMAT = {"type": "json_schema", "schema": _SCHEMA}

FIELDS: Mapping[str, tuple[Any, ...]] = {
    "model": ("gpt-5",),
    "messages": ([HELLO],),
    "max_tokens": (1000, 1),
    "system": ("Be brief.",),
    "stream": (True,),
    "temperature": (0.5,),
    "top_p": (0.9,),
    "top_k": (40,),
    "stop_sequences": (["END"],),
    "tools": ([TOOL],),
    "tool_choice": (
        {"type": "auto"},
        {"type": "any"},
        {"type": "tool", "name": "look"},
        {"type": "none"},
        {"type": "auto", "disable_parallel_tool_use": True},
    ),
    "thinking": (
        {"type": "enabled", "budget_tokens": 2000},
        {"type": "enabled", "budget_tokens": 31_999},
        {"type": "adaptive"},
        {"type": "disabled"},
        {"type": "between_tools"},
    ),
    "output_config": ({"effort": "max"}, {"format": _FORMAT}, {"task_budget": {"type": "tokens", "total": 1}}),
    "output_format": (_FORMAT,),
    "metadata": ({"user_id": "u"},),
    "service_tier": ("auto", "standard_only"),
    "speed": ("fast",),
    "inference_geo": ("eu",),
    "container": ("c",),
    "context_management": ({"edits": [{"type": "clear_tool_uses_20250919"}]},),
    "mcp_servers": ([{"type": "url", "url": "https://example.com", "name": "n"}],),
    "thread": ({"type": "create"}, {"type": "continue", "previous_message_id": "msg_1"}),
    "compaction": ({"type": "auto"},),
    "fallbacks": ([{"model": "m"}],),
    "safeguards": ([{"type": "s"}],),
}
"""By field of the request."""

_PNG = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
_PDF = {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}
_CALL: Json = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "it"}}
_ASSISTANT_CALLS: Json = {"role": "assistant", "content": [_CALL]}


def _user(*blocks: Json) -> list[Json]:
    return [{"role": "user", "content": list(blocks)}]


def _result(content: Any, **more: Any) -> list[Json]:
    block = {"type": "tool_result", "tool_use_id": "toolu_1", "content": content, **more}
    return [_ASSISTANT_CALLS, *_user(block)]


def _assistant(*blocks: Json) -> list[Json]:
    return [{"role": "assistant", "content": list(blocks)}, *_user({"type": "text", "text": "Go on."})]


BLOCKS: Mapping[str, tuple[list[Json], ...]] = {
    "text": (_user({"type": "text", "text": "Hello"}),),
    "image": (
        _user({"type": "image", "source": _PNG}),
        _user({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}),
    ),
    "document": (
        _user({"type": "document", "source": _PDF, "title": "Title"}),
        _user({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Words"}}),
        _user({"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}),
    ),
    "search_result": (
        _user({"type": "search_result", "source": "s", "title": "T", "content": [{"type": "text", "text": "Words"}]}),
    ),
    "thinking": (_assistant({"type": "thinking", "thinking": "Hm.", "signature": "ew1.shown"}, _CALL),),
    "redacted_thinking": (_assistant({"type": "redacted_thinking", "data": "x"}, _CALL),),
    "tool_use": (_assistant(_CALL),),
    "tool_result": (
        _result("A wall."),
        _result("No such thing.", is_error=True),
        _result([{"type": "text", "text": "A picture."}, {"type": "image", "source": _PNG}]),
    ),
    "tool_reference": (_user({"type": "tool_reference", "tool_name": "look"}),),
    "tool_addition": (_user({"type": "text", "text": "Hello"}, {"type": "tool_addition", "tool": {"name": "look"}}),),
    "mid_conv_system": (_user({"type": "mid_conv_system", "content": [{"type": "text", "text": "Be brief."}]}),),
    "fallback": (
        _assistant(
            {"type": "fallback", "from": {"model": "m"}, "to": {"model": "n"}}, {"type": "text", "text": "Hello"}
        ),
    ),
    "tool_removal": (_user({"type": "text", "text": "Hello"}, {"type": "tool_removal", "tool": {"name": "look"}}),),
}
"""By type of the block: messages that hold it. Blocks of features that run at Anthropic have `OPAQUE`."""


def opaque(kind: str) -> list[Json]:
    """Return a block of a feature that runs at Anthropic."""
    return _assistant({"type": kind, "name": "n", "input": {"q": "it"}})


TOOLS: Mapping[str, Json] = {
    "custom": {"name": "look", "input_schema": {}},
    "bash": {"type": "bash_20250124", "name": "bash"},
    "text_editor": {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
    "memory": {"type": "memory_20250818", "name": "memory"},
    "computer": {"type": "computer_20250124", "name": "computer", "display_width_px": 1, "display_height_px": 1},
    "browser": {"type": "browser_toolset_20260801"},
    "web_search": {"type": "web_search_20250305", "name": "web_search"},
    "web_fetch": {"type": "web_fetch_20250910", "name": "web_fetch"},
    "code_execution": {"type": "code_execution_20250825", "name": "code_execution"},
    "tool_search_tool": {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"},
    "mcp_toolset": {"type": "mcp_toolset", "mcp_server_name": "n"},
    "advisor": {"type": "advisor_20260301", "name": "advisor", "model": "m"},
}
"""By the beginning of the type."""

_SEARCH: Json = {"type": "web_search_20250305", "name": "web_search"}
SEARCHES: tuple[Json, ...] = (
    {"tools": [_SEARCH]},
    {"tools": [{**_SEARCH, "allowed_domains": ["example.com"], "max_uses": 5}]},
    {"tools": [{**_SEARCH, "blocked_domains": ["example.com"]}]},
    {"tools": [{**_SEARCH, "user_location": {"type": "approximate", "country": "CH"}}]},
    {"tools": [_SEARCH], "tool_choice": {"type": "tool", "name": "web_search"}},
)

USAGE: Mapping[str, Json] = {
    "prompt_tokens, completion_tokens": {},
    "prompt_tokens_details.cached_tokens": {"prompt_tokens_details": {"cached_tokens": 60}},
    "prompt_tokens_details.cache_write_tokens": {"prompt_tokens_details": {"cache_write_tokens": 30}},
    "prompt_cache_hit_tokens": {"prompt_cache_hit_tokens": 60},
    "cached_tokens": {"cached_tokens": 60},
    "completion_tokens_details.reasoning_tokens": {"completion_tokens_details": {"reasoning_tokens": 4}},
}
"""By what an upstream counts beside 100 tokens of prompt and 10 of completion."""
