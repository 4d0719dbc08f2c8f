"""Every refusal of the vectors becomes exactly the error that stands beside it."""

import pytest
from translator.anthropic.errors import ApiError
from translator.caller_words import NO_WORDS
from translator.learned_traits import CorrectableError, LearnedTrait, UnexplainedError
from translator.refusal.errors import read_error
from translator.traits import Traits
from translator.writing.endings import AnsweringError

from tests.laws import check
from tests.vectors import Case, parameters
from tests.vectors.refusals import ESTIMATE, RefusalCase, dialects, endings, openai, overflows, statuses
from tests.vectors.refusals.corrections import CASES as OF_EVERY_DIALECT
from tests.vectors.refusals.corrections import CorrectionCase
from tests.vectors.refusals.endings import EndingCase

CORRECTIONS = [*OF_EVERY_DIALECT, *dialects.CASES]
CASES = [*overflows.CASES, *statuses.CASES]


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_whole_error(case: RefusalCase) -> None:
    error = read_error(
        case.status, case.headers, case.body, caller_words=NO_WORDS, input_tokens=case.input_tokens, traits=case.traits
    )
    assert error.body("req_1") == {
        "type": "error",
        "error": {"type": case.error_type, "message": case.message},
        "request_id": "req_1",
    }
    assert (error.status, error.headers(), error.fault) == (case.sent_status, case.sent_headers, case.fault)
    assert str(error) == case.message
    check([error.body(None)])


def _is_of_the_caller(case: CorrectionCase) -> bool:
    """Whether it says something of this one history, and nothing of the model."""
    is_replay = case.learned == (LearnedTrait("reasoning_replay", "off"),) and case.id != "reasoning-unknown"
    return is_replay or case.learned == (LearnedTrait("thinking", "off"),)


def traits_of(error: ApiError) -> tuple[LearnedTrait, ...]:
    return error.learned if is_understood(error) and isinstance(error, CorrectableError) else ()


def is_understood(error: ApiError) -> bool:
    return isinstance(error, CorrectableError) and not isinstance(error, UnexplainedError)


@pytest.mark.parametrize("case", parameters(CORRECTIONS))
def test_what_a_refusal_corrects(case: CorrectionCase) -> None:
    error = read_error(case.status, {}, case.body, caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=case.traits)
    assert traits_of(error) == case.learned
    if isinstance(error, CorrectableError) and case.learned:
        assert error.lasts is not _is_of_the_caller(case)


@pytest.mark.parametrize("case", parameters(CORRECTIONS))
def test_a_refusal_that_corrects_is_told_as_any_other(case: CorrectionCase) -> None:
    """Where the correction does not help, the caller hears what the upstream has said."""
    error = read_error(case.status, {}, case.body, caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=case.traits)
    plain = read_error(418, {}, case.body, caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=case.traits)
    assert error.message == plain.message


@pytest.mark.parametrize("case", parameters(CORRECTIONS))
def test_what_is_corrected_is_not_refused_in_the_same_words_again(case: CorrectionCase) -> None:
    error = read_error(case.status, {}, case.body, caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=case.traits)
    if isinstance(error, CorrectableError) and is_understood(error):
        again = read_error(
            case.status, {}, case.body, caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=error.correct(case.traits)
        )
        assert set(traits_of(again)).isdisjoint(case.learned)


@pytest.mark.parametrize(("room", "is_correctable"), [(255, False), (256, True), (31_999, True), (32_000, False)])
@pytest.mark.failure_mode(19)
def test_a_prompt_that_leaves_room_is_asked_for_a_shorter_answer(room: int, is_correctable: bool) -> None:
    said = f"`max_tokens` exceed context limit: {200_000 - room} + 32000 > 200000"
    error = read_error(400, {}, openai(said), caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=Traits())
    assert isinstance(error, CorrectableError) == is_correctable
    if isinstance(error, CorrectableError):
        trait = LearnedTrait("max_output_tokens", room)
        assert (error.learned, error.lasts, error.lost) == ((trait,), False, ("max_tokens",))


