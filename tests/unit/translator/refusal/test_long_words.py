"""Nothing that an upstream sends in an error costs more than its length: fields are cut before anything is sought."""

import json
import time
from collections.abc import Callable

import pytest
from translator.anthropic.errors import ApiError
from translator.caller_words import NO_WORDS
from translator.refusal.error_bodies import LONGEST_MESSAGE, LONGEST_WORD, read_report
from translator.refusal.errors import read_error
from translator.traits import Traits

pytestmark = pytest.mark.failure_mode(50)

WORDS = (
    "a",
    "max_tokens ",
    "maximum context length ",
    "{",
    "[1,",
    "1,000,",
    "please ",
    "https://",
    "retry in 1",
    "余额",
)
PLACES: dict[str, Callable[[str], object]] = {
    "message": lambda long: {"error": {"message": long}},
    "type": lambda long: {"error": {"message": "no", "type": long}},
    "code": lambda long: {"error": {"message": "no", "code": long}},
    "param": lambda long: {"error": {"message": "no", "param": long}},
    "status": lambda long: {"error": {"message": "no", "status": long}},
    "detail": lambda long: {"detail": [{"loc": ["body", long], "msg": long}]},
    "raw": lambda long: {"error": {"message": "no", "metadata": {"raw": long}}},
    "nested": lambda long: {"error": {"message": json.dumps({"error": {"message": long, "type": long}})}},
    "names": lambda long: {"error": {"message": "no", long: 1}},
}


def read(value: object) -> ApiError:
    body = json.dumps(value, ensure_ascii=False).encode()
    return read_error(400, {}, body, caller_words=NO_WORDS, input_tokens=9, traits=Traits())


def seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("word", WORDS)
def test_the_time_grows_no_faster_than_the_error(place: str, word: str) -> None:
    """Twenty times as long takes at most a hundred times as long, where a square would take four hundred."""
    short, long = (PLACES[place](word * (characters // len(word))) for characters in (10_000, 200_000))
    read(short)
    base = min(seconds(lambda: read(short)) for _ in range(3))
    assert seconds(lambda: read(long)) <= 100 * max(base, 0.002)


def test_every_field_is_cut() -> None:
    long = "x" * 50_000
    report = read_report({"error": {"message": long, "type": long, "code": long, "param": long}})
    assert report is not None
    assert (len(report.message), len(report.parameter)) == (LONGEST_MESSAGE, LONGEST_WORD)
    assert report.code == "x" * LONGEST_WORD
    assert len(read(PLACES["detail"](long)).message) == LONGEST_MESSAGE


def test_errors_within_errors_have_an_end() -> None:
    words = "innermost"
    for _ in range(40):
        words = json.dumps({"error": {"message": words}})[:LONGEST_MESSAGE]
    assert len(read(json.loads(words) if words.endswith("}") else {"error": words}).message) <= LONGEST_MESSAGE
