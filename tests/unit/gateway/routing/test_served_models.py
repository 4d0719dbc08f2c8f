"""What the operator's own servers serve: the file, and what the directory makes of it as it changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from gateway.access.key_records import KeyRecord
from gateway.routes.model_order import askable_models
from gateway.routing.directory import ModelDirectory, open_directory
from gateway.routing.model_facts import ModelFacts
from gateway.routing.served_models import ServedModel, Serving, ServingsFile, write_servings
from gateway.settings import read_settings

from tests.loop import run
from tests.unit.gateway.clocks import Clock

ANYONE = KeyRecord(id="key_1", name="alice", hint="", created=0)
HERE = "http://127.0.0.1:8000/v1"


def serving(*models: ServedModel, base_url: str = HERE) -> Serving:
    return Serving(base_url, models)


def model(model_id: str, window: int | None = None) -> ServedModel:
    return ServedModel(model_id, window, "2026-11-30")


def directory(path: Path, **environ: str) -> ModelDirectory:
    variables = {"OPENAI_BASE_URL": HERE, "EDGEWAY_SERVED_MODELS": str(path), **environ}
    return open_directory(read_settings(variables), variables, clock=Clock())


def askable(of: ModelDirectory) -> list[ModelFacts]:
    configured = run(of.configured())
    return askable_models(of.catalogue, configured)


def listed(of: ModelDirectory) -> list[tuple[str, int | None, str]]:
    return [(f"{facts.provider}/{facts.id}", facts.context_window, facts.released) for facts in askable(of)]


def test_the_file_says_what_was_written_and_is_read_only_where_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "served.json"
    file = ServingsFile(path)
    assert (file.read(), ServingsFile(None).read()) == ({}, {})
    first = {"openai": serving(model("a", 4096), model("é"))}
    write_servings(path, first)
    read = file.read()
    assert read == first
    assert file.read() is read
    write_servings(path, {})
    assert file.read() == {}
    path.unlink()
    assert file.read() == {}
    assert list(tmp_path.iterdir()) == []


def test_it_is_listed_from_the_next_request_on(tmp_path: Path) -> None:
    path = tmp_path / "served.json"
    models = directory(path)
    assert listed(models) == []
    write_servings(path, {"openai": serving(model("Qwen/Qwen3-8B", 32_768), model("gpt-5"))})
    assert listed(models) == [("openai/gpt-5", 400_000, ""), ("openai/Qwen/Qwen3-8B", 32_768, "2026-11-30")]
    write_servings(path, {"openai": serving(model("other"))})
    assert listed(models) == [("openai/other", None, "2026-11-30")]


@pytest.mark.parametrize("name", ["openai/Qwen/Qwen3-8B", "Qwen/Qwen3-8B", "qwen/qwen3-8b", "anthropic/Qwen/Qwen3-8B"])
def test_a_request_for_it_knows_its_window(tmp_path: Path, name: str) -> None:
    path = tmp_path / "served.json"
    models = directory(path)
    write_servings(path, {"openai": serving(model("Qwen/Qwen3-8B", 32_768))})
    (candidate, *_) = run(models.route(name, ANYONE))
    assert (candidate.name, candidate.traits.context_window) == ("openai/Qwen/Qwen3-8B", 32_768)
    write_servings(path, {"openai": serving(model("Qwen/Qwen3-8B", 16_384))})
    assert run(models.route(name, ANYONE))[0].traits.context_window == 16_384


def test_a_server_that_gives_a_model_less_room_is_believed(tmp_path: Path) -> None:
    """The catalogue knows what the model can, the server with what it has been started."""
    path = tmp_path / "served.json"
    write_servings(path, {"openai": serving(model("gpt-5", 16_384))})
    (facts,) = askable(directory(path))
    assert (facts.name, facts.context_window, facts.max_input_tokens) == ("GPT-5", 16_384, None)


def test_a_list_of_another_address_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "served.json"
    lists = {"openai": serving(model("a"), base_url="http://10.0.0.9/v1"), "vllm": serving(model("b"))}
    write_servings(path, lists)
    assert listed(directory(path)) == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("context_window = 8_192", ("openai/a", 8_192, "")),
        ("max_output_tokens = 100", ("openai/a", 4_096, "")),
    ],
)
def test_what_edgeway_toml_says_of_it_goes_over_it(
    tmp_path: Path, written: str, told: tuple[str, int | None, str]
) -> None:
    path, own = tmp_path / "served.json", tmp_path / "edgeway.toml"
    own.write_text(f"[providers.openai.models.a]\n{written}\n[providers.openai.models.b]\n")
    write_servings(path, {"openai": serving(model("a", 4_096))})
    assert listed(directory(path, EDGEWAY_CONFIG=str(own))) == [told, ("openai/b", None, "")]


@pytest.mark.parametrize("environ", [{"OPENAI_BASE_URL": HERE}, {"VLLM_BASE_URL": HERE}])
def test_where_nobody_asks_nothing_is_known(environ: Mapping[str, str]) -> None:
    assert askable(open_directory(read_settings(environ), environ, clock=Clock())) == []


CLAUDES = "https://api.anthropic.com/v1"


@pytest.mark.parametrize("dated", ["claude-haiku-4-5-20251001", "claude-haiku-4-5-20270101"])
def test_of_claude_the_account_says_which_models_there_are(tmp_path: Path, dated: str) -> None:
    """A new one can be asked before the catalogue knows it; what the account may not use is not offered."""
    path = tmp_path / "served.json"
    models = directory(path, OPENAI_BASE_URL="", ANTHROPIC_API_KEY="k" * 20)
    before = [facts.id for facts in askable(models)]
    assert {"claude-opus-5", "claude-haiku-4-5"} < set(before)
    write_servings(path, {"anthropic": serving(model("claude-sonnet-9"), model(dated), base_url=CLAUDES)})
    found = {facts.id: facts for facts in askable(models)}
    assert set(found) == {"claude-sonnet-9", "claude-haiku-4-5", "claude-haiku-4-5-20251001", dated}
    assert (found["claude-sonnet-9"].prices, found[dated].prices) == ((), found["claude-haiku-4-5"].prices)
    assert run(models.route("claude-sonnet-9", ANYONE))[0].model == "claude-sonnet-9"
    assert run(models.route("claude-haiku-4-5", ANYONE))[0].model == "claude-haiku-4-5"
    write_servings(path, {"anthropic": serving(base_url=CLAUDES)})
    assert [facts.id for facts in askable(models)] == before
