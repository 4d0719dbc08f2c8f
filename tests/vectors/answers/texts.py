"""Text, in every form in which it comes (wire.md 5, 6)."""

from tests.vectors.answers import ESTIMATE, AnswerCase, begin, end, text, text_block, usage, whole

HELLO = whole(text_block("Hello"), stop_reason="end_turn")
HELLO_WORLD = whole(text_block("Hello world"), stop_reason="end_turn")
SAID_HELLO = [*begin(), *text(0, "Hello"), *end("end_turn")]
SAID_HELLO_WORLD = [*begin(), *text(0, "Hello", " world"), *end("end_turn")]

SOURCES = "\n\nSources:\n- Rain: https://a.test/1\n- https://b.test"
IMAGE = "[The model has sent an image, which cannot be shown here.]"
AUDIO = "[The model has sent audio, which cannot be played here.]"
UNKNOWN = "[The model has sent something that cannot be shown here.]"
UNREADABLE = "[a source in a form that is not known]"


def sourced(identity: str, why: str, words: str, *sources: str) -> AnswerCase:
    """An answer, and what it names as its sources."""
    told = "\n\nSources:\n" + "\n".join(f"- {source}" for source in sources)
    return AnswerCase(
        id=identity,
        why=why,
        events=[*begin(), *text(0, words, told), *end("end_turn")],
        message=whole(text_block(words + told), stop_reason="end_turn"),
    )


def hello(identity: str, why: str, *pieces: str) -> AnswerCase:
    """An answer that says hello."""
    return AnswerCase(id=identity, why=why, events=[*begin(), *text(0, *pieces), *end("end_turn")], message=HELLO)