@pytest.mark.parametrize(
    ("status", "limit", "is_correctable"), [(413, 264, False), (413, 265, True), (429, 8000, True)]
)
@pytest.mark.failure_mode(19)
def test_a_limit_per_minute_that_the_answer_alone_exceeds(status: int, limit: int, is_correctable: bool) -> None:
    """Groq says 413 and OpenAI 429; what is left of it for the answer is known by our estimate of the prompt."""
    said = f"Request too large for m on tokens per minute (TPM): Limit {limit}, Requested 32009, please reduce it."
    error = read_error(status, {}, openai(said), caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=Traits())
    assert isinstance(error, CorrectableError) == is_correctable
    if isinstance(error, CorrectableError):
        trait = LearnedTrait("max_output_tokens", limit - ESTIMATE)
        assert (error.learned, error.lasts, error.lost) == ((trait,), False, ("max_tokens",))


@pytest.mark.parametrize(
    ("message", "parameter", "lasts"),
    [
        ("Invalid schema for response_format 'a': In context=(), 'allOf' is not permitted.", "response_format", False),
        ("Invalid parameter: 'response_format' of type 'json_schema' is not supported.", "response_format", True),
    ],
)
def test_a_schema_that_is_refused_says_nothing_of_the_next_one(message: str, parameter: str, lasts: bool) -> None:
    error = read_error(
        400, {}, openai(message, param=parameter), caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=Traits()
    )
    assert isinstance(error, CorrectableError)
    assert (error.learned, error.lasts) == ((LearnedTrait("structured_output", "json_object"),), lasts)


@pytest.mark.failure_mode(47)
@pytest.mark.parametrize(
    "said",
    [
        pytest.param("json mode cannot be combined with tool/function calling", id="groq"),
        pytest.param("Cannot use custom grammar constraints with tools.", id="llama.cpp"),
    ],
)
def test_a_schema_that_is_refused_beside_tools_teaches_nothing_either(said: str) -> None:
    error = read_error(400, {}, openai(said), caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=Traits())
    assert isinstance(error, CorrectableError)
    assert (error.learned, error.lasts) == ((LearnedTrait("structured_output", "none"),), False)


def test_a_lower_limit_is_a_loss() -> None:
    """The encoder does not name it, since the model can do no more."""
    error = read_error(
        400, {}, openai("max_tokens: at most 4096"), caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=Traits()
    )
    assert isinstance(error, CorrectableError)
    assert error.lost == ("max_tokens",)


@pytest.mark.failure_mode(19)
@pytest.mark.parametrize(
    ("said", "window", "lasts"),
    [
        ("max_tokens must be less than or equal to 16384", None, True),
        ("max_tokens must be less than or equal to 16384", 128_000, True),
        # the room that the prompt has left: 16 384 and about 100 000 fill the window
        ("max_tokens must be less than or equal to 16384", 120_000, False),
        ("max_tokens must be less than or equal to 16384, what the prompt leaves of the window", None, False),
        ("max_tokens: at most 16384 remaining", None, False),
        # what hardly any model is limited to
        ("max_tokens must be less than or equal to 1024", None, True),
        ("max_tokens must be less than or equal to 1023", None, False),
    ],
)
def test_the_room_that_one_prompt_leaves_is_no_limit_of_the_model(said: str, window: int | None, lasts: bool) -> None:
    tokens = 100_000 if window == 120_000 else 1_000
    error = read_error(
        400, {}, openai(said), caller_words=NO_WORDS, input_tokens=tokens, traits=Traits(context_window=window)
    )
    assert isinstance(error, CorrectableError)
    assert [trait.name for trait in error.learned] == ["max_output_tokens"]
    assert (error.lasts, error.lost) == (lasts, ("max_tokens",))


@pytest.mark.parametrize("case", parameters(endings.CASES))
def test_an_error_that_is_an_answer(case: EndingCase) -> None:
    error = read_error(case.status, {}, case.body, caller_words=NO_WORDS, input_tokens=ESTIMATE, traits=Traits())
    found = (error.stop_reason, error.message) if isinstance(error, AnsweringError) else None
    assert found == case.ending


def test_no_id_names_two_cases() -> None:
    cases: list[Case] = [*CASES, *CORRECTIONS, *endings.CASES]
    ids = [case.id for case in cases]
    assert sorted(set(ids)) == sorted(ids)
