"""Refusals that are about Responses: the other dialect, reasoning that goes back, and what outputs hold."""

from tests.vectors.refusals import body, openai
from tests.vectors.refusals.corrections import case, without

ONLY_RESPONSES = "This model is only supported in v1/responses and not in v1/chat/completions."
ONLY_CHAT = "This model is only supported in v1/chat/completions and not in v1/responses."
NOT_VERIFIED = (
    "The encrypted content gAAA... could not be verified. Reason: Encrypted content could not be decrypted or parsed."
)
UNVERIFIED_ORGANISATION = "Your organization must be verified to generate reasoning summaries."
OFF = ("reasoning_replay", "off")
NO_SEARCH = ("web_search", "none")
CANNOT_SEARCH = (
    "Hosted tool 'web_search' is not supported with gpt-4.1-nano.",
    "Invalid value: 'web_search'. Supported values are: 'function', and 'custom'.",
    "Unsupported tool type: web_search",
    "The tool type 'web_search' is not supported in this region.",
)
TO_RESPONSES = ("dialect", "responses")
TO_CHAT = ("dialect", "chat")

CASES = [
    case("only-responses", "OpenAI's codex and pro models", openai(ONLY_RESPONSES), TO_RESPONSES, status=404),
    case("only-responses-already", "it was asked there", openai(ONLY_RESPONSES), dialect="responses"),
    case(
        "not-chat",
        "GitHub's words",
        openai(
            'model "gpt-5-codex" is not accessible via the /chat/completions endpoint', code="unsupported_api_for_model"
        ),
        TO_RESPONSES,
    ),
    case("only-chat", "the other way round", openai(ONLY_CHAT), TO_CHAT, status=404, dialect="responses"),
    case("invalid-url", "OpenAI's older servers", openai("Invalid URL (POST /v1/responses)"), TO_CHAT, status=404),
    case("no-endpoint", "LM Studio", body({"error": "Unexpected endpoint or method. (POST /v1/responses)"}), TO_CHAT),
    case(
        "no-api",
        "Bedrock, for a model that is elsewhere",
        openai("The model 'openai.gpt-oss-120b' does not support the '/openai/v1/responses' API"),
        TO_CHAT,
    ),
    case(
        "no-streamed-calls",
        "Bedrock's Converse, for Llama",
        body({"message": "This model doesn't support tool use in streaming mode."}),
        ("streamed_calls", False),
    ),
    case(
        "words-beside-results",
        "Bedrock's Converse, for most models",
        body({"message": "Conversation blocks and tool result blocks cannot be provided in the same turn."}),
        ("after_tool", "assistant"),
    ),
    case("a-word-about-responses", "words about responses are no address", openai("Use shorter responses.")),
    case("blob-not-verified", "responses.md 7.11", openai(NOT_VERIFIED, code="invalid_encrypted_content"), OFF),
    case("blob-not-verified-again", "nothing is left to leave out", openai(NOT_VERIFIED), reasoning_replay="off"),
    case(
        "item-not-found",
        "responses.md 7.5",
        openai("Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."),
        OFF,
        status=404,
    ),
    case(
        "item-without-reasoning",
        "responses.md 7.1",
        openai("Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1'."),
        OFF,
    ),
    case(
        "reasoning-without-item",
        "responses.md 7.2",
        openai("Item 'rs_1' of type 'reasoning' was provided without its required following item."),
        OFF,
    ),
    case("not-issued", "responses.md 7.15", openai("The encrypted content was not issued to this caller"), OFF),
    case("item-id-other", "responses.md 7.14", openai("encrypted_content item_id did not match the target item"), OFF),
    case("reasoning-unknown", "responses.md 7.70", openai("input[1]: 'reasoning' is not a valid input item type"), OFF),
    case(
        "summary", "responses.md 7.58", openai(UNVERIFIED_ORGANISATION, param="reasoning.summary"), without("summary")
    ),
    case(
        "include",
        "responses.md 7.57",
        openai("Encrypted content is not supported with this model.", param="include"),
        without("include"),
    ),
    case(
        "obfuscation",
        "an older server",
        openai("Unknown parameter: 'stream_options.include_obfuscation'.", param="stream_options.include_obfuscation"),
        without("include_obfuscation", "stream_options"),
    ),
    case(
        "phase",
        "a field of a message",
        openai("Unknown parameter: 'input[2].phase'.", param="input[2].phase"),
        without("phase"),
    ),
    case(
        "format",
        "no schema for the answer",
        openai("Unsupported parameter: 'text.format' is not supported with this model.", param="text.format"),
        ("structured_output", "json_object"),
    ),
    case(
        "effort",
        "responses.md 7.60",
        openai(
            "Unsupported value: 'max' is not supported with the 'x' model. "
            "Supported values are: 'low', 'medium', and 'high'.",
            param="reasoning.effort",
        ),
        ("efforts", ("low", "medium", "high")),
    ),
    case(
        "output-text",
        "llama.cpp and vLLM",
        openai("Input should be a valid string", param="input[2].output"),
        ("tool_output", "text"),
    ),
    *(
        case(f"search-{at}", "failure mode 29: it cannot search", openai(words), NO_SEARCH, web_search="upstream")
        for at, words in enumerate(CANNOT_SEARCH)
    ),
    case(
        "image-part",
        "a model that sees none",
        openai("Invalid value: 'input_image'. Supported values are: 'input_text'."),
        ("images", False),
    ),
    case(
        "file-part",
        "nor reads a document",
        openai("Invalid value: 'input_file'. Supported values are: 'input_text'."),
        ("pdf", False),
    ),
]
