"""Requests that the real API refuses, and its words.

Source: what people have reported of it (the bodies here are ours), and pydantic, which it speaks with.
"""

from typing import Any

from tests.vectors.requests import LOOK, Json, RefusedCase, ask, assistant, text, user

BLOCKS = (
    "'advisor_tool_result', 'bash_code_execution_tool_result', 'browser_state', 'code_execution_tool_result', "
    "'compaction', 'container_upload', 'document', 'fallback', 'image', 'mcp_tool_listing', 'mcp_tool_result', "
    "'mcp_tool_use', 'mid_conv_system', 'redacted_thinking', 'search_result', 'server_tool_use', 'text', "
    "'text_editor_code_execution_tool_result', 'thinking', 'tool_addition', 'tool_reference', 'tool_removal', "
    "'tool_result', 'tool_search_tool_result', 'tool_use', 'web_fetch_tool_result', 'web_search_tool_result'"
)
NO_OBJECT = "Input should be a valid dictionary or object to extract fields from"
NO_LIST = "Input should be a valid list"
NO_STRING = "Input should be a valid string"
NO_INTEGER = "Input should be a valid integer"
TOO_SHORT = "String should have at least 1 character"
MISSING = "Field required"
BLANK_STOP = "stop_sequences: each stop sequence must contain non-whitespace"
NO_IMAGE = "Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"


def picture(**changes: Any) -> Json:
    """An image block whose source differs so from one that is right."""
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA==", **changes}}


