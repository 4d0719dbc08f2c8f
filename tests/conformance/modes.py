"""The numbered failure modes of gateways like this one, and what is right instead, in our own words.

They were gathered from the public issue trackers of other gateways and of Claude Code. Tests name them by number: with
`@pytest.mark.failure_mode(3)`, or in the `why` of a vector.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to fail; `missing` says what of the right behaviour is not built yet."""

    number: int
    title: str
    right: str
    missing: str = ""


MODES = (
    Mode(
        1,
        "System messages among the others",
        "`system` and `developer` are taken anywhere, in text or blocks or empty, and folded in place into the user's "
        "turn or kept there, never between a call and its result.",
    ),
    Mode(
        2,
        "Tools and effort together, for models that refuse it on chat completions",
        "Such models are asked through the Responses API, where they reason and call tools at once; where only chat "
        "completions are served, they get the effort `none`, or no effort, and what is lost is named.",
    ),
    Mode(
        3,
        "Gemini's thought signatures",
        "The signature travels in the id of the call and goes back with it; calls of others get Google's placeholder.",
    ),
    Mode(
        4,
        "Reasoning that must be passed back",
        "DeepSeek and Kimi get their reasoning again on turns with calls; where thinking is off, no effort is sent.",
    ),
    Mode(
        5,
        "Beta fields passed on, or refused",
        "The upstream's body is built field by field: what is not known is neither an error nor passed on.",
    ),
    Mode(
        6,
        "Tool schemas that Gemini refuses",
        "At places of schemas, and only there, what Gemini does not know is converted or left out; names of properties "
        "stay, and so does the caller's own schema.",
    ),
    Mode(
        7,
        "A context overflow that no client recognises",
        "Every wording, with whatever status and also in a stream, becomes `prompt is too long: N tokens > M maximum`, "
        "or the other wording where only the answer would not fit.",
    ),
    Mode(
        8,
        "Blocks out of order in the stream",
        "One `message_start`, blocks one after another with rising indices and deltas of their own type, one "
        "`message_delta`, one `message_stop`; reasoning before text before calls; empty deltas do nothing.",
    ),
    Mode(
        9,
        "Parallel calls merged or interleaved",
        "Another id or name on a used index is another call; without an index the id decides; what is interleaved "
        "waits its turn.",
    ),
    Mode(
        10,
        "Arguments that arrive as `{}`",
        "Arguments count wherever they come, in the first chunk or the last; none at all are `{}`, broken ones are an "
        "error.",
    ),
    Mode(
        11,
        "`stop` although there are calls",
        "The stop reason is `tool_use` where a call was sent, whatever the upstream says; a reason is never missing.",
    ),
    Mode(
        12,
        "Silence that clients give up on",
        "The message starts as soon as the upstream answers, and a ping follows every ten seconds of silence, by a "
        "timer of its own.",
    ),
    Mode(
        13,
        "An upstream's error turned into an empty success",
        "An error before the first event keeps its status, a later one is `event: error`; no `end_turn` is made up.",
    ),
    Mode(
        14,
        "The end of the connection taken for the end of the answer",
        "Without a finish reason the end is an error, and a half call is never closed as a valid one.",
    ),
    Mode(
        15,
        "Errors of the wrong status or shape",
        "Every error has the status and the shape of Anthropic's; a bad key of ours is no 401 of the caller's; "
        "`retry-after` is relayed and never made up; API Gateway's own errors look the same.",
    ),
    Mode(
        16,
        "Claude Code's attribution spoils the prompt cache",
        "The block is left out for other vendors, and the same conversation begins with the same bytes.",
    ),
    Mode(
        17,
        "Bodies too large for Lambda",
        "Bodies are passed on as text, and API Gateway's own 413 has the shape of `request_too_large`.",
        "the two sizes around Lambda's limit, measured on AWS",
    ),
    Mode(
        18,
        "The name and the least value of `max_tokens`",
        "Each model gets the field that it knows, and no less than it takes: a probe of one token is answered.",
    ),
    Mode(
        19,
        "More `max_tokens` than the upstream allows",
        "The number is lowered to what the model can write and to what our estimate of the prompt leaves of its "
        "window; what the upstream's own count leaves, or a limit per minute, is asked for in a second request.",
    ),
    Mode(
        20,
        "Tool results out of order, without a call, or missing",
        "All results first, in the order of the calls, then the rest; an unanswered call gets a placeholder, a result "
        "without a call becomes text.",
    ),
    Mode(
        21,
        "Ids of calls that repeat or are not legal",
        "Ids towards the client are ours and unique; the upstream's own, or a legal one in its stead, goes back.",
    ),
    Mode(
        22,
        "Reasoning that is lost or refused in the next turn",
        "Our thinking blocks carry a signature of ours and go back to whoever wants them; what others have signed is "
        "never passed on, and never as visible text; OpenAI's encrypted reasoning travels in the signature.",
    ),
    Mode(
        23,
        "Thinking that clients throw away",
        "`thinking_delta` with `thinking`, then one `signature_delta`, then the stop, before any text.",
    ),
    Mode(
        24,
        "The spellings of reasoning",
        "`reasoning_content`, `reasoning`, `reasoning_details`, parts and `<think>` become thinking, also where only "
        "`</think>` comes; no thinking part is sent upstream.",
    ),
    Mode(
        25,
        "Effort and adaptive thinking",
        "The effort counts before the budget, the budget before `adaptive`; the nearest one that the model takes is "
        "sent.",
    ),
    Mode(
        26,
        "Usage that is zero or missing",
        "`message_start` has an estimate, `message_delta` what the upstream counted: the last word, not the sum.",
    ),
    Mode(
        27,
        "Cached tokens counted twice",
        "`input_tokens` is the prompt without what was read from the cache, and never below zero.",
    ),
    Mode(
        28,
        "`count_tokens` missing, or too low",
        "It is answered here, without an upstream, for every part of the request: exactly where the family's own "
        "vocabulary may be passed on, else rather too high than too low.",
    ),
    Mode(
        29,
        "Tools that run at Anthropic",
        "A tool that cannot be offered is left out and named, never a 400; what a history holds of one becomes text. "
        "A search that the upstream makes, where the operator has switched that on, is told as Anthropic's.",
        "a search behind `web_search` anywhere else, which is answered with its error",
    ),
    Mode(
        30,
        "Images in tool results",
        "The tool message says where the image is, and a user message after the last one holds it.",
    ),
    Mode(
        31,
        "Images for a model that cannot see",
        "A note stands in their place, in the history too.",
    ),
    Mode(
        32,
        "Documents refused or dropped in silence",
        "Text goes inline, a PDF as a file where the model reads them, else a note; addresses are never fetched.",
    ),
    Mode(
        33,
        "Strict schemas and long tool names",
        "An object has properties; a schema is called strict only where it is; names are shortened with a hash, and "
        "the caller meets its own again. A schema that is refused loses the keyword, then all but its outline, then "
        "the tool is left out, unless it was called.",
    ),
    Mode(
        34,
        "Tool search",
        "Deferred tools are withheld until the conversation has loaded them; a reference in a result becomes text.",
    ),
    Mode(
        35,
        "Sampling parameters that the model refuses",
        "They are left out, and named; what an upstream says that it refuses is left out of a second request, and "
        "remembered; where it names nothing, the plainest form is asked for once.",
    ),
    Mode(
        36,
        "A spent budget that looks like throttling",
        "429 with `billing_error` and `x-should-retry: false`; a real throttle is a `rate_limit_error`.",
    ),
    Mode(
        37,
        "Budgets that many requests pass at once",
        "Each request reserves its estimate before it is sent and settles what it used, whatever happens.",
    ),
    Mode(
        38,
        "`cache_control`",
        "It is left out for other vendors, and passed on to the models of OpenRouter's that obey it; OpenAI gets a "
        "stable `prompt_cache_key`, and where its models know them, breakpoints.",
    ),
    Mode(
        39,
        "Whole answers",
        "An answer is a stream only where `stream` is true; otherwise the same events are folded into one message.",
    ),
    Mode(
        40,
        "A client that hangs up",
        "The upstream is let go of, what was used is counted, and the reservation is settled.",
        "the choice to let the upstream end, for the exact usage",
    ),
    Mode(
        41,
        "Names of models, and their discovery",
        "Ids, aliases, claude ids, dates and `[1m]` lead to a model; the list has Anthropic's shape and the prefixes "
        "of Claude Code's picker; the answer names the model that was asked for.",
    ),
    Mode(
        42,
        "The two headers of the key",
        "Either one, or both where one is valid; neither is passed on.",
    ),
    Mode(
        43,
        "Bytes cut anywhere",
        "Events are found in the bytes and decoded whole; comments, CRLF and missing spaces do no harm.",
    ),
    Mode(
        44,
        "Failed tools that look like successes",
        "The text of the result says that it is an error.",
    ),
    Mode(
        45,
        "Empty content",
        "Empty text is left out, an empty result is `(no output)`, an empty turn a placeholder.",
    ),
    Mode(
        46,
        "Stop sequences",
        "They are found here, for every upstream, held back across chunks, and named in the answer.",
    ),
    Mode(
        47,
        "Structured output dropped",
        "The schema becomes `response_format`; where the upstream knows none, the model is told of it, and that is "
        "named.",
    ),
    Mode(
        48,
        "`tool_choice`, parallel calls and the user's id",
        "Each choice has its counterpart or is named; the user is a short pseudonym.",
    ),
    Mode(
        49,
        "Turns that end with nothing",
        "A filter is a `refusal`, a spent limit `max_tokens`, an unknown or malformed end an error; calls that a model "
        "is known to write into its text are told from it, in five dialects. A model that says nothing, or has only "
        "thought, is asked once more, in a stream too.",
    ),
    Mode(
        50,
        "Keys, addresses and prompts in the wrong hands",
        "Keys are kept as hashes; no log, error or header holds a key or a prompt; addresses come from the "
        "configuration only; no redirect is followed; no origin of another site is let in.",
    ),
)
