"""The arguments of a call in odd forms."""

import json

import pytest
from translator.stream.arguments import DEEPEST_ENCODING, Arguments


def encoded(times: int) -> str:
    text = '{"a":1}'
    for _ in range(times):
        text = json.dumps(text)
    return text


@pytest.mark.parametrize("times", range(DEEPEST_ENCODING))
def test_an_object_that_is_encoded_again_is_that_object(times: int) -> None:
    arguments = Arguments()
    assert json.loads(arguments.feed(encoded(times)) + arguments.flush()) == {"a": 1}


def test_what_is_encoded_too_often_stays_as_it_came() -> None:
    arguments, text = Arguments(), encoded(DEEPEST_ENCODING + 1)
    assert arguments.feed(text) + arguments.flush() == text
