"""Errors that are answers: the model has stopped, and there is no sense in a retry (wire.md 7; modes 18, 49)."""

from dataclasses import dataclass

from tests.vectors.refusals import body, openai

CUT_SHORT = (
    "Could not finish the message because max_tokens or model output limit was reached. "
    "Please try again with higher max_tokens."
)
CUT_IN_JSON = "Failed to validate JSON: max completion tokens reached before generating a valid document."
AZURE = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
    "Please modify your prompt and retry."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingCase:
    """An answer that is no 2xx, and the stop reason and words that it becomes; None: it stays an error."""

    id: str
    why: str
    status: int
    body: bytes
    ending: tuple[str, str] | None


def refused(identity: str, why: str, status: int, answer: bytes, message: str) -> EndingCase:
    return EndingCase(id=f"policy-{identity}", why=why, status=status, body=answer, ending=("refusal", message))


CASES = [
    EndingCase(
        id="cut-short",
        why="failure mode 18: the probe asks for one token, and reasoning takes it",
        status=400,
        body=openai(CUT_SHORT),
        ending=("max_tokens", CUT_SHORT),
    ),
    EndingCase(
        id="cut-short-in-json",
        why="failure mode 49: Groq, which refuses an answer in JSON that was not finished",
        status=400,
        body=openai(CUT_IN_JSON, code="json_validate_failed"),
        ending=("max_tokens", CUT_IN_JSON),
    ),
    refused("azure", "failure mode 49", 400, openai(AZURE, code="content_filter", param="prompt"), AZURE),
    refused(
        "openai",
        "failure mode 49",
        400,
        openai("Invalid prompt: your prompt was flagged as potentially violating our usage policy."),
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    ),
    refused(
        "openrouter",
        "failure mode 49: a 403 that is not about our account",
        403,
        body({"error": {"code": 403, "message": "Your input was flagged", "metadata": {"reasons": ["violence"]}}}),
        "Your input was flagged",
    ),
    refused(
        "alibaba",
        "failure mode 49",
        400,
        openai("Input data may be bad.", code="data_inspection_failed"),
        "Input data may be bad.",
    ),
    refused("deepseek", "failure mode 49", 400, openai("Content Exists Risk"), "Content Exists Risk"),
    refused("glm", "failure mode 49", 400, openai("Unsafe", code="1301"), "Unsafe"),
    EndingCase(
        id="policy-of-the-servers-own",
        why="a failure may come to pass again or not",
        status=500,
        body=openai("The moderation service does not answer"),
        ending=None,
    ),
]
