"""Counting tokens and listing models, as the official SDK sees them."""

from __future__ import annotations

import anthropic
import httpx
import pytest
from anthropic import Anthropic

from tests.running import Upstream
from tests.sdk.test_answers import asking


@pytest.mark.failure_mode(28)
def test_tokens_are_counted_without_the_upstream(client: Anthropic, upstream: Upstream) -> None:
    request = {name: asking("plain")[name] for name in ("model", "messages", "tools")}
    short = client.messages.count_tokens(**request)
    request["messages"] = [{"role": "user", "content": "A longer question. " * 100}]
    long = client.messages.count_tokens(**request)
    assert 0 < short.input_tokens < long.input_tokens
    assert upstream.requests() == []


@pytest.mark.failure_mode(41)
def test_models_come_page_by_page(client: Anthropic) -> None:
    pages = [page.data for page in client.models.list(limit=3).iter_pages()]
    ids = [model.id for page in pages for model in page]
    whole = [model.id for model in client.models.list(limit=1000)]
    assert "gpt-5" in {model.rpartition("/")[2] for model in ids}
    assert ids == whole
    assert [len(page) for page in pages[:-1]] == [3] * (len(pages) - 1)


@pytest.mark.parametrize("model", ["gpt-5", "openai/gpt-5"])
def test_a_model_tells_its_limits(model: str, client: Anthropic) -> None:
    info = client.models.retrieve(model)
    assert info.type == "model"
    assert info.display_name == "GPT-5"
    assert (info.max_input_tokens, info.max_tokens) == (272000, 128000)


def test_an_unknown_model_is_not_found(client: Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("no-such-model")


@pytest.mark.parametrize("path", ["/", "/api/hello", "/Prod/", "/Prod/api/hello"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_probes_need_no_key(method: str, path: str, raw: httpx.Client) -> None:
    request = raw.build_request(method, path)
    del request.headers["x-api-key"]
    assert raw.send(request).status_code == httpx.codes.OK
