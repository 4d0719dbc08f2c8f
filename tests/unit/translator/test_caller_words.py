"""What of an upstream's words is the caller's, and what is not although the caller has used the same words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from translator.anthropic.request import parse_messages_request
from translator.caller_words import NO_WORDS, CallerWords, Heard

SENTENCE = "this model does not support images"
ASKED = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
LONG = "It is a truth universally acknowledged. " * 20


def words_of(**changes: Any) -> CallerWords:
    return CallerWords(parse_messages_request({**ASKED, **changes}))


def user(*blocks: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def tool(**facts: Any) -> dict[str, Any]:
    return {"tools": [{"name": "look", "input_schema": {"type": "object"}, **facts}]}


def call(**facts: Any) -> dict[str, Any]:
    block = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}, **facts}
    return {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": [block]}]}


PLACES: dict[str, dict[str, Any]] = {
    "text": user({"type": "text", "text": SENTENCE}),
    "string": {"messages": [{"role": "user", "content": SENTENCE}]},
    "long text": user({"type": "text", "text": f"{LONG}{SENTENCE} {LONG}"}),
    "image": user({"type": "image", "source": {"type": "url", "url": f"https://x.test/{quote(SENTENCE)}.png"}}),
    "title": user({"type": "document", "title": SENTENCE, "source": {"type": "text", "data": "x"}}),
    "document": user({"type": "document", "source": {"type": "text", "data": SENTENCE}}),
    "search result": user({"type": "search_result", "source": SENTENCE, "title": "x", "content": []}),
    "opaque block": user({"type": "browser_state", "tabs": [{SENTENCE: 1}]}),
    "opaque block's field": user({"type": "browser_state", SENTENCE: 1}),
    "system": {"system": SENTENCE},
    "model": {"model": f"openrouter/{SENTENCE}"},
    "tool's name": tool(name=SENTENCE),
    "tool's description": tool(description=SENTENCE),
    "property": tool(input_schema={"type": "object", "properties": {SENTENCE: {"type": "string"}}}),
    "enum": tool(input_schema={"enum": [[{"const": SENTENCE}]]}),
    "typed tool": {"tools": [{"type": "web_search_20250305", "name": "web_search", "allowed_domains": [SENTENCE]}]},
    "call's id": call(id=SENTENCE),
    "call's input": call(input={"path": SENTENCE}),
    "metadata": {"metadata": {"user_id": SENTENCE}},
    "stop sequence": {"stop_sequences": [SENTENCE]},
    "answer's schema": {"output_config": {"format": {"type": "json_schema", "schema": {"title": SENTENCE}}}},
}


@pytest.mark.parametrize("place", PLACES)
def test_what_the_caller_has_written_is_taken_out_wherever_it_stood(place: str) -> None:
    heard = words_of(**PLACES[place]).taken_out_of(f"Invalid value: '{SENTENCE}'.")
    blanked = f"Invalid value: '{'·' * len(SENTENCE)}'."
    assert heard == Heard(blanked, blanked)


SHAPES = {
    "in capitals": SENTENCE.upper(),
    "in other spacing": SENTENCE.replace(" ", "  \t "),
    "with line ends": json.dumps(SENTENCE.replace(" ", "\n")),
    "escaped": json.dumps(json.dumps({"title": SENTENCE})),
    "in percents": quote(SENTENCE),
    "in plus signs": SENTENCE.replace(" ", "+"),
    "wide": "".join(chr(ord(each) + 0xFEE0) if each != " " else each for each in SENTENCE),
}


@pytest.mark.parametrize("said", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("written", [*SHAPES.values(), SENTENCE.replace(" ", "_")], ids=[*SHAPES, "with underscores"])
def test_no_shape_hides_whose_words_they_are(written: str, said: str) -> None:
    heard = words_of(system=f"Note: {written}").taken_out_of(f"Refused: {said} - sorry")
    assert "support" not in heard.without_echoes.casefold()
    assert heard.without_echoes.startswith("Refused: ")
    assert heard.without_echoes.endswith(" - sorry")


@pytest.mark.parametrize("cut", [SENTENCE[3:], SENTENCE[:-3], f"…{SENTENCE[2:]}…"])
def test_what_is_cut_off_is_repeated_too(cut: str) -> None:
    heard = words_of(system=f"{LONG}{SENTENCE} {LONG}").taken_out_of(f"Refused: {cut}")
    assert "not support" not in heard.without_echoes


@pytest.mark.parametrize(
    ("escape", "said"),
    [
        ("this%20model%2520does%252520not support images", SENTENCE),
        ("th%69s mod%65l does not support images", SENTENCE),
        (r"th\u0069s model does not support images", SENTENCE),
    ],
)
def test_escapes_are_resolved_as_an_upstream_may(escape: str, said: str) -> None:
    assert words_of(system=escape).taken_out_of(said) == Heard("·" * len(said), "·" * len(said))


def test_a_span_may_begin_on_one_line_and_end_on_the_next() -> None:
    said = "this model does\nnot support images: no"
    blanked = "···············\n··················: no"
    assert words_of(system=SENTENCE).taken_out_of(said) == Heard(blanked, blanked)


ORDINARY = "Unsupported parameter: 'temperature' is not supported with this model."


@pytest.mark.parametrize(
    "prompt",
    [
        "Why does the API say that temperature is not supported?",
        "parallel_tool_calls prompt_cache_key max_completion_tokens is not supported",
        "The parameter reasoning_effort is unsupported with this model, use max_completion_tokens.",
        f"{LONG} temperature, top_p, is not supported, with that, model, unsupported parameter {LONG}",
    ],
)
def test_a_prompt_about_apis_leaves_a_refusal_readable(prompt: str) -> None:
    assert words_of(system=prompt).taken_out_of(ORDINARY).without_echoes == ORDINARY


@pytest.mark.parametrize(
    ("name", "without_doubt"),
    [
        ("not support images", "It does ··················."),
        ("x/not support images/y", "It does ··················."),
        ("support images", "It does not ··············."),
        ("support_images", "It does not ··············."),
        ("images", "It does not support images."),
        ("support", "It does not support images."),
        (f"{LONG} not support images", "It does not support images."),
    ],
)
def test_a_short_name_is_doubted_and_heard_all_the_same(name: str, without_doubt: str) -> None:
    said = "It does not support images."
    assert words_of(system=name).taken_out_of(said) == Heard(said, without_doubt)


@pytest.mark.parametrize(
    ("name", "without_doubt"),
    [
        ("[[prompt_cache_key]]", "Unknown field: ················"),
        ("about prompt_cache_key", "Unknown field: prompt_cache_key"),
        ("unknown field prompt_cache_key", "·" * len("Unknown field: prompt_cache_key")),
        ("field prompt_cache_key", "Unknown " + "·" * len("field: prompt_cache_key")),
    ],
)
def test_an_identifier_is_one_word(name: str, without_doubt: str) -> None:
    said = "Unknown field: prompt_cache_key"
    assert words_of(system=name).taken_out_of(said) == Heard(said, without_doubt)


def test_fields_of_ours_are_no_words_of_the_caller_s() -> None:
    words = words_of(max_tokens=5, temperature=0.5, **user({"type": "text", "text": "x", "cache_control": None}))
    said = "max_tokens cache_control stop_sequences temperature tool_choice"
    assert words.taken_out_of(said) == Heard(said, said)
    assert not words.include("cache_control")


def test_where_nobody_has_asked_nothing_is_the_caller_s() -> None:
    assert NO_WORDS.taken_out_of(ORDINARY) == Heard(ORDINARY, ORDINARY)
    assert not NO_WORDS.include("temperature")


@pytest.mark.parametrize(
    ("written", "is_included"),
    [
        ("unsupported_parameter", True),
        ("my unsupported parameters", True),
        ("UNSUPPORTED%5FPARAMETER", True),
        ("xunsupported_parameterx", True),
        ("unsupported", False),
        ("an unsupported, parameter", True),
        ("unsupported value", False),
    ],
)
def test_a_code_that_the_caller_may_have_written(written: str, is_included: bool) -> None:
    assert words_of(system=written).include("unsupported_parameter") is is_included
