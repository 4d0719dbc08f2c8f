"""What refusals say of the form of a request, each kind in several words."""

import pytest
from translator.learned_traits import LearnedTrait, TraitValue
from translator.refusal.corrections import Refusal, find_traits
from translator.refusal.form_wordings import GRAMMAR
from translator.traits import Traits

WORDINGS: dict[str, tuple[tuple[str, TraitValue], tuple[str, ...]]] = {
    "lookaround": (
        ("lookaround", False),
        (
            "Invalid JSON schema: regex lookaround is not supported. Found at $.properties.email.pattern.",
            "Regex with look-ahead cannot be compiled",
            "lookbehind assertions are unsupported in patterns",
        ),
    ),
    "grammar": (
        ("refused_keywords", GRAMMAR),
        (
            "Failed to initialize samplers: failed to parse grammar",
            "Unable to build a grammar from the schema",
            "error parsing grammar: number of repetitions exceeds sane defaults",
        ),
    ),
    "keyword": (
        ("refused_keywords", ("pattern",)),
        (
            "Invalid schema for function 'a': 'pattern' is not permitted",
            "The keyword `pattern` is not supported in tools",
            "tools[0].function.parameters.properties.a.pattern: unsupported keyword in schema",
        ),
    ),
    "schema": (
        ("schemas", "bare"),
        (
            "Invalid schema for function 'mcp__x__y': something is wrong",
            "invalid_function_parameters",
            "The parameters schema of the tool 'x' is invalid",
        ),
    ),
    "after a tool": (
        ("after_tool", "assistant"),
        (
            "Unexpected role 'user' after role 'tool'",
            "a user message cannot follow a tool message",
            "tool messages must be followed by an assistant message",
        ),
    ),
    "turns": (
        ("turns", "alternating"),
        (
            "Conversation roles must alternate user/assistant/user/assistant/...",
            "The first message must be from the role user",
            "No user query found in messages.",
            "messages: text content blocks must be non-empty",
        ),
    ),
    "null": (
        ("empty_assistant_content", "string"),
        (
            "Invalid 'content': 'content' field must be a string or an array of objects.",
            "messages[1].content: expected a string, got null",
            "'NoneType' object is not iterable",
            "content must not be null",
        ),
    ),
    "string": (
        ("content", "string"),
        (
            "messages[0].content must be a string",
            "content: Input should be a valid string",
            "invalid type: sequence, expected a string at line 1",
        ),
    ),
    "images": (
        ("images", False),
        (
            'model "claude-opus-4.6" not supported for vision',
            "This model does not support image inputs",
            "image input is not supported - hint: you may need to provide the mmproj",
            "image_url is not supported by this model",
            "该模型不支持图片输入",
            "This is a text-only model",
            "at most 0 images may be provided",
            "Model does not accept image_url content",
            "image input is disabled for this model",
            "Images are not permitted",
            "this endpoint handles text only",
            "not a VLM: image provided",
        ),
    ),
    "one image": (
        ("max_images", 1),
        ("At most 1 image may be provided", "Only one image is allowed", "multiple images are not supported"),
    ),
    "four images": (("max_images", 4), ("too many images: the maximum is 4", "up to 4 images are allowed")),
    "files": (("pdf", False), ("documents are not supported", "Unsupported file type: application/pdf")),
    "a format beside tools": (
        ("structured_output", "none"),
        (
            "Function calling with a response mime type: 'application/json' is unsupported",
            "response_format cannot be used together with tools",
            "json mode cannot be combined with tool/function calling",
        ),
    ),
    "prefill": (
        ("thinking", "off"),
        ("Assistant response prefill is incompatible with enable_thinking.", "cannot prefill while thinking is on"),
    ),
}


@pytest.mark.failure_mode(35)
@pytest.mark.parametrize(
    ("learnt", "words"), [(learnt, words) for learnt, wordings in WORDINGS.values() for words in wordings]
)
def test_what_it_corrects(learnt: tuple[str, TraitValue], words: str) -> None:
    assert find_traits(Refusal(words, ""), Traits(pdf=True)) == (LearnedTrait(*learnt),)


@pytest.mark.parametrize(
    ("words", "traits", "learnt"),
    [
        ("failed to parse grammar", Traits(refused_keywords=GRAMMAR), ("schemas", "bare")),
        ("Unknown name \"x\" at 'tools[0]': Cannot find field.", Traits(schemas="google"), ("schemas", "bare")),
        ("content must not be null", Traits(empty_assistant_content="string"), ("content", "string")),
    ],
)
def test_what_is_left_where_that_has_been_done(words: str, traits: Traits, learnt: tuple[str, TraitValue]) -> None:
    assert find_traits(Refusal(words, ""), traits) == (LearnedTrait(*learnt),)


@pytest.mark.parametrize(
    "words", ["at most 999 images may be provided", "The keyword is not supported in this tool", "Hello"]
)
def test_what_it_does_not(words: str) -> None:
    assert find_traits(Refusal(words, ""), Traits()) == ()


def test_of_the_schema_of_the_answer_other_corrections_speak() -> None:
    words = "Invalid schema for tool in response_format: invalid_function_parameters"
    assert all(trait.name not in ("schemas", "refused_keywords") for trait in find_traits(Refusal(words, ""), Traits()))


def test_words_about_an_effort_that_refuse_none_teach_nothing() -> None:
    assert find_traits(Refusal("reasoning_effort is high today", ""), Traits(efforts=("low", "high"))) == ()
