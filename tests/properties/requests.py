"""Any valid request of the Messages API."""

from typing import Any, get_args

from hypothesis import strategies as st
from translator.traits import COMMON_FIELDS, Effort, ThinkingToggle, Traits

Json = dict[str, Any]

text = st.text(max_size=20)
identity = st.sampled_from(["toolu_1", "toolu_2", "toolu_AX0CYtKvFGNhbGxfYQ", "call_0", "call_" + "9" * 300])
"""Few, so that they meet again."""
tool_names = st.sampled_from(["look", "listen", "mcp__" + "x" * 70, "schauen.früh", "bash"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(text, json_values, max_size=2)
cache_control = st.fixed_dictionaries({}, optional={"cache_control": st.just({"type": "ephemeral"})})


def block(
    kind: str, optional: dict[str, st.SearchStrategy[Any]] | None = None, **fields: Any
) -> st.SearchStrategy[Json]:
    """A block of this type, now and then with a marker of the cache."""
    shape = st.fixed_dictionaries({"type": st.just(kind), **fields}, optional=optional or {})
    return st.builds(lambda made, marked: {**made, **marked}, shape, cache_control)


texts = block("text", text=text)


def base64(*media_types: str) -> st.SearchStrategy[Json]:
    """A source with its bytes."""
    return st.fixed_dictionaries(
        {"type": st.just("base64"), "media_type": st.sampled_from(media_types), "data": st.just("AA==")}
    )


images = block(
    "image", source=base64("image/png", "image/webp") | st.just({"type": "url", "url": "https://pictures.test/a.png"})
)
inner_texts = st.lists(texts | images, max_size=2)
documents = block(
    "document",
    {"title": text | st.none(), "context": text | st.none()},
    source=st.one_of(
        base64("application/pdf", "text/csv"),
        st.fixed_dictionaries({"type": st.just("text"), "media_type": st.just("text/plain"), "data": text}),
        st.fixed_dictionaries({"type": st.just("content"), "content": text | inner_texts}),
    ),
)
search_results = block("search_result", source=text, title=text, content=st.lists(texts, max_size=2))
references = block("tool_reference", tool_name=tool_names)
thinking = block(
    "thinking",
    thinking=text,
    signature=st.sampled_from(
        [
            "",
            "ew1.shown",
            "ew1.hidden.SG0u",
            "ew1.details.W3t9XQ==",
            "ew1.encrypted.eyJ2IjoxLCJzIjoiIiwiYiI6MH0=.gAAAA1",
            "ew1.encrypted.eyJ2IjoxLCJzIjoiIiwiYiI6MH0=.gAAAA2",
            "EqQB",
        ]
    ),
)
redacted = block("redacted_thinking", data=text)
tool_uses = block("tool_use", id=identity, name=tool_names, input=objects)
result_content = text | st.lists(texts | images | documents | search_results | references, max_size=3)
tool_results = block("tool_result", {"content": result_content, "is_error": st.booleans()}, tool_use_id=identity)
changes = block(
    "tool_addition", tool=st.fixed_dictionaries({"type": st.just("tool_reference"), "name": tool_names})
) | block("tool_removal", tool=st.fixed_dictionaries({"type": st.just("tool_reference"), "name": tool_names}))
instructions = block("mid_conv_system", content=st.lists(texts, max_size=2))
opaque = st.builds(
    lambda kind, fields: {**fields, "type": kind},
    st.sampled_from(["server_tool_use", "web_search_tool_result", "compaction", "mcp_tool_use", "container_upload"]),
    st.fixed_dictionaries({}, optional={"content": text | json_values, "cache_control": st.just({})}),
)
any_block = st.one_of(
    texts, images, documents, search_results, thinking, redacted, tool_uses, tool_results, references, changes,
    instructions, opaque,
)  # fmt: skip
messages = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "user", "assistant", "system", "developer"]),
        "content": text | st.lists(any_block, max_size=4),
    },
    optional={
        "clear_at": st.sampled_from(["next_user_message", "never"]),
        "output_config": st.fixed_dictionaries({"effort": st.sampled_from(["low", "max"])}),
    },
)

