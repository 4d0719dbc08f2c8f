"""Token counts: six families' exactly, the others' never too low on the corpus and on Claude Code's requests."""

from collections import Counter

import pytest
from gateway.tokens.vocabulary import count_in
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.request import parse_count_tokens_request
from translator.tokens.counting import LEAST, Features, count_by, counting, family_of, text_features, vocabulary_of
from translator.tokens.estimate import estimate_input_tokens
from translator.tokens.families import FAMILIES, Basis, Family, Vocabulary, Weights

from tests.tokens.__main__ import PAGE, PICTURE, with_table
from tests.tokens.corpus import everything, requests
from tests.tokens.errors import MEASURED, TRUTH, Measured, overestimates, p95, picture

pytestmark = pytest.mark.failure_mode(28)

AT_MOST = 0.15
"""What 95 of 100 documents are counted too high by."""
EXACT: dict[str, Vocabulary] = {
    "gpt-5": "o200k_base",
    "claude-2": "claude_2",
    "gemini-2.5-pro": "gemma_3",
    "deepseek-v3": "deepseek_v3",
    "qwen3-32b": "qwen_3",
    "mistral-nemo": "tekken",
}
WEIGHED = [each for each in MEASURED if each.model not in EXACT]


@pytest.mark.parametrize("model", EXACT)
def test_a_familys_own_vocabulary_is_exact(model: str) -> None:
    """Each piece of each document and request counts what the family's own tokenizer counts."""
    count = counting(model, count_in)
    counted = {name: list(map(count, pieces)) for name, pieces in everything().items()}
    assert counted == TRUTH[EXACT[model]]


@pytest.mark.parametrize("measured", WEIGHED, ids=lambda each: each.family)
def test_no_document_is_counted_too_low(measured: Measured) -> None:
    assert [name for name, error in overestimates(measured).items() if error < 0] == []


@pytest.mark.parametrize("measured", WEIGHED, ids=lambda each: each.family)
def test_95_of_100_documents_are_counted_hardly_too_high(measured: Measured) -> None:
    assert p95(measured) <= AT_MOST


@pytest.mark.parametrize("measured", MEASURED, ids=lambda each: each.family)
def test_no_request_of_claude_codes_is_estimated_too_low(measured: Measured) -> None:
    """The whole of a request, against all the texts that are sent of it."""
    count = counting(measured.model, count_in)
    estimated = {
        name: estimate_input_tokens(parse_count_tokens_request(body), count) for name, body in requests().items()
    }
    assert [name for name, tokens in estimated.items() if tokens < sum(TRUTH[measured.tokenizer][name])] == []


def test_the_page_shows_the_errors_as_they_are() -> None:
    page = PAGE.read_text("utf-8")
    assert page == with_table(page), "python -m tests.tokens --write"
    assert PICTURE.read_text("utf-8") == picture(), "python -m tests.tokens --write"


MODELS: dict[str, Family] = {
    "gpt-5": "openai",
    "openai/o3-mini": "openai",
    "codex-mini-latest": "openai",
    "claude-sonnet-4-20250514": "claude",
    "google-ai-studio/gemini-2.5-pro": "google",
    "gemma-3-27b": "google",
    "deepseek-r1-distill-llama-70b": "llama",
    "deepseek/deepseek-chat-v3.1": "deepseek",
    "meta-llama/Llama-3.3-70B": "llama",
    "Qwen/Qwen3-32B": "qwen",
    "ministral-8b": "mistral",
    "command-a-03-2025": "cohere",
    "grok-4": "unknown",
    "demo": "unknown",
}


@pytest.mark.parametrize("model", MODELS)
def test_the_id_tells_the_family(model: str) -> None:
    assert family_of(model) == MODELS[model]


def test_every_family_is_counted_with_one_vocabulary() -> None:
    of_each: dict[Family, Vocabulary] = {family_of(model): vocabulary for model, vocabulary in EXACT.items()}
    assert {family: basis.vocabulary for family, basis in FAMILIES.items() if basis.weights is None} == of_each
    assert {each.family: vocabulary_of(each.model) for each in WEIGHED} == {
        "llama": "qwen_3",
        "cohere": "deepseek_v3",
        "unknown": "claude_2",
    }


def test_nothing_makes_an_unknown_model_cheaper_than_claude_2() -> None:
    weights = FAMILIES["unknown"].weights
    assert weights is not None
    assert weights.token >= 1
    assert min(*weights[1:-1], *weights.scripts.values()) >= 0


def test_what_is_weighed() -> None:
    text = (
        "1234567 12 AB a.b _c\n  \n   x  漢字 かな 한글 жё ії λόγ Բա שלום عر پ हि বা ਸਾ પ્ર ସବୁ தமி తె ಎಲ್ మ മനു සි กข ລາ བོད"
        " မြ ქა አማ ᏣᎳ ខ្មែ ᠮᠣ äß łż ğı ãõ ěř ñ¿ őű éç ăă ệ \u0301 … ─── 🙂 \uf8ff"
    )
    assert text_features(text, 40) == Features(
        tokens=40,
        digits=5,
        joined=2,
        lines=2,
        indents=2,
        gaps=1,
        scripts=Counter({
            "han": 2, "kana": 2, "hangul": 2, "cyrillic": 2, "ukrainian": 2, "greek": 3, "armenian": 2, "hebrew": 4,
            "arabic": 2, "persian": 1, "devanagari": 2, "bengali": 2, "gurmukhi": 2, "gujarati": 3, "oriya": 3,
            "tamil": 3, "telugu": 3, "kannada": 3, "malayalam": 3, "sinhala": 2, "thai": 2, "lao": 2, "tibetan": 3,
            "myanmar": 2, "georgian": 2, "ethiopic": 2, "cherokee": 2, "khmer": 4, "mongolian": 2, "german": 2,
            "polish": 2, "turkish": 2, "portuguese": 2, "czech": 2, "spanish": 2, "hungarian": 2, "latin": 2,
            "latin_extended": 2, "vietnamese": 1, "mark": 1, "symbol": 1, "box": 3, "astral": 1, "other": 3,
        }),
    )  # fmt: skip


def test_weights_are_added_up() -> None:
    weights = Weights(token=2, digit=0.5, joined=0.25, line=3, indent=4, gap=8, scripts={"han": 1.5, "other": 1})
    count = count_by(Basis("qwen_3", weights), lambda vocabulary, text: 10 if vocabulary == "qwen_3" else 0)
    assert count("123 .x\n  漢  \uf8ff") == 2 * 10 + 0.5 * 2 + 0.25 + 3 + 4 + 8 + 1.5 + 3


def test_weights_below_0_leave_something_to_count() -> None:
    weights = Weights(token=1, digit=0, joined=0, line=0, indent=0, gap=0, scripts={"han": -1})
    assert count_by(Basis("qwen_3", weights), lambda *_: 10)("漢" * 100) == LEAST * 10


@given(st.text(), st.sampled_from(list(MODELS)))
def test_a_text_counts_something_for_every_model(text: str, model: str) -> None:
    assert (counting(model, count_in)(text) > 0) is bool(text)
