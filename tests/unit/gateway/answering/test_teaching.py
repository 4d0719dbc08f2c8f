"""Nobody teaches another: an upstream that repeats what a caller has written corrects nothing with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streaming.event_loop import LeftTasks
from translator.anthropic.errors import ApiError
from translator.anthropic.request import parse_messages_request
from translator.caller_words import CallerWords
from translator.learned_traits import CorrectableError, UnexplainedError
from translator.refusal.errors import read_error
from translator.traits import Traits

from tests.loop import run
from tests.unit.gateway.fakes import FakeAnswer, Harness, Outcome, again, candidate, fine
from tests.unit.gateway.memories import Environments

SECONDS = 60.0
SENTENCE = "this model does not support images"
PICTURES = Traits(pdf=True, fields=frozenset({"temperature", "top_p", "store"}))
PNG = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}


def refusal(message: str, **more: Any) -> FakeAnswer:
    return FakeAnswer([], 400, body=json.dumps({"error": {"message": message, **more}}).encode())


def no(name: str) -> Outcome:
    return refusal(f"Unsupported parameter: '{name}' is not supported with this model.", param=name)


def read(answer: FakeAnswer, **request: Any) -> ApiError:
    """What the refusal of such a request means."""
    hello = [{"role": "user", "content": "Hello"}]
    asked = parse_messages_request({"model": "m", "max_tokens": 9, "messages": hello, **request})
    return read_error(400, {}, answer.body, caller_words=CallerWords(asked), input_tokens=9, traits=PICTURES)


def is_explained(error: ApiError) -> bool:
    """Whether the refusal itself says what to do without; the plainest form answers any other."""
    return isinstance(error, CorrectableError) and not isinstance(error, UnexplainedError)


class Gateways:
    """Environments of one deployment, each new one with what the store has been told."""

    def __init__(self) -> None:
        self.environments = Environments()

    def ask(self, *answers: Outcome, key_id: str = "key_1", **changes: Any) -> Harness:
        """One request in an environment of its own."""
        memory = self.environments.start()
        harness = Harness([again(each) for each in answers], ["one"], traits=PICTURES, memory=memory)
        harness.ask(key_id=key_id, **changes)
        run(LeftTasks().finish(SECONDS))  # as the runtime does: what has been learnt is written after the answer
        return harness

    def traits(self, key_id: str) -> Traits:
        """What an environment that starts thinks of the model for a key."""
        return run(self.environments.start().correct(candidate("one", "model", PICTURES), key_id))


@pytest.fixture
def gateways() -> Gateways:
    return Gateways()


def without(*names: str) -> Traits:
    fields: Any = PICTURES.fields - set(names)
    return Traits(pdf=True, fields=fields)


def user(*blocks: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(blocks)}]}


URL = "https://pictures.test/" + SENTENCE.replace(" ", "%20") + ".png"
ATTACKS: dict[str, tuple[dict[str, Any], FakeAnswer]] = {
    "an image's URL": (
        user({"type": "image", "source": {"type": "url", "url": URL}}),
        refusal(f"Could not download https://pictures.test/{SENTENCE}.png"),
    ),
    "a document's title": (
        user({**PDF, "title": "Our model does not support PDFs yet"}),
        refusal("The file 'Our model does not support PDFs yet' is damaged."),
    ),
    "a model's name": (
        {**user(PNG), "model": f"one/{SENTENCE}"},
        FakeAnswer([], 404, body=json.dumps({"error": {"message": f"No such model: one/{SENTENCE}"}}).encode()),
    ),
    "a tool's description": (
        {
            "temperature": 0.5,
            "tools": [{"name": "a", "description": "temperature is unsupported by this", "input_schema": {}}],
        },
        refusal("tools.0: bad description (temperature is unsupported by this)"),
    ),
    "another field of the error": (
        user(PNG, {"type": "text", "text": SENTENCE}),
        refusal("Invalid value.", param=SENTENCE),
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_the_upstream_repeats_corrects_nothing(
    attack: tuple[dict[str, Any], FakeAnswer], gateways: Gateways
) -> None:
    request, echo = attack
    assert not is_explained(read(echo, **request))
    harness = gateways.ask(echo, again(echo), again(echo), **request)
    assert len(harness.upstream.calls) <= 3  # in the plainest form, and without the tool that is named
    assert gateways.environments.table.items == {}
    assert gateways.traits("key_1") == PICTURES


def test_the_same_words_of_the_upstream_s_own_correct_the_request(gateways: Gateways) -> None:
    harness = gateways.ask(refusal(f"Sorry, {SENTENCE}."), fine(), **user(PNG))
    assert len(harness.upstream.calls) == 2
    assert gateways.traits("key_1") == Traits(pdf=True, fields=PICTURES.fields, images=False)


@pytest.mark.parametrize(
    "prompt",
    [
        "Our client says that temperature is not supported, why?",
        "Set reasoning_effort, not temperature; max_tokens is unsupported with this model.",
        "'temperature' is a parameter. is not supported with that model",
    ],
)
def test_a_prompt_about_apis_does_not_stop_correction(prompt: str, gateways: Gateways) -> None:
    harness = gateways.ask(no("temperature"), fine(), temperature=0.5, system=prompt)
    assert len(harness.upstream.calls) == 2
    assert gateways.traits("key_1") == without("temperature")


def test_a_prompt_that_quotes_the_very_refusal_is_corrected_each_time_and_teaches_nothing(gateways: Gateways) -> None:
    said = "temperature is not supported by this model"
    request: dict[str, Any] = {"temperature": 0.5, "system": f"Why is it that {said}?"}
    assert is_explained(read(refusal(said), **request))
    for _ in range(2):
        harness = gateways.ask(refusal(said), fine(), **request)
        assert len(harness.upstream.calls) == 2
    assert gateways.environments.table.items == {}


def test_a_short_name_that_may_be_repeated_teaches_nothing(gateways: Gateways) -> None:
    harness = gateways.ask(refusal("Bad title: 'not support pdf'"), fine(), **user({**PDF, "title": "not support pdf"}))
    assert len(harness.upstream.calls) == 2
    assert gateways.environments.table.items == {}


def test_a_property_in_a_schema_that_is_refused_is_no_field_of_the_request(gateways: Gateways) -> None:
    said = "unsupported: temperature in tool with json format"
    gateways.ask(refusal(said), fine(), temperature=0.5)
    assert gateways.environments.table.items == {}


def test_three_keys_teach_everybody(gateways: Gateways) -> None:
    for number, key_id in enumerate(("key_1", "key_2", "key_3")):
        assert gateways.traits("key_4") == PICTURES
        said = f"temperature is not supported (request req_{number})"
        assert len(gateways.ask(refusal(said), fine(), key_id=key_id, temperature=0.5).upstream.calls) == 2
        assert gateways.traits(key_id) == without("temperature")
    assert gateways.traits("key_4") == without("temperature")


def test_one_key_that_is_refused_three_times_teaches_itself(gateways: Gateways) -> None:
    # Each at once, before any environment has heard of another's.
    harnesses = [
        Harness([again(no("temperature")), fine()], ["one"], traits=PICTURES, memory=gateways.environments.start())
        for _ in range(3)
    ]
    for harness in harnesses:
        run(harness.memory.correct(candidate("one", "model", PICTURES), "key_1"))
    for harness in harnesses:
        harness.ask(temperature=0.5)
    run(LeftTasks().finish(SECONDS))
    assert [len(harness.upstream.calls) for harness in harnesses] == [2, 2, 2]
    assert (gateways.traits("key_1"), gateways.traits("key_2")) == (without("temperature"), PICTURES)


@pytest.mark.parametrize("code", ["unsupported_parameter", "unknown_parameter"])
@pytest.mark.parametrize("place", ["code", "type"])
def test_a_code_that_speaks_of_a_parameter_teaches_everybody_at_once(code: str, place: str, gateways: Gateways) -> None:
    gateways.ask(refusal("Unsupported: 'top_p'", param="top_p", **{place: code}), fine(), top_p=0.5)
    assert (gateways.traits("key_1"), gateways.traits("key_2")) == (without("top_p"), without("top_p"))


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        ({"code": "unsupported_value"}, {}),
        ({"code": "invalid_value"}, {}),
        ({"code": None}, {}),
        ({"code": "Unsupported_Parameter"}, {}),
        ({"code": "unsupported_parameter", "param": None}, {}),
        # a place within the caller's own history
        ({"code": "unsupported_parameter", "param": "messages.0.top_p"}, {}),
        # which the caller may have made the upstream say
        ({"code": "unsupported_parameter"}, {"system": "Explain unsupported_parameter to me."}),
        ({"code": "unsupported_parameter"}, {"stop_sequences": ["xtop_px"]}),
        # where the words say something else than the code
        ({"code": "unsupported_parameter", "message": "top_p is unsupported; max_tokens: at most 2000"}, {}),
    ],
)
def test_any_other_code_teaches_its_own_key_alone(
    error: dict[str, Any], changes: dict[str, Any], gateways: Gateways
) -> None:
    told = {"message": "Unsupported: 'top_p'", "param": "top_p", **error}
    harness = gateways.ask(refusal(**told), fine(), top_p=0.5, max_tokens=4000, **changes)
    assert len(harness.upstream.calls) == 2
    assert gateways.traits("key_1") != PICTURES
    assert gateways.traits("key_2") == PICTURES


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("temperature is not supported (request req_1)", "temperature is not supported (request req_2)"),
        # which could be understood as another step down
        ("'response_format' is not supported (request req_1)", "'response_format' is not supported (request req_2)"),
        ("response_format is not supported at 12:00:01", "response_format is not supported at 12:00:02"),
        ("'response_format', 'temperature' unsupported, got 0.5", "Unsupported parameters: response_format, top_p"),
        (
            "'tool_choice' is not supported 7d0b4e6c-6f0c-4d55-9f43-6c8a52b2f7a1",
            "'tool_choice' is not supported, 'auto' neither 11111111-6f0c-4d55-9f43-6c8a52b2f7a1",
        ),
    ],
)
def test_the_same_refusal_in_other_words_proves_nothing(first: str, second: str, gateways: Gateways) -> None:
    harness = gateways.ask(
        refusal(first),
        refusal(second),
        temperature=0.5,
        output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}},
        tools=[{"name": "look", "input_schema": {"type": "object"}}],
        tool_choice={"type": "any"},
    )
    assert len(harness.upstream.calls) == 2
    assert gateways.environments.table.items == {}


def test_another_refusal_proves_that_the_first_was_understood(gateways: Gateways) -> None:
    gateways.ask(no("temperature"), no("top_p"), no("top_p"), temperature=0.5, top_p=0.5)
    assert gateways.traits("key_1") == without("temperature")


@pytest.mark.parametrize(("title", "status"), [("insufficient_quota", 400), ("a title", 500)])
def test_no_caller_makes_the_operator_s_account_look_empty(title: str, status: int) -> None:
    body = json.dumps({"error": {"message": "Bad title: 'insufficient_quota'"}}).encode()
    harness = Harness([FakeAnswer([], 400, body=body)] * 2, ["one"])
    assert harness.ask(**user({**PDF, "title": title})).status == status