def called(**changes: Any) -> Json:
    """An assistant message with a tool call that differs so from one that is right."""
    return assistant({"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}, **changes})


def lacking(name: str) -> Json:
    """A request without this field."""
    return {other: value for other, value in ask().items() if other != name}


def untagged(where: str, tag: str, expected: str) -> str:
    """What is said of a tag that is none."""
    return f"{where}: Input tag '{tag}' found using 'type' does not match any of the expected tags: {expected}"


def first(what: Any) -> Json:
    """A request whose only block is this."""
    return ask(user(what)) if not isinstance(what, str) else ask({"role": "user", "content": [what]})


WRONG: dict[str, tuple[Json, str]] = {
    "nothing": ({}, f"model: {MISSING}"),
    "no-model": (lacking("model"), f"model: {MISSING}"),
    "no-messages": (lacking("messages"), f"messages: {MISSING}"),
    "no-max-tokens": (lacking("max_tokens"), f"max_tokens: {MISSING}"),
    "model-number": (ask(model=5), f"model: {NO_STRING}"),
    "model-empty": (ask(model=""), f"model: {TOO_SHORT}"),
    "messages-empty": ({**ask(), "messages": []}, "messages: at least one message is required"),
    "messages-object": ({**ask(), "messages": {}}, f"messages: {NO_LIST}"),
    "message-number": ({**ask(), "messages": [5]}, f"messages.0: {NO_OBJECT}"),
    "role-tool": (
        ask({"role": "tool", "content": "x"}),
        'messages: Unexpected role "tool". Allowed roles are "user", "assistant" or "system".',
    ),
    "role-essay": (
        ask({"role": "r" * 100, "content": "x"}),
        'messages: Unexpected role "…". Allowed roles are "user", "assistant" or "system".',
    ),
    "role-prose": (
        ask({"role": "my secret", "content": "x"}),
        'messages: Unexpected role "…". Allowed roles are "user", "assistant" or "system".',
    ),
    "role-number": (
        ask({"role": 5, "content": "x"}),
        "messages.0.role: Input should be 'user', 'assistant', 'system' or 'developer'",
    ),
    "role-missing": (ask({"content": "x"}), f"messages.0.role: {MISSING}"),
    "content-missing": (ask({"role": "user"}), f"messages.0.content: {MISSING}"),
    "content-missing-beside-an-effort": (
        ask({"role": "user", "output_config": {"effort": "low"}}),
        f"messages.0.content: {MISSING}",
    ),
    "content-missing-beside-nothing": (
        ask({"role": "system", "output_config": {}}),
        f"messages.0.content: {MISSING}",
    ),
    "content-null": (ask({"role": "user", "content": None}), f"messages.0.content: {NO_LIST}"),
    "block-string": (first("hi"), f"messages.0.content.0: {NO_OBJECT}"),
    "block-unknown": (
        ask(user("Hello"), assistant("Hi"), user(text("Look:"), {"type": "image_url", "image_url": {"url": "secret"}})),
        untagged("messages.2.content.1", "image_url", BLOCKS),
    ),
    "block-essay": (
        first({"type": "t" * 100}),
        untagged("messages.0.content.0", "…", BLOCKS),
    ),
    "block-without-type": (first({"text": "secret"}), f"messages.0.content.0.type: {MISSING}"),
    "text-missing": (first({"type": "text"}), f"messages.0.content.0.text.text: {MISSING}"),
    "text-number": (first({"type": "text", "text": 5}), f"messages.0.content.0.text.text: {NO_STRING}"),
    "image-without-source": (first({"type": "image"}), f"messages.0.content.0.image.source: {MISSING}"),
    "image-source-unknown": (
        first({"type": "image", "source": {"type": "s3"}}),
        untagged("messages.0.content.0.image.source", "s3", "'base64', 'url'"),
    ),
    "image-bmp": (
        first(picture(media_type="image/bmp")),
        f"messages.0.content.0.image.source.base64.media_type: {NO_IMAGE}",
    ),
    "image-in-a-result-bmp": (
        first({"type": "tool_result", "tool_use_id": "toolu_1", "content": [picture(media_type="image/bmp")]}),
        f"messages.0.content.0.tool_result.content.0.image.source.base64.media_type: {NO_IMAGE}",
    ),
    "image-garbage": (
        first(picture(data="secret!")),
        "messages.0.content.0.image.source.base64.data: Invalid base64 data",
    ),
    "image-cut": (first(picture(data="AAA")), "messages.0.content.0.image.source.base64.data: Invalid base64 data"),
    "image-empty": (first(picture(data="")), f"messages.0.content.0.image.source.base64.data: {TOO_SHORT}"),
    **{
        f"image-at-{name}": (
            first({"type": "image", "source": {"type": "url", "url": url}}),
            "messages.0.content.0.image.source.url.url: Input should be an http or https URL",
        )
        for name, url in {
            "a-file": "file:///secret",
            "nothing": "https:// ",
            "no-host": "https:///secret.png",
            "a-port-alone": "https://:443/secret.png",
            "no-port": "https://x.test:port/secret.png",
            "no-scheme": "//x.test/secret.png",
            "data": "data:image/png;base64,c2VjcmV0",
            "ftp": "ftp://x.test/secret.png",
            "a-script": "javascript:secret()//https://x.test",
            "a-sentence": "https://x.test/this model does not support images",
            "a-space-before": " https://x.test/secret.png",
            "a-tab": "https://x.test/a\tsecret.png",
            "a-line-end": "https://x.test/secret.png\n",
            "a-null": "https://x.test/\0secret.png",
            "a-hard-space": "https://x.test/a\u00a0secret.png",
            "a-direction": "https://x.test/\u202esecret.png",
            "a-backslash": "https:\\\\x.test\\secret.png",
        }.items()
    },
    "result-without-id": (first({"type": "tool_result"}), f"messages.0.content.0.tool_result.tool_use_id: {MISSING}"),
    "result-id": (
        first({"type": "tool_result", "tool_use_id": ""}),
        f"messages.0.content.0.tool_result.tool_use_id: {TOO_SHORT}",
    ),
    "call-without-id": (
        ask(assistant({"type": "tool_use", "name": "look", "input": {}})),
        f"messages.0.content.0.tool_use.id: {MISSING}",
    ),
    "call-id": (ask(called(id="")), f"messages.0.content.0.tool_use.id: {TOO_SHORT}"),
    "call-name": (ask(called(name="")), f"messages.0.content.0.tool_use.name: {TOO_SHORT}"),
    "call-input": (ask(called(input="{}")), "messages.0.content.0.tool_use.input: Input should be a valid dictionary"),
    "thinking-without-text": (
        ask(assistant({"type": "thinking", "signature": "x"})),
        f"messages.0.content.0.thinking.thinking: {MISSING}",
    ),
    "document-garbage": (
        first({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "secret!"}}),
        "messages.0.content.0.document.source.base64.data: Invalid base64 data",
    ),
    "instructions-in-the-middle": (
        first({"type": "mid_conv_system"}),
        f"messages.0.content.0.mid_conv_system.content: {MISSING}",
    ),
    "tools-object": (ask(tools={}), f"tools: {NO_LIST}"),
    "tool-number": (ask(tools=[5]), f"tools.0.custom: {NO_OBJECT}"),
    "tool-type-number": (ask(tools=[{"type": 5, "name": "bash"}]), f"tools.0.type: {NO_STRING}"),
    "tool-typed-name": (ask(tools=[LOOK, {"type": "bash_20250124", "name": 5}]), f"tools.1.name: {NO_STRING}"),
    "tool-without-name": (ask(tools=[{"input_schema": {}}]), f"tools.0.custom.name: {MISSING}"),
    "tool-name": (ask(tools=[{**LOOK, "name": ""}]), f"tools.0.custom.name: {TOO_SHORT}"),
    "tool-without-schema": (ask(tools=[LOOK, {"name": "a"}]), f"tools.1.custom.input_schema: {MISSING}"),
    "tools-alike": (ask(tools=[LOOK, LOOK]), "tools: Tool names must be unique."),
    "tools-alike-typed": (
        ask(tools=[{**LOOK, "name": "web_search"}, {"type": "web_search_20250305", "name": "web_search"}]),
        "tools: Tool names must be unique.",
    ),
    "choice-string": (ask(tool_choice="auto"), f"tool_choice: {NO_OBJECT}"),
    "choice-without-type": (ask(tool_choice={}), f"tool_choice.type: {MISSING}"),
    "choice-unknown": (
        ask(tool_choice={"type": "required"}),
        untagged("tool_choice", "required", "'any', 'auto', 'none', 'tool'"),
    ),
    "choice-any-without-tools": (
        ask(tool_choice={"type": "any"}),
        "tool_choice.any may only be specified while providing tools",
    ),
    "choice-any-of-no-tools": (
        ask(tools=[], tool_choice={"type": "any"}),
        "tool_choice.any may only be specified while providing tools",
    ),
    "choice-of-an-unknown-tool": (
        ask(tools=[LOOK], tool_choice={"type": "tool", "name": "mcp__look-for"}),
        "Tool 'mcp__look-for' not found in provided tools",
    ),
    "choice-of-prose": (
        ask(tools=[LOOK], tool_choice={"type": "tool", "name": "my secret"}),
        "Tool '…' not found in provided tools",
    ),
    "choice-without-name": (ask(tool_choice={"type": "tool"}), f"tool_choice.tool.name: {MISSING}"),
    "max-tokens-negative": (ask(max_tokens=-1), "max_tokens: Input should be greater than or equal to 0"),
    "max-tokens-string": (ask(max_tokens="9"), f"max_tokens: {NO_INTEGER}"),
    "temperature-high": (ask(temperature=1.1), "temperature: Input should be less than or equal to 1"),
    "temperature-low": (ask(temperature=-0.1), "temperature: Input should be greater than or equal to 0"),
    "top-p-high": (ask(top_p=2), "top_p: Input should be less than or equal to 1"),
    "top-k-negative": (ask(top_k=-1), "top_k: Input should be greater than or equal to 0"),
    "stop-string": (ask(stop_sequences="x"), f"stop_sequences: {NO_LIST}"),
    "stop-number": (ask(stop_sequences=["x", 5]), f"stop_sequences.1: {NO_STRING}"),
    "stop-empty": (ask(stop_sequences=[""]), BLANK_STOP),
    "stop-blank": (ask(stop_sequences=["x", " \n\u2003"]), BLANK_STOP),
    "stream-string": (ask(stream="true"), "stream: Input should be a valid boolean"),
    "system-number": (ask(system=5), f"system: {NO_LIST}"),
    "system-image": (ask(system=[picture()]), "system.0.type: Input should be 'text'"),
    "thinking-string": (ask(thinking="on"), f"thinking: {NO_OBJECT}"),
    "thinking-unknown": (
        ask(thinking={"type": "deep"}),
        untagged("thinking", "deep", "'adaptive', 'between_tools', 'disabled', 'enabled'"),
    ),
    "effort-unknown": (
        ask(output_config={"effort": "huge"}),
        "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ),
    "edits-number": (ask(context_management={"edits": -1}), f"context_management.edits: {NO_LIST}"),
    "metadata-string": (ask(metadata="me"), f"metadata: {NO_OBJECT}"),
}

REFUSED = [
    RefusedCase(id=f"malformed-{name}", why="as the real API answers", request=request, message=message)
    for name, (request, message) in WRONG.items()
]
