"""Reasoning between tags at the beginning of the text, in whatever pieces it comes."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.chat.answer.pieces import Text, Thinking
from translator.chat.answer.think_tags import ThinkTags
from translator.traits import ThinkTagging

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

CLOSING = {
    "thought": ("Hm, <b>\n</think>\n\nYes.", "Hm, <b>\n", "Yes."),
    "both tags": ("<think>\nHm.</think>Yes.", "Hm.", "Yes."),
    "nothing thought": ("\n\n</think>\n\nYes.", "", "Yes."),
    "no end": ("Hm, </thin", "Hm, </thin", "Hm, </thin"),
    "no end of an opened one": ("<think>Hm.", "Hm.", ""),
    "almost a tag": ("<thin ice>", "<thin ice>", "<thin ice>"),
    "a tag that does not come": ("<thi", "", "<thi"),
    "the tags once more": ("A</think>B<think>C</think>", "A", "B<think>C</think>"),
    "nothing behind": ("A</think>\n", "A", ""),
    "only space": ("  ", "", "  "),
    "nothing": ("", "", ""),
}
"""By what is said: what is taken for thought, and for text once it is over."""


def told(pieces: list[Text | Thinking]) -> tuple[str, str]:
    """Everything that was thought and everything that was said, which never comes before it."""
    assert [kind for kind, _ in groupby(pieces, key=type)] in ([], [Thinking], [Text], [Thinking, Text])
    assert all(piece.text for piece in pieces)
    thought = "".join(piece.text for piece in pieces if isinstance(piece, Thinking))
    return thought, "".join(piece.text for piece in pieces if isinstance(piece, Text))


@pytest.mark.failure_mode(24)
@pytest.mark.parametrize("name", CASES)
def test_at_once_and_letter_by_letter(name: str) -> None:
    text, *expected = CASES[name]
    for pieces in ([text] if text else [], list(text)):
        tags = ThinkTags()
        found = [part for piece in pieces for part in tags.feed(piece)]
        assert told(found + tags.flush()) == tuple(expected)


@pytest.mark.failure_mode(24)
@pytest.mark.parametrize("name", CLOSING)
def test_a_thought_that_the_prompt_has_opened(name: str) -> None:
    text, *expected = CLOSING[name]
    for pieces in ([text] if text else [], list(text)):
        tags = ThinkTags("closing")
        found = [part for piece in pieces for part in tags.feed(piece)]
        assert told(found + tags.flush() + tags.suppose_text()) == tuple(expected)


def test_what_came_before_a_field_for_reasoning_is_text_and_so_is_the_rest() -> None:
    tags = ThinkTags("closing")
    assert tags.feed("Yes <") == [Thinking("Yes ")]
    assert tags.suppose_text() == [Text("Yes <")]
    assert (tags.feed("</think>"), tags.suppose_text()) == ([Text("</think>")], [])


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "/", "th", "ink>", " ", "\n", "a"]), max_size=8))
def test_without_a_tag_all_of_it_is_text_in_the_end(pieces: list[str]) -> None:
    tags = ThinkTags("closing")
    found = [part for piece in pieces for part in tags.feed(piece)] + tags.flush() + tags.suppose_text()
    text = "".join(pieces)
    thought, said = told(found)
    if "</think>" not in text and not text.lstrip().startswith("<think>"):
        assert said.lstrip() == text.lstrip()
        assert thought in ("", said)
    elif not text.lstrip().startswith("<think>"):
        assert (thought, said) == tuple(part.lstrip() for part in text.split("</think>", 1))


@pytest.mark.parametrize("tagging", ["both", "closing"])
@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "/", "th", "ink>", " ", "\n", "a"]), max_size=8))
def test_where_it_is_cut_makes_no_difference(tagging: ThinkTagging, pieces: list[str]) -> None:
    whole, cut = ThinkTags(tagging), ThinkTags(tagging)
    text = "".join(pieces)
    at_once = (whole.feed(text) if text else []) + whole.flush() + whole.suppose_text()
    in_pieces = [part for piece in pieces for part in cut.feed(piece)] + cut.flush() + cut.suppose_text()
    assert told(in_pieces) == told(at_once)


def test_nothing_is_held_back_longer_than_it_must_be() -> None:
    tags = ThinkTags()
    assert [tags.feed(piece) for piece in ("<think>", "Hm", "m </", "b>", "</think>", "\n", "Yes", ".")] == [
        [],
        [Thinking("Hm")],
        [Thinking("m ")],
        [Thinking("</b>")],
        [],
        [],
        [Text("Yes")],
        [Text(".")],
    ]


def test_something_else_in_between_ends_the_beginning() -> None:
    tags = ThinkTags()
    assert tags.feed("<th") == []
    assert tags.flush() == [Text("<th")]
    assert tags.feed("<think>") == [Text("<think>")]
