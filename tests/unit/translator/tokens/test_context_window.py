"""How much of the window an answer may take: counted where it matters, lowered as far as an estimate can be trusted."""

from dataclasses import dataclass, replace

import pytest
from translator.tokens.context_window import LEAST_ANSWER, fit_into_window
from translator.traits import Traits

WINDOW = Traits(context_window=128_000)


@dataclass
class Prompt:
    """Counts how often it is counted."""

    tokens: int
    guessed_most: int
    counted: int = 0

    def __int__(self) -> int:
        self.counted += 1
        return self.tokens


@pytest.mark.failure_mode(19)
@pytest.mark.parametrize(
    ("traits", "max_tokens", "tokens", "expected"),
    [
        pytest.param(WINDOW, 32_000, 96_000, None, id="just fits"),
        pytest.param(WINDOW, 32_000, 96_001, 31_999, id="just not"),
        pytest.param(WINDOW, 32_000, 123_904, LEAST_ANSWER, id="the least"),
        pytest.param(WINDOW, 32_000, 127_000, LEAST_ANSWER, id="less is the upstream's to say"),
        pytest.param(WINDOW, 32_000, 150_000, LEAST_ANSWER, id="a prompt that is too long by our estimate is asked"),
        pytest.param(WINDOW, 4_000, 150_000, None, id="the caller asks for little"),
        pytest.param(replace(WINDOW, max_output_tokens=8_000), 32_000, 119_000, None, id="the model writes little"),
        pytest.param(replace(WINDOW, max_output_tokens=8_000), 32_000, 121_000, 7_000, id="but not little enough"),
    ],
)
def test_the_limit_is_what_the_prompt_leaves(
    traits: Traits, max_tokens: int, tokens: int, expected: int | None
) -> None:
    prompt = Prompt(tokens, guessed_most=2 * tokens)
    fitting = fit_into_window(traits, max_tokens, prompt)
    assert fitting == (traits if expected is None else replace(traits, max_output_tokens=expected))
    assert (fitting is traits, prompt.counted) == (expected is None, 1)


@pytest.mark.failure_mode(19)
@pytest.mark.parametrize(
    ("traits", "guessed_most"),
    [
        pytest.param(WINDOW, 96_000, id="it fits in any case"),
        pytest.param(Traits(), 10**9, id="the window is not known"),
    ],
)
def test_nothing_is_counted_where_it_cannot_matter(traits: Traits, guessed_most: int) -> None:
    prompt = Prompt(0, guessed_most)
    assert fit_into_window(traits, 32_000, prompt) is traits
    assert prompt.counted == 0
