"""Calls that a model has written into its text, in every format and in whatever pieces they come."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.chat.answer.call_formats import CALL_FORMATS, WrittenCall, schemas_of
from translator.chat.answer.pieces import Text
from translator.chat.answer.written_calls import WrittenCalls

LOOK = {
    "type": "object",
    "properties": {
        "at": {"type": "string"},
        "times": {"type": "integer"},
        "scale": {"type": ["number", "null"]},
        "closely": {"type": "boolean"},
        "where": {"anyOf": [{"type": "array"}, {"type": "object"}]},
    },
}
SCHEMAS = schemas_of(
    [
        {"function": {"name": "look", "parameters": LOOK}},
        {"function": {"name": "listen"}},
        {"function": {"name": "mcp.x"}},
    ]
)
WALL = ("look", {"at": "wall"})
BAR, LOW = "\uff5c", "\u2581"


def deepseek(tag: str) -> str:
    return f"<{BAR}tool{LOW}{tag.replace(' ', LOW)}{BAR}>"


V3 = (
    f"{deepseek('calls begin')}{deepseek('call begin')}function{deepseek('sep')}look\n```json\n"
    f'{{"at": "wall"}}\n```{deepseek("call end")}{deepseek("calls end")}'
)
V31 = (
    f'{deepseek("calls begin")}{deepseek("call begin")}look{deepseek("sep")}{{"at": "wall"}}{deepseek("call end")}'
    f"{deepseek('call begin')}listen{deepseek('sep')}{{}}{deepseek('call end')}{deepseek('calls end')}"
)
KIMI = (
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.look:0<|tool_call_argument_begin|>{"at": "wall"}'
    "<|tool_call_end|><|tool_call_begin|>functions.listen:1<|tool_call_argument_begin|>{}<|tool_call_end|>"
    "<|tool_calls_section_end|>"
)
DSML = (
    f'<{BAR}DSML{BAR}tool_calls>\n<{BAR}DSML{BAR}invoke name="look">\n'
    f'<{BAR}DSML{BAR}parameter name="at" string="true">7</{BAR}DSML{BAR}parameter>\n'
    f'<{BAR}DSML{BAR}parameter name="times" string="false">3</{BAR}DSML{BAR}parameter>\n'
    f"</{BAR}DSML{BAR}invoke>\n</{BAR}DSML{BAR}tool_calls>"
)
NS = "]<]minimax[>["
M3 = (
    f'I look. {NS}<tool_call>\n{NS}<invoke name="look">\n{NS}<at>wall{NS}</at>\n{NS}<times>3{NS}</times>\n'
    f"{NS}<where>{NS}<item>a{NS}</item>{NS}<item>b{NS}</item>{NS}</where>\n{NS}</invoke>\n"
    f'{NS}<invoke name="listen">\n{NS}</invoke>\n{NS}</tool_call>'
)
MINIMAX = (
    '<minimax:tool_call>\n<invoke name="look">\n<parameter name="at">wall</parameter>\n</invoke>\n'
    '<invoke name="listen">\n</invoke>\n</minimax:tool_call>'
)
TYPED = """<tool_call>
<function=look>
<parameter=at>
12
</parameter>
<parameter=times>
3
</parameter>
<parameter=scale>
null
</parameter>
<parameter=closely>
True
</parameter>
<parameter=where>
["x"]
</parameter>
<parameter=unknown>
7
</parameter>
</function>
</tool_call>"""
UNTYPED = (
    "<function=look><parameter=times>many</parameter><parameter=scale>1.5</parameter>"
    '<parameter=closely>"yes"</parameter><parameter=where>7</parameter></function>'
)
MANY_LINES = "def f():\n    return '</parameter>'  # </function>\n"

CASES: dict[str, tuple[str, str, list[tuple[str, dict[str, Any]]]]] = {
    "hermes": ('<tool_call>\n{"name": "look", "arguments": {"at": "wall"}}\n</tool_call>', "", [WALL]),
    "arguments in quotation marks": (
        '<tool_call>{"name": "look", "arguments": "{\\"at\\": \\"wall\\"}"}</tool_call>',
        "",
        [WALL],
    ),
    "parameters": ('<tool_call>{"name": "look", "parameters": {"at": "wall"}}</tool_call>', "", [WALL]),
    "no arguments": ('<tool_call>{"name": "listen"}</tool_call>', "", [("listen", {})]),
    "qwen": (
        "<tool_call>\n<function=look>\n<parameter=at>\nwall\n</parameter>\n</function>\n</tool_call>",
        "",
        [WALL],
    ),
    "two in one": (
        "<tool_call><function=look><parameter=at>wall</parameter></function>\n<function=listen></function></tool_call>",
        "",
        [WALL, ("listen", {})],
    ),
    "types": (
        TYPED,
        "",
        [("look", {"at": "12", "times": 3, "scale": None, "closely": True, "where": ["x"], "unknown": "7"})],
    ),
    "other types than asked": (
        UNTYPED,
        "",
        [("look", {"times": "many", "scale": 1.5, "closely": '"yes"', "where": "7"})],
    ),
    "bare": ("<function=look><parameter=at>wall</parameter></function>", "", [WALL]),
    "llama": ('<function=look>{"at": "wall"}</function>', "", [WALL]),
    "llama with its end within": (
        '<function=look>{"at": "</function>"}</function>',
        "",
        [("look", {"at": "</function>"})],
    ),
    "many lines": (
        f"<tool_call><function=look><parameter=at>\n{MANY_LINES}\n</parameter></function></tool_call>",
        "",
        [("look", {"at": MANY_LINES})],
    ),
    "anthropic's older": (
        '<function_calls>\n<invoke name="look">\n<parameter name="at">wall</parameter>\n</invoke>\n</function_calls>',
        "",
        [WALL],
    ),
    "minimax": (
        MINIMAX,
        "",
        [WALL, ("listen", {})],
    ),
    "invoke": ('<invoke name="look"><parameter name="at">wall</parameter></invoke>', "", [WALL]),
    "kimi": (KIMI, "", [WALL, ("listen", {})]),
    "deepseek v3": (V3, "", [WALL]),
    "deepseek v3.1": (V31, "", [WALL, ("listen", {})]),
    "a name with a dot": ('<tool_call>{"name": "mcp.x", "arguments": {}}</tool_call>', "", [("mcp.x", {})]),
    "another case": ('<tool_call>{"name": "LOOK", "arguments": {"at": "wall"}}</tool_call>', "", [WALL]),
    "glm": ("<tool_call>look<arg_key>at</arg_key><arg_value>wall</arg_value></tool_call>", "", [WALL]),
    "glm in lines": (
        (
            "<tool_call>look\n<arg_key>at</arg_key>\n<arg_value>wall</arg_value>\n<arg_key>times</arg_key>\n"
            "<arg_value>3</arg_value>\n</tool_call><tool_call>listen</tool_call>"
        ),
        "",
        [("look", {"at": "wall", "times": 3}), ("listen", {})],
    ),
    "dsml": (DSML, "", [("look", {"at": "7", "times": 3})]),
    "dsml of 3.2": (DSML.replace("tool_calls", "function_calls"), "", [("look", {"at": "7", "times": 3})]),
    "dsml alone": (
        (
            f'<{BAR}DSML{BAR}invoke name="look">\n<{BAR}DSML{BAR}parameter name="at">wall</{BAR}DSML{BAR}parameter>\n'
            f"</{BAR}DSML{BAR}invoke>"
        ),
        "",
        [WALL],
    ),
    **{
        f"kimi's id {written}": (
            (
                f'<|tool_calls_section_begin|><|tool_call_begin|>{written}<|tool_call_argument_begin|>{{"at": "wall"}}'
                "<|tool_call_end|><|tool_calls_section_end|>"
            ),
            "",
            [WALL],
        )
        for written in ("functions.look:0", "functionslook5", "look:12", "look", "functions.look", " functions.look:0 ")
    },
    "minimax m3": (M3, "I look. ", [("look", {"at": "wall", "times": 3, "where": ["a", "b"]}), ("listen", {})]),
    "minimax m3 within": (
        (
            f'{NS}<tool_call>{NS}<invoke name="look">{NS}<where>{NS}<x>1{NS}</x>{NS}<y>z{NS}</y>{NS}</where>'
            f"{NS}</invoke>{NS}</tool_call>"
        ),
        "",
        [("look", {"where": {"x": "1", "y": "z"}})],
    ),
    "minimax m3 with text for a list": (
        f'{NS}<tool_call>{NS}<invoke name="look">{NS}<where>here <b>{NS}</where>{NS}</invoke>{NS}</tool_call>',
        "",
        [("look", {"where": "here <b>"})],
    ),
    "harmony": (
        '<|channel|>commentary to=functions.look<|constrain|>json<|message|>{"at": "wall"}<|call|>',
        "",
        [WALL],
    ),
    "harmony from its start": (
        '<|start|>assistant<|channel|>commentary to=functions.look <|constrain|>json<|message|>{"at": "wall"}<|call|>',
        "",
        [WALL],
    ),
    "harmony without its end": (
        '<|start|>assistant to=functions.look<|channel|>commentary json<|message|>{"at": "wall"}',
        "",
        [WALL],
    ),
    "text around": (
        'I look.\n<tool_call>{"name": "listen"}</tool_call>\n\nNow wait.',
        "I look.\n\n\nNow wait.",
        [("listen", {})],
    ),
    "space around": (
        '\n<tool_call>{"name": "listen"}</tool_call>\n<tool_call>{"name": "listen"}</tool_call>\n',
        "",
        [("listen", {}), ("listen", {})],
    ),
    "its end within": (
        '<tool_call>{"name": "look", "arguments": {"at": "</tool_call>"}}</tool_call>.',
        ".",
        [("look", {"at": "</tool_call>"})],
    ),
    "no last tag": ('<tool_call>{"name": "listen"}', "", [("listen", {})]),
    "no last tag but one": ("<tool_call><function=listen></function>", "", [("listen", {})]),
    "behind one that is none": (
        '<tool_call>{"name": 7}</tool_call><tool_call>{"name": "listen"}</tool_call>',
        '<tool_call>{"name": 7}</tool_call>',
        [("listen", {})],
    ),
    "behind a block of code": (
        '```\nx\n```\n<tool_call>{"name": "listen"}</tool_call>',
        "```\nx\n```\n",
        [("listen", {})],
    ),
    "within one that is none": (
        '<function_calls>Well: <invoke name="listen"></invoke></function_calls>',
        "<function_calls>Well: </function_calls>",
        [("listen", {})],
    ),
}
"""By what it shows: what was written, what of it is text, and the calls."""

TEXTS = (
    "Use <tool_call> for that, or <function=look.",
    '<tool_call>{"name": "fly", "arguments": {}}</tool_call>',
    '<tool_call>{"name": "look", "arguments": []}</tool_call>',
    '<tool_call>{"name": "look", "arguments": "7"}</tool_call>',
    '<tool_call>{"name": "look"} and more</tool_call>',
    '<tool_call>{"name": "look", "arguments": {"at": NaN}}</tool_call>',
    '<tool_call>{"name": "look", "arguments": {"at": "wal',
    '<tool_call>{"name": "look", "arguments": {"at": "wal</tool_call>',
    "<tool_call></tool_call>",
    "<tool_call>",
    "<tool_call><function=fly></function></tool_call>",
    "<tool_call><function=look>Well.</function></tool_call>",
    "<tool_call><function=look><parameter=at>wall</tool_call>",
    "<tool_call><function=look> Well.</function></tool_call>",
    "<function=look>",
    "<function=look><parameter=at>wall</parameter>",
    '<function=look>{"at": "wall"}',
    '<function=look>{"at": 7 8}</function>',
    "<function=fly></function>",
    '<invoke name="fly"></invoke>',
    "<function_calls></function_calls>",
    'Like this:\n```xml\n<tool_call>{"name": "listen"}</tool_call>\n```\nDone.',
    '```\na\n```\n````\n<tool_call>{"name": "listen"}</tool_call>',
    '```<tool_call>{"name": "listen"}</tool_call>',
    KIMI.replace("look", "fly"),
    KIMI.replace("<|tool_call_end|>", ""),
    V3.replace("look", "fly"),
    "a < b, and <b> is bold",
    "\n\n  Space is text.  \n",
    "  ",
    "",
)


def read(text: str, pieces: list[str]) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    written = WrittenCalls(SCHEMAS)
    parts = [part for piece in pieces for part in written.feed(piece)] + written.flush()
    assert "".join(pieces) == text
    assert written.flush() == []
    assert Text("") not in parts
    said = "".join(part.text for part in parts if isinstance(part, Text))
    return said, [(part.name, part.arguments) for part in parts if isinstance(part, WrittenCall)]


@pytest.mark.failure_mode(49)
@pytest.mark.parametrize("name", CASES)
def test_at_once_and_letter_by_letter(name: str) -> None:
    text, *expected = CASES[name]
    for pieces in ([text], list(text)):
        assert read(text, pieces) == tuple(expected)


def test_calls_with_text_between_them_are_read_one_by_one_and_their_outer_tags_are_text() -> None:
    text = "<tool_call><function=look></function> and <function=look></function></tool_call>"
    assert read(text, [text]) == ("<tool_call> and </tool_call>", [("look", {}), ("look", {})])


@pytest.mark.failure_mode(49)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_no_call_is_text_to_the_letter(text: str) -> None:
    for pieces in ([text], list(text)):
        assert read(text, pieces) == (text, [])


def test_nothing_is_held_back_longer_than_it_must_be() -> None:
    written = WrittenCalls(SCHEMAS)
    assert [written.feed(piece) for piece in ("Yes <", "b> <tool", "_call> is", " <function=lo", "ud> <")] == [
        [Text("Yes ")],
        [Text("<b> ")],
        [Text("<tool_call> is")],
        [Text(" ")],
        [Text("<function=loud> ")],
    ]


def test_calls_and_text_come_in_the_order_in_which_they_were_written() -> None:
    text = "One <function=look></function><function=listen></function> < <function=fly>, three <"
    for pieces in ([text], [text[:9], text[9:]]):
        written = WrittenCalls(SCHEMAS)
        parts = [part for piece in pieces for part in written.feed(piece)]
        assert (parts, written.flush()) == (
            [Text("One "), WrittenCall("look", {}), WrittenCall("listen", {}), Text(" < <function=fly>, three ")],
            [Text("<")],
        )


PIECES = [
    *CALL_FORMATS, *(call_format.closing for call_format in CALL_FORMATS.values()),
    '{"name": "look", "arguments": {"at": "', '"}}', "look>", '"look">',  "<function=listen>",
    "<parameter=at>", "</parameter>", "</function>", "``", "`", "<", "tool_call>", " ", "\n", "a",
]  # fmt: skip


@pytest.mark.failure_mode(49)
@given(st.lists(st.sampled_from(PIECES), max_size=8), st.data())
def test_where_it_is_cut_makes_no_difference_and_nothing_is_lost(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    said, calls = read(text, pieces)
    assert (said, calls) == read(text, [text])
    assert said == text or calls


@pytest.mark.failure_mode(49)
@given(
    st.text(max_size=20), st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), st.text(max_size=20)
)
def test_a_call_of_hermes_survives_whatever_it_says(before: str, arguments: dict[str, str], behind: str) -> None:
    call = f"<tool_call>{json.dumps({'name': 'look', 'arguments': arguments})}</tool_call>"
    text = f"{before}{call}{behind}"
    said, calls = read(text, [text])
    assert calls == [("look", arguments)]
    assert said == "".join(text for text in (before, behind) if text.strip())
