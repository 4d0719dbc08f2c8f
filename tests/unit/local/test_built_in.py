from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import read_configuration
from gateway.routing.providers import configured_providers
from gateway.routing.resolve import resolve

from edgeway.local.built_in import DOCUMENTED, demo_document, small_model_environment
from edgeway.model_process import ModelServer

README = Path(__file__).parents[3] / "README.md"
SERVER = ModelServer("http://127.0.0.1:4444/v1", ("edgeway-demo",), 1)


@pytest.mark.parametrize("name", [*DOCUMENTED, "fast", 'a "quoted" 日本 name', "demo/edgeway-demo"])
def test_the_demo_answers_for_what_the_examples_ask_for(name: str, tmp_path: Path) -> None:
    file = tmp_path / "edgeway.toml"
    file.write_text(demo_document(SERVER, (*DOCUMENTED, "fast", 'a "quoted" 日本 name', "gpt-5")), encoding="utf-8")
    configuration = read_configuration(file, Catalogue.open())
    configured = configured_providers({}, configuration.providers)
    [candidate] = resolve(name, configuration, configured)
    assert (candidate.name, candidate.base_url) == ("demo/edgeway-demo", SERVER.base_url)
    assert candidate.traits.context_window == 200_000
    assert [(tier.input, tier.output) for tier in candidate.prices] == [(0, 0)]


def test_the_readmes_models_are_among_them() -> None:
    [line] = [line for line in README.read_text(encoding="utf-8").splitlines() if "export ANTHROPIC_MODEL=" in line]
    named = re.findall(r"(?<==)[\w.-]+|[\w.-]+/[\w.-]+", line)
    assert len(named) == 3
    assert {*named} <= {*DOCUMENTED}


def test_its_file_is_toml_whatever_an_alias_is_called() -> None:
    document = tomllib.loads(demo_document(SERVER, ["back\\slash", 'q"uote']))
    assert document["aliases"] == dict.fromkeys(["back\\slash", 'q"uote'], "demo/edgeway-demo")


def test_the_small_model_takes_nobodys_place() -> None:
    environment = {"LLAMACPP_BASE_URL": "http://127.0.0.1:8080"}
    with pytest.raises(ValueError, match="names a server of yours"), small_model_environment(environment):
        raise AssertionError("it runs")
