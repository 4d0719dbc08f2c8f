"""An overflow is known by its meaning: in every wording of the corpus, however it is perturbed, and in nothing else."""

import json
import re
from collections.abc import Callable

import pytest
from translator.anthropic.errors import ApiError
from translator.caller_words import NO_WORDS
from translator.learned_traits import CorrectableError, LearnedTrait
from translator.refusal.errors import read_error
from translator.traits import Traits

from tests.vectors.refusals.wordings import (
    ANSWER_TOO_LONG,
    BY_CODE,
    SOMETHING_ELSE,
    TOO_LONG,
    WITHOUT_NUMBERS,
)

pytestmark = pytest.mark.failure_mode(7)

STATUSES = (400, 413, 422, 500)


def read(
    value: object, status: int = 400, *, own: int = 9, window: int | None = None, asked: int | None = None
) -> ApiError:
    return read_error(
        status,
        {},
        json.dumps(value).encode(),
        caller_words=NO_WORDS,
        input_tokens=own,
        traits=Traits(context_window=window),
        asked=asked,
    )


def in_error(words: str) -> object:
    return {"error": {"message": words, "type": "invalid_request_error", "code": None, "param": None}}


FORMS: dict[str, Callable[[str], object]] = {
    "error": in_error,
    "message": lambda words: {"object": "error", "message": words, "type": "BadRequestError", "code": 400},
    "detail": lambda words: {"detail": words},
    "bare": lambda words: {"error": words},
    "list": lambda words: [{"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}}],
    "nested": lambda words: {"detail": {"error": {"message": words}}},
    "encoded": lambda words: {"error": {"message": json.dumps(in_error(words)), "code": 400}},
    "behind words": lambda words: {"error": {"message": f"upstream returned 400: {json.dumps(in_error(words))}"}},
    "raw": lambda words: {
        "error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": json.dumps(in_error(words))}}
    },
    "raw text": lambda words: {
        "error": {"message": "Provider returned error", "metadata": {"raw": words, "provider_name": "X"}}
    },
}
PERTURBED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "with commas": lambda words: words.replace("150000", "150,000").replace("128000", "128,000"),
    "with dots": lambda words: re.sub(r"\b(150|128)000\b(?!\.0)", r"\1.000", words),
    "with spaces": lambda words: words.replace("150000", "150\u202f000").replace("128000", "128\u00a0000"),
    "in thousands": lambda words: words.replace("150000", "150k").replace("128000", "128k"),
    "with a prefix": lambda words: f"BadRequestError: Error code: 400 - {words}",
    "with a suffix": lambda words: f"{words} (request id: 20261130221409)",
    "with quotes": lambda words: words.replace(" ", "  ").replace("prompt", "`prompt`"),
}


def test_the_corpus_is_large() -> None:
    corpus = {*TOO_LONG, *WITHOUT_NUMBERS, *BY_CODE, *ANSWER_TOO_LONG, *SOMETHING_ELSE}
    assert len(corpus) >= 150
    assert len(corpus) == sum(map(len, (TOO_LONG, WITHOUT_NUMBERS, BY_CODE, ANSWER_TOO_LONG, SOMETHING_ELSE)))


@pytest.mark.parametrize("words", TOO_LONG)
def test_the_prompt_and_the_window_are_read_whatever_the_order(words: str) -> None:
    wrong = {
        name: error.message
        for name, perturb in PERTURBED.items()
        if not (error := read(in_error(perturb(words)))).message.startswith(
            "prompt is too long: 150000 tokens > 128000 maximum ("
        )
    }
    assert wrong == {}


@pytest.mark.parametrize("words", [*TOO_LONG, *WITHOUT_NUMBERS])
def test_an_overflow_is_one_in_every_form_and_status(words: str) -> None:
    wrong = {
        (name, status): error.message
        for name, form in FORMS.items()
        for status in STATUSES
        if not (error := read(form(words), status)).message.startswith("prompt is too long: ")
    }
    assert wrong == {}


@pytest.mark.parametrize("code", BY_CODE)
@pytest.mark.parametrize("field", ["code", "type"])
def test_a_code_is_enough(code: str, field: str) -> None:
    assert read({"error": {"message": "Bad request", field: code}}).message.startswith("prompt is too long: ")


@pytest.mark.parametrize("words", ANSWER_TOO_LONG)
def test_only_the_answer_does_not_fit(words: str) -> None:
    error = read(in_error(words))
    assert error.message.startswith("input length and `max_tokens` exceed context limit: 100000 + 32000 > 131072")
    assert isinstance(error, CorrectableError)
    assert (error.learned, error.lasts) == ((LearnedTrait("max_output_tokens", 31_072),), False)


