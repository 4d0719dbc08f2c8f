"""Reasoning between tags at the beginning of the text, in whatever pieces it comes."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.chat.think_tags import Piece, ThinkTags

CASES = {
    "thought": ("<think>\nHm, <b>\n</think>\n\nYes.", "Hm, <b>\n", "Yes."),
    "space before": (" \n<think>Hm.</think>Yes.", "Hm.", "Yes."),
    "nothing thought": ("<think>\n\n</think>\n\nYes.", "", "Yes."),
    "only text": ("Yes. <think>no</think>", "", "Yes. <think>no</think>"),
    "almost a tag": ("<thin ice>", "", "<thin ice>"),
    "a tag that does not come": ("<thi", "", "<thi"),
    "no end": ("<think>Hm, </thin", "Hm, </thin", ""),
    "the tags once more": ("<think>A</think>B<think>C</think>", "A", "B<think>C</think>"),
    "a tag within": ("<think>A<think>B</think>C", "A<think>B", "C"),
    "nothing behind": ("<think>A</think>\n", "A", ""),
    "only space": ("  ", "", "  "),
    "nothing": ("", "", ""),
}


def told(pieces: list[Piece]) -> tuple[str, str]:
    """Everything that was thought and everything that was said, which never comes before it."""
    assert [kind for kind, _ in groupby(pieces, key=lambda piece: piece[0])] in (
        [],
        ["thinking"],
        ["text"],
        ["thinking", "text"],
    )
    assert all(text for _, text in pieces)
    thought = "".join(text for kind, text in pieces if kind == "thinking")
    return thought, "".join(text for kind, text in pieces if kind == "text")


@pytest.mark.failure_mode(24)
@pytest.mark.parametrize("name", CASES)
def test_at_once_and_letter_by_letter(name: str) -> None:
    text, *expected = CASES[name]
    for pieces in ([text] if text else [], list(text)):
        tags = ThinkTags()
        found = [part for piece in pieces for part in tags.feed(piece)]
        assert told(found + tags.flush()) == tuple(expected)


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "/", "th", "ink>", " ", "\n", "a"]), max_size=8))
def test_where_it_is_cut_makes_no_difference(pieces: list[str]) -> None:
    whole, cut = ThinkTags(), ThinkTags()
    text = "".join(pieces)
    at_once = (whole.feed(text) if text else []) + whole.flush()
    in_pieces = [part for piece in pieces for part in cut.feed(piece)] + cut.flush()
    assert told(in_pieces) == told(at_once)


def test_nothing_is_held_back_longer_than_it_must_be() -> None:
    tags = ThinkTags()
    assert [tags.feed(piece) for piece in ("<think>", "Hm", "m </", "b>", "</think>", "\n", "Yes", ".")] == [
        [],
        [("thinking", "Hm")],
        [("thinking", "m ")],
        [("thinking", "</b>")],
        [],
        [],
        [("text", "Yes")],
        [("text", ".")],
    ]


def test_something_else_in_between_ends_the_beginning() -> None:
    tags = ThinkTags()
    assert tags.feed("<th") == []
    assert tags.flush() == [("text", "<th")]
    assert tags.feed("<think>") == [("text", "<think>")]