schemas = st.one_of(
    st.just({}),
    st.just({"type": "object"}),
    st.just({"type": "object", "properties": None}),
    st.just({"anyOf": [{"type": "object"}], "additionalProperties": False}),
    st.just(
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
    ),
    st.dictionaries(st.sampled_from(["type", "properties", "required", "items", "x"]), json_values, max_size=3).filter(
        lambda schema: isinstance(schema.get("properties", {}), dict)
    ),
)
custom_tools = st.builds(
    lambda name, schema, more: {"name": name, "input_schema": schema, **more},
    tool_names,
    schemas,
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.just("custom"),
            "description": text,
            "defer_loading": st.booleans(),
            "strict": st.booleans(),
            "input_examples": st.lists(objects, max_size=2),
            "cache_control": st.just({"type": "ephemeral"}),
        },
    ),
)
typed_tools: st.SearchStrategy[Json] = st.sampled_from(
    [
        {"type": "bash_20250124", "name": "shell"},
        {"type": "web_search_20250305", "name": "web_search"},
        {
            "type": "web_search_20260318",
            "name": "search",
            "max_uses": 3,
            "allowed_domains": ["a.test"],
            "user_location": {"type": "approximate", "country": "CH"},
        },
        {"type": "web_search_20260209", "name": "find", "blocked_domains": ["a.test"]},
        {"type": "tool_search_tool_regex_20251119", "name": "tool_search"},
        {"type": "mcp_toolset", "mcp_server_name": "m"},
    ]
)
tools = st.lists(custom_tools | typed_tools, max_size=4, unique_by=lambda tool: tool.get("name"))
choices = st.builds(
    lambda kind, serial: {"type": kind, **({"disable_parallel_tool_use": True} if serial and kind == "auto" else {})},
    st.sampled_from(["auto", "none"]),
    st.booleans(),
)
thinkings = st.one_of(
    st.just({"type": "disabled"}),
    st.just({"type": "between_tools"}),
    st.builds(lambda budget: {"type": "enabled", "budget_tokens": budget}, st.integers(0, 100_000)),
    st.just({"type": "adaptive", "display": "omitted"}),
)
output_configs = st.fixed_dictionaries(
    {},
    optional={
        "effort": st.sampled_from(["low", "medium", "high", "xhigh", "max"]),
        "format": st.builds(lambda schema: {"type": "json_schema", "schema": schema}, schemas),
    },
)
requests: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "model": st.just("gpt-5"),
        "max_tokens": st.integers(0, 200_000),
        "messages": st.lists(messages, min_size=1, max_size=6),
    },
    optional={
        "system": text | st.lists(texts, max_size=3),
        "tools": tools,
        "tool_choice": choices,
        "thinking": thinkings,
        "output_config": output_configs,
        "temperature": st.floats(0, 1),
        "top_k": st.integers(0, 100),
        "stop_sequences": st.lists(text.filter(str.strip), max_size=3),
        "stream": st.booleans(),
        "service_tier": st.sampled_from(["auto", "standard_only"]),
        "metadata": st.just({"user_id": "me"}),
        "cache_control": st.just({"type": "ephemeral"}),
        "what_is_this": json_values,
    },
)

EFFORTS: list[tuple[Effort, ...]] = [(), ("low", "medium", "high"), ("high",)]
ALL_FIELDS = COMMON_FIELDS | {"parallel_tool_calls", "service_tier", "prompt_cache_key", "safety_identifier", "store"}
traits = st.builds(
    Traits,
    fields=st.sampled_from([frozenset(), COMMON_FIELDS, ALL_FIELDS]),
    max_tokens_field=st.sampled_from(["max_tokens", "max_completion_tokens"]),
    min_output_tokens=st.sampled_from([1, 16]),
    max_output_tokens=st.sampled_from([None, 8_192]),
    efforts=st.sampled_from(EFFORTS),
    thinking_toggle=st.sampled_from([None, *get_args(ThinkingToggle)]),
    written_calls=st.booleans(),
    reasoning_with_tools=st.sampled_from(["any", "default"]),
    reasoning_echo=st.sampled_from([None, "reasoning_content", "reasoning_details", "think_tags"]),
    thought_signature=st.sampled_from([None, "google"]),
    thinking=st.sampled_from(["asked", "off"]),
    cache_marker=st.sampled_from([None, "cache_control", "prompt_cache_breakpoint"]),
    instructions_role=st.sampled_from(["system", "developer"]),
    mid_system=st.sampled_from(["keep", "user"]),
    images=st.booleans(),
    pdf=st.booleans(),
    prefill=st.sampled_from(["plain", "prefix", "continue_final_message"]),
    tool_choice=st.sampled_from(["any", "unforced", "unnamed", "required_or_none"]),
    structured_output=st.sampled_from(["json_schema", "json_object", "none"]),
    schemas=st.sampled_from(["json_schema", "google"]),
    max_tool_description=st.sampled_from([None, 10]),
    tool_call_id=st.sampled_from(["any", "alphanumeric_9"]),
    web_search=st.sampled_from(["none", "upstream"]),
    empty_assistant_content=st.sampled_from(["null", "string"]),
)