def test_an_answer_beyond_the_whole_window_is_asked_for_in_the_room_that_our_count_leaves() -> None:
    words = "max_tokens=32000 cannot be greater than max_model_len=max_total_tokens=16384. Please request fewer."
    error = read({"error": {"message": words, "param": "max_tokens"}}, own=800)
    assert isinstance(error, CorrectableError)
    assert (error.learned, error.lost) == ((LearnedTrait("max_output_tokens", 16384 - 901),), ("max_tokens",))


@pytest.mark.parametrize("words", SOMETHING_ELSE)
def test_what_only_sounds_like_it_is_none(words: str) -> None:
    wrong = {
        (name, status): error.message
        for name, form in FORMS.items()
        for status in (400, 422)
        if (error := read(form(words), status)).message.startswith(("prompt is too long", "input length and"))
    }
    assert wrong == {}


@pytest.mark.parametrize("words", WITHOUT_NUMBERS)
def test_our_own_count_can_tell_that_it_is_none(words: str) -> None:
    """A false overflow compacts a session for nothing."""
    assert not read(in_error(words), own=49_999, window=100_000).message.startswith("prompt is too long: ")
    assert read(in_error(words), own=50_000, window=100_000).message.startswith("prompt is too long: ")


@pytest.mark.parametrize("words", TOO_LONG)
def test_numbers_count_more_than_our_own_count(words: str) -> None:
    assert read(in_error(words), own=9, window=1_000_000).message.startswith("prompt is too long: 150000 ")


@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.parametrize(("own", "is_one"), [(100_000, False), (100_001, True)])
def test_a_refusal_of_a_prompt_beyond_the_window_is_an_overflow_whatever_it_says(
    status: int, own: int, is_one: bool
) -> None:
    error = read(in_error("Bad Request"), status, own=own, window=100_000)
    assert error.message.startswith("prompt is too long: 100001 tokens > 100000 maximum (Bad Request)") is is_one
    page = read_error(
        status, {}, b"<html>413</html>", caller_words=NO_WORDS, input_tokens=own, traits=Traits(context_window=100_000)
    )
    assert page.message.startswith("prompt is too long: 100001 tokens > 100000 maximum") is is_one


@pytest.mark.parametrize(("asked", "own", "numbers"), [(2_000, 9_000, "9100 + 2000 > 10000"), (None, 9_000, None)])
def test_what_was_asked_for_tells_a_total_from_a_prompt(asked: int | None, own: int, numbers: str | None) -> None:
    words = "maximum context length is 10000 tokens, you requested 11100 tokens"
    message = read(in_error(words), own=own, asked=asked).message
    wanted = (
        f"input length and `max_tokens` exceed context limit: {numbers}" if numbers else "prompt is too long: 11100"
    )
    assert message.startswith(wanted)


@pytest.mark.parametrize(
    ("limited", "told"),
    [
        ("tokens in the prompt", "prompt is too long: 11100 tokens > 10000 maximum"),
        ("tokens of your input", "prompt is too long: 11100 tokens > 10000 maximum"),
        ("tokens in the prompt and the answer", "input length and `max_tokens` exceed context limit: 9100 + 2000"),
        ("tokens in the prompt + max_tokens", "input length and `max_tokens` exceed context limit: 9100 + 2000"),
    ],
)
def test_what_is_said_to_be_the_prompts_is_no_total(limited: str, told: str) -> None:
    """Our own count may be wrong by more than what was asked for."""
    words = f"too many tokens: number of {limited} cannot exceed 10000 - received 11100"
    assert read(in_error(words), own=9_000, asked=2_000).message.startswith(told)


def test_a_total_is_the_prompt_and_what_was_asked_for() -> None:
    words = "The context limit is 10000 tokens, but the total is 11100"
    assert "9100 + 2000 > 10000" in read(in_error(words), asked=2_000).message


@pytest.mark.parametrize(("window", "limit"), [(8_000, 8_000), (None, 10_000)])
def test_of_several_limits_the_known_window_counts(window: int | None, limit: int) -> None:
    words = "The context limit is 8000 tokens, the limit of all models is 10000, and the prompt has 11100 tokens"
    assert f"11100 tokens > {limit} maximum" in read(in_error(words), own=9_000, window=window).message


def test_a_prompt_that_fits_alone_does_not_with_what_was_asked_for() -> None:
    words = "The context limit is 10000 tokens, and the prompt has 9000 tokens"
    assert "9000 + 2000 > 10000" in read(in_error(words), asked=2_000).message
