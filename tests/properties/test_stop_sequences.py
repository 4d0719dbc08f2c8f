"""A stop sequence is found however the text is cut, and nothing else is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.stream.stop_sequences import StopScanner

from tests.laws import check, text_of
from tests.properties.answers import chunk, cut
from tests.properties.playing import play

pytestmark = pytest.mark.failure_mode(46)

few_letters = st.text("abc\n", max_size=12)
sequences = st.lists(st.text("abc\n", max_size=4), max_size=4)


def reference(text: str, stops: list[str]) -> tuple[str, str | None]:
    """What is shown, and what has matched, letter by letter: the sequence that is complete first, the longer of two."""
    for end in range(1, len(text) + 1):
        ended = [stop for stop in stops if stop and text[:end].endswith(stop)]
        if ended:
            longest = max(ended, key=len)
            return text[: end - len(longest)], longest
    return text, None


@given(st.data(), few_letters, sequences)
def test_scanning_equals_the_reference(data: st.DataObject, text: str, stops: list[str]) -> None:
    scanner = StopScanner(stops)
    shown = ""
    matched = None
    for piece in data.draw(cut(text)):
        scanned = scanner.feed(piece)
        shown += scanned.text
        matched = scanned.matched
        if matched is not None:
            break
    assert (shown + scanner.flush(), matched) == reference(text, stops)


@given(st.data(), few_letters, sequences)
def test_no_more_is_held_back_than_could_be_a_beginning(data: st.DataObject, text: str, stops: list[str]) -> None:
    scanner = StopScanner(stops)
    if any(scanner.feed(piece).matched for piece in data.draw(cut(text))):
        return
    held = scanner.flush()
    assert held == "" or any(stop.startswith(held) for stop in stops)


@given(st.data(), few_letters.filter(bool), sequences)
def test_the_stream_shows_what_the_reference_shows(data: st.DataObject, text: str, stops: list[str]) -> None:
    pieces = [chunk(content=piece) for piece in data.draw(cut(text))]
    events = play([*pieces, chunk("stop"), "[DONE]"], stop_sequences=stops)
    check(events)
    shown, matched = reference(text, stops)
    assert text_of(events) == shown
    delta = events[-2]
    assert delta["type"] == "message_delta"
    assert delta["delta"]["stop_sequence"] == matched
