from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgeway.local.api_gateway.template import Function
from edgeway.local.processes.settings import Settings, data_directory


def function(**environment: str) -> Function:
    return Function(
        name="F",
        code=Path("/functions/f"),
        handler="app.handler",
        timeout_seconds=3,
        memory_megabytes=128,
        environment=environment,
        layers=(Path("/layers/a"),),
        routes=(),
    )


def test_the_operator_goes_over_the_template_and_the_server_over_both() -> None:
    settings = Settings(operator={"A": "operator", "B": "operator"}, forced={"B": "server"})
    environment = settings.environment(function(A="template", C="template"))
    assert {name: environment[name] for name in "ABC"} == {"A": "operator", "B": "server", "C": "template"}


def test_how_a_function_answers_is_the_templates_to_say() -> None:
    settings = Settings(operator={"STREAMING_MODE": "stream", "AWS_SAM_LOCAL": "true", "PYTHONPATH": "/elsewhere"})
    buffered = settings.environment(function())
    assert buffered["STREAMING_MODE"] == "buffered"
    assert "AWS_SAM_LOCAL" not in buffered
    streaming = Settings(operator={}).environment(function(STREAMING_MODE="stream"))
    assert streaming["STREAMING_MODE"] == "stream"


def test_a_function_sees_what_lambda_would_set() -> None:
    environment = Settings(operator={"AWS_REGION": "eu-central-1"}).environment(function())
    assert environment == {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "EDGEWAY_PROVIDER_KEYS_READ": "values",
        "EDGEWAY_RECORD_SECONDS": "0.25",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "F",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_REGION": "eu-central-1",
        "LAMBDA_TASK_ROOT": "/functions/f",
        "STREAMING_MODE": "buffered",
        "_HANDLER": "app.handler",
    }


@pytest.mark.parametrize(
    ("operator", "region"),
    [
        ({}, None),
        ({"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": ""}, "eu-west-1"),
        ({"AWS_PROFILE": "edge"}, None),  # a variable would go over the profile's
    ],
)
def test_the_region_is_the_operators(operator: dict[str, str], region: str | None) -> None:
    """Under either name: what the command line finds in one Region, the functions must not miss in another."""
    told = Settings(operator=operator).environment(function())
    assert (told.get("AWS_REGION"), told.get("AWS_DEFAULT_REGION")) == (region, region)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has a place of its own")
@pytest.mark.parametrize(
    ("environment", "directory"),
    [
        ({}, Path.home() / ".local/share/edgeway"),
        ({"XDG_DATA_HOME": "/data"}, Path("/data/edgeway")),
        ({"XDG_DATA_HOME": "relative"}, Path.home() / ".local/share/edgeway"),
    ],
)
def test_data_has_the_place_that_the_platform_gives_it(environment: dict[str, str], directory: Path) -> None:
    assert data_directory(environment) == directory
