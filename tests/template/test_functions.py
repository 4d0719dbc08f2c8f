"""The functions and layers: that their files are there, and what a function is told by its environment."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.template.cases import cases
from tests.template.cloud import ROOT, Template, of_type

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"

LAYERS = {
    "RuntimeLayer": "layers/runtime",
    "TranslatorLayer": "layers/translator",
    "GatewayLayer": "layers/gateway",
    "VendorArmLayer": "layers/vendor",
    "VendorIntelLayer": "layers/vendor",
}
VENDOR = {"Fn::If": ["RunsOnArm", {"Ref": "VendorArmLayer"}, {"Ref": "VendorIntelLayer"}]}
OURS = [{"Ref": name} for name in ("RuntimeLayer", "TranslatorLayer", "GatewayLayer")]
LAYERS_OF = {
    "AuthorizerFunction": OURS,  # runs before each request: no library
    "MessagesFunction": [*OURS, VENDOR],
    "CountTokensFunction": [*OURS, VENDOR],
    "ModelsFunction": OURS,
    "UsageFunction": OURS,
    "HealthFunction": [],
}


@pytest.fixture(scope="module")
def defaults(written: Template) -> dict[str, Any]:
    found: dict[str, Any] = written["Globals"]["Function"]
    return found


def test_every_function_has_its_layers_and_no_more(written: Template) -> None:
    assert {name: each.get("Layers", []) for name, each in of_type(written, FUNCTION).items()} == LAYERS_OF


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
        assert re.search(rf"^(build-\w+ )?build-{name}( build-\w+)?:$", (ROOT / folder / "Makefile").read_text(), re.M)


def test_functions_and_layers_are_for_one_python_and_the_architecture_of_the_parameter(
    written: Template, defaults: dict[str, Any]
) -> None:
    assert (defaults["Runtime"], defaults["Architectures"]) == ("python3.13", [{"Ref": "Architecture"}])
    parameter = written["Parameters"]["Architecture"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("arm64", ["arm64", "x86_64"])
    for properties in of_type(written, FUNCTION).values():
        assert not properties.keys() & {"Runtime", "Architectures"}
    own = {"VendorArmLayer": ["arm64"], "VendorIntelLayer": ["x86_64"]}
    for name, properties in of_type(written, LAYER).items():
        assert properties["CompatibleRuntimes"] == ["python3.13"]
        assert properties["CompatibleArchitectures"] == own.get(name, ["arm64", "x86_64"])


@pytest.mark.parametrize("architecture", ["Arm", "Intel"])
def test_only_the_libraries_of_the_architecture_are_deployed(received: Template, architecture: str) -> None:
    for name, case in cases(received).items():
        if f"RunsOn{architecture}" in name:
            layers = {each for each, resource in case["Resources"].items() if each.startswith("Vendor")}
            (used,) = {
                each["Layers"][-1]["Ref"]
                for each in of_type(case, "AWS::Lambda::Function").values()
                if "Layers" in each and len(each["Layers"]) == 4
            }
            assert layers == {used}
            assert used.startswith(f"Vendor{architecture}Layer")


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
            "EDGEWAY_LARGE_ANSWERS": {"Fn::If": ["KeepsLargeAnswers", {"Ref": "AnswersBucket"}, ""]},
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
