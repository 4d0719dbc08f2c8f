"""The functions and layers: that their files are there, and what a function is told by its environment."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.template.cloud import ROOT, Template, of_type

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"

LAYERS = {
    "RuntimeLayer": "layers/runtime",
    "TranslatorLayer": "layers/translator",
    "GatewayLayer": "layers/gateway",
    "VendorLayer": "layers/vendor",
}
LAYERS_OF = {
    "AuthorizerFunction": ["RuntimeLayer", "TranslatorLayer", "GatewayLayer"],  # runs before each request: no library
    "MessagesFunction": ["RuntimeLayer", "TranslatorLayer", "GatewayLayer", "VendorLayer"],
    "CountTokensFunction": ["RuntimeLayer", "TranslatorLayer", "GatewayLayer", "VendorLayer"],
    "ModelsFunction": ["RuntimeLayer", "TranslatorLayer", "GatewayLayer"],
    "UsageFunction": ["RuntimeLayer", "TranslatorLayer", "GatewayLayer"],
    "HealthFunction": [],
}


@pytest.fixture(scope="module")
def defaults(written: Template) -> dict[str, Any]:
    found: dict[str, Any] = written["Globals"]["Function"]
    return found


def test_every_function_has_its_layers_and_no_more(written: Template) -> None:
    found = {
        name: [reference["Ref"] for reference in properties.get("Layers", [])]
        for name, properties in of_type(written, FUNCTION).items()
    }
    assert found == LAYERS_OF


@pytest.mark.parametrize("function", LAYERS_OF)
def test_a_handler_is_where_the_template_says(written: Template, defaults: dict[str, Any], function: str) -> None:
    properties = {**defaults, **of_type(written, FUNCTION)[function]}
    module, _, _ = properties["Handler"].rpartition(".")
    assert (ROOT / properties["CodeUri"] / f"{module}.py").is_file()


def test_every_layer_is_built_by_the_makefile_in_its_folder(written: Template) -> None:
    layers = of_type(written, LAYER)
    assert {name: properties["ContentUri"] for name, properties in layers.items()} == LAYERS
    for name, folder in LAYERS.items():
        assert written["Resources"][name]["Metadata"] == {"BuildMethod": "makefile"}
        assert re.search(rf"^build-{name}:", (ROOT / folder / "Makefile").read_text(), re.MULTILINE)


def test_functions_and_layers_are_for_one_python_and_one_architecture(
    written: Template, defaults: dict[str, Any]
) -> None:
    assert (defaults["Runtime"], defaults["Architectures"]) == ("python3.13", ["x86_64"])
    for properties in of_type(written, FUNCTION).values():
        assert not properties.keys() & {"Runtime", "Architectures"}
    for properties in of_type(written, LAYER).values():
        assert properties["CompatibleRuntimes"] == ["python3.13"]
        assert properties["CompatibleArchitectures"] == ["x86_64"]


def test_tests_and_type_checker_import_from_the_folders_of_the_layers(written: Template) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    folders = {properties["ContentUri"] for properties in of_type(written, LAYER).values()} - {"layers/vendor"}
    assert set(project["pytest"]["ini_options"]["pythonpath"]) == folders | {"."}
    assert set(project["mypy"]["mypy_path"].split(":")) == folders


def test_what_every_function_is_told(defaults: dict[str, Any]) -> None:
    assert defaults["Environment"]["Variables"] == {
        "EDGEWAY_STORE": {"Fn::Sub": "dynamodb:${Table}"},
        "EDGEWAY_TRUST_AUTHORIZER": "true",
        "EDGEWAY_PROVIDER_KEYS": {
            "Fn::If": [
                "KeysInSecretsManager",
                {"Fn::Sub": "secretsmanager:/${AWS::StackName}/providers/"},
                {"Fn::Sub": "/${AWS::StackName}/providers/"},
            ]
        },
        "EDGEWAY_DEFAULT_MODEL": {"Ref": "DefaultModel"},
        "EDGEWAY_BEDROCK": {"Ref": "UseBedrock"},
        "EDGEWAY_CLAUDE_PLATFORM": {"Fn::If": ["UsesClaudePlatform", "true", "false"]},
        "ANTHROPIC_AWS_WORKSPACE_ID": {"Ref": "ClaudePlatformWorkspace"},
        "EDGEWAY_METRICS": {"Ref": "AWS::StackName"},  # an intrinsic function: the local server leaves it out
        "POWERTOOLS_SERVICE_NAME": "edgeway",
        "POWERTOOLS_LOG_LEVEL": {"Ref": "LogLevel"},
        "AWS_ENDPOINT_URL_DYNAMODB": "",
        "OPENAI_API_KEY": "",
        "OPENAI_BASE_URL": "",
    }


def test_only_the_messages_function_replaces_the_runtime(written: Template) -> None:
    own = {
        name: properties["Environment"]["Variables"]
        for name, properties in of_type(written, FUNCTION).items()
        if "Environment" in properties
    }
    assert own == {
        "MessagesFunction": {
            "AWS_LAMBDA_EXEC_WRAPPER": "/opt/streaming-bootstrap",
            "STREAMING_MODE": "stream",
        },
        "ModelsFunction": {"EDGEWAY_PROVIDER_KEYS_READ": "names"},
    }


def test_the_messages_function_may_run_as_long_as_its_routes(written: Template) -> None:
    assert of_type(written, FUNCTION)["MessagesFunction"]["Timeout"] == 900


def test_without_a_parameter_no_environment_is_reserved(received: Template) -> None:
    """A fresh account has ten environments in all, and AWS refuses a reservation of any."""
    assert received["Parameters"]["MessagesConcurrency"]["Default"] == ""
    assert of_type(received, "AWS::Lambda::Function")["MessagesFunction"]["ReservedConcurrentExecutions"] == {
        "Fn::If": ["ReservesConcurrency", {"Ref": "MessagesConcurrency"}, {"Ref": "AWS::NoValue"}]
    }


def test_every_parameter_has_a_default(written: Template) -> None:
    assert [name for name, parameter in written["Parameters"].items() if "Default" not in parameter] == []
