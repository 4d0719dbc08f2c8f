"""Ids and names go out in letters that everybody takes, and come back as they were."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.signatures import seal, unseal
from translator.tool_ids import ToolCallId, unwrap, wrap
from translator.tool_names import ToolNames, shorten

from tests.properties.answers import any_text

long_text = st.text(st.characters(exclude_categories=()), min_size=1, max_size=100)


@pytest.mark.failure_mode(21)
@given(long_text, st.none() | long_text, st.integers(0, 100), st.uuids())
def test_what_is_wrapped_is_unwrapped(upstream_id: str, signature: str | None, position: int, message: object) -> None:
    wrapped = wrap(upstream_id, position=position, message_id=f"msg_{message}", signature=signature)
    assert unwrap(wrapped) == ToolCallId(upstream_id, signature)
    assert re.fullmatch(r"toolu_[A-Za-z0-9_-]+", wrapped)


@pytest.mark.failure_mode(21)
@given(long_text, st.sets(st.tuples(st.integers(0, 100), st.uuids()), min_size=2, max_size=10))
def test_an_id_that_repeats_is_never_ours_twice(upstream_id: str, places: set[tuple[int, object]]) -> None:
    wrapped = {wrap(upstream_id, position=position, message_id=f"msg_{message}") for position, message in places}
    assert len(wrapped) == len(places)


@given(st.text(st.characters(exclude_categories=())) | st.from_regex(r"toolu_[A-Za-z0-9_-]*", fullmatch=True))
def test_an_id_of_somebody_else_is_no_exception(identity: str) -> None:
    own = unwrap(identity)
    assert own is None or own.upstream_id


@pytest.mark.failure_mode(33)
@given(st.sets(long_text, min_size=1, max_size=10))
def test_names_go_out_and_come_back(names: set[str]) -> None:
    tool_names = ToolNames(names)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", shorten(name))
        assert tool_names.original(shorten(name)) == name
        assert shorten(shorten(name)) == shorten(name)


@pytest.mark.failure_mode(22)
@given(any_text, st.text(st.characters(exclude_categories=())))
def test_thinking_is_sealed_and_unsealed(thinking: str, signature: str) -> None:
    assert unseal("", seal(thinking)) == thinking
    assert unseal(thinking, seal(None)) == thinking
    assert unseal(thinking, signature) in (None, thinking)
    unseal(thinking, "ew1.hidden." + signature)