CASES = [
    AnswerCase(id="text", why="the ordinary answer", events=SAID_HELLO_WORLD, message=HELLO_WORLD),
    AnswerCase(
        id="text-without-role-chunk",
        why="the chunk that names the role is not needed",
        events=SAID_HELLO,
        message=HELLO,
    ),
    AnswerCase(
        id="text-empty-deltas",
        why="failure mode 8: an empty delta neither opens a block nor parts one",
        events=[*begin(), *text(0, "Hel", "lo", " world"), *end("end_turn")],
        message=HELLO_WORLD,
    ),
    AnswerCase(
        id="text-beyond-ascii",
        why="letters of any kind, and a line end that is none in JSON",
        events=[*begin(), *text(0, "naïve 👩‍🚀", "\u2028日本"), *end("end_turn")],
        message=whole(text_block("naïve 👩‍🚀\u2028日本"), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="text-half-surrogates",
        why="some servers cut an emoji between its two escapes; joined again they are one",
        events=[*begin(), *text(0, "Smile ", "\U0001f600"), *end("end_turn")],
        message=whole(text_block("Smile \U0001f600"), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="text-whole-completion",
        why="a whole completion is one chunk whose message stands for the delta",
        events=SAID_HELLO,
        message=HELLO,
    ),
    AnswerCase(
        id="text-azure",
        why="Azure's first chunk has no choices: nothing has begun",
        events=SAID_HELLO,
        message=HELLO,
    ),
    AnswerCase(
        id="text-two-choices",
        why="whoever sends a second answer was not asked for it",
        events=SAID_HELLO,
        message=HELLO,
    ),
    AnswerCase(
        id="text-after-finish",
        why="nothing that the model says is lost",
        events=SAID_HELLO_WORLD,
        message=HELLO_WORLD,
    ),
    AnswerCase(
        id="text-in-the-finish-chunk",
        why="nothing that the model says is lost",
        events=SAID_HELLO_WORLD,
        message=HELLO_WORLD,
    ),
    AnswerCase(
        id="text-parts",
        why="Mistral sends parts, some of which hold no text",
        events=SAID_HELLO_WORLD,
        message=HELLO_WORLD,
    ),
    AnswerCase(
        id="text-choices-null",
        why="a sign of life holds nothing",
        events=SAID_HELLO,
        message=HELLO,
    ),
    AnswerCase(
        id="text-error-null",
        why="`error: null` is no error, in the last chunk neither",
        events=SAID_HELLO,
        message=HELLO,
    ),
    AnswerCase(
        id="text-service-tier",
        why="the tier that has answered, under Anthropic's name for it",
        events=[*begin("priority"), *text(0, "Hello"), *end("end_turn")],
        message=whole(text_block("Hello"), stop_reason="end_turn", service_tier="priority"),
    ),
    AnswerCase(
        id="text-after-done",
        why="nothing after the end marker is read",
        events=SAID_HELLO,
        message=HELLO,
    ),
    AnswerCase(
        id="text-with-sources",
        why="what was said has sources, each told once, and none that is no address",
        events=[*begin(), *text(0, "It rains.", SOURCES), *end("end_turn")],
        message=whole(text_block(f"It rains.{SOURCES}"), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="sources-after-a-cut",
        why="a stop sequence ends everything",
        events=[
            *begin(),
            *text(0, "It rains "),
            *end("stop_sequence", usage(ESTIMATE, 3), stop_sequence="END"),
        ],
        message=whole(
            text_block("It rains "), stop_reason="stop_sequence", stop_sequence="END", counters=usage(ESTIMATE, 3)
        ),
        stop_sequences=("END",),
        is_cut=True,
    ),
    AnswerCase(
        id="sources-after-json",
        why="JSON with a list of sources after it is no JSON",
        events=[*begin(), *text(0, "{}"), *end("end_turn")],
        message=whole(text_block("{}"), stop_reason="end_turn"),
        takes_asides=False,
    ),
    AnswerCase(
        id="text-with-media",
        why="what the API has no block for is not lost in silence",
        events=[*begin(), *text(0, "Here it is.", f"\n\n{IMAGE}\n{AUDIO}"), *end("end_turn")],
        message=whole(text_block(f"Here it is.\n\n{IMAGE}\n{AUDIO}"), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="image-alone",
        why="nor where there is nothing else",
        events=[*begin(), *text(0, IMAGE), *end("end_turn")],
        message=whole(text_block(IMAGE), stop_reason="end_turn"),
    ),
    hello("text-part-as-string", "a part without its type is text, and null is none", "Hel", "lo"),
    AnswerCase(
        id="text-with-media-parts",
        why="a part that is no text is not lost in silence; Mistral's references say nothing",
        events=[*begin(), *text(0, "Here it is.", f"\n\n{IMAGE}\n{UNKNOWN}"), *end("end_turn")],
        message=whole(text_block(f"Here it is.\n\n{IMAGE}\n{UNKNOWN}"), stop_reason="end_turn"),
    ),
    hello("text-of-the-older-completions", "an empty answer would be a false one", "Hel", "lo"),
    AnswerCase(
        id="text-message-repeats",
        why="at the end MiniMax repeats in a message what its deltas have said",
        events=SAID_HELLO_WORLD,
        message=HELLO_WORLD,
    ),
    hello("text-message-beside-deltas", "Perplexity sends all that was said so far beside each delta", "Hello"),
    hello("text-between-empty-events", "signs of life without a word", "Hel", "lo"),
    hello("text-of-a-choice-numbered-otherwise", "the first is the first in any notation", "Hel", "lo"),
    hello("text-of-a-choice-that-is-null", "null says nothing", "Hello"),
    hello("text-of-minimax", "its own account of success in every chunk", "Hello"),
    sourced(
        "text-with-citations",
        "xAI and Perplexity name addresses beside the choices, in any chunk",
        "It rains [1][2].",
        "https://a.test/1",
        "https://b.test",
    ),
    sourced("text-with-search-results", "where there are titles too", "It rains [1].", "Rain: https://a.test/1"),
    sourced(
        "text-with-odd-sources",
        "a source that cannot be read costs neither the others nor the answer, and is named",
        "It rains.",
        "https://a.test/1",
        UNREADABLE,
        "Rain: https://b.test",
        "https://c.test",
    ),
]
