"""What a function knows of models: the operator's file, the environment and Parameter Store together."""

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from gateway.access.key_records import KeyRecord
from gateway.aws.types import AwsError
from gateway.routing.directory import (
    REFRESH_SECONDS,
    ModelDirectory,
    configuration_of,
    open_directory,
    provider_environment,
)
from gateway.settings import EDGEWAY_TOML, read_settings
from gateway.toml_document import DocumentError
from moto import mock_aws
from translator.anthropic.errors import ApiError, Fault

from tests.loop import run
from tests.unit.gateway.stores import served_by_moto

ANYBODY = KeyRecord(id="key_1", name="", hint="", created=0)
KEYS_BELOW = "/edgeway/providers/"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "edgeway.toml"
    file.write_text('default_model = "openai/gpt-4.1"\n[aliases]\nfast = ["groq/a", "openai/b"]\n')
    return file


def directory(environ: dict[str, str], clock: Clock) -> ModelDirectory:
    return open_directory(read_settings(environ), environ, clock=clock)


def answering(directory: ModelDirectory, model: str, key: KeyRecord = ANYBODY) -> list[str]:
    return [each.name for each in run(directory.route(model, key))]


def refusal(directory: ModelDirectory, model: str, key: KeyRecord = ANYBODY) -> tuple[str, str, bool | None]:
    with pytest.raises(ApiError) as refused:
        run(directory.route(model, key))
    return refused.value.error_type, refused.value.message, refused.value.retry


def test_the_file_is_the_one_beside_the_package_unless_another_is_named() -> None:
    assert read_settings({}).configuration == EDGEWAY_TOML
    assert read_settings({"EDGEWAY_CONFIG": ""}).configuration == EDGEWAY_TOML
    assert read_settings({"EDGEWAY_CONFIG": "/etc/own.toml"}).configuration == Path("/etc/own.toml")


def test_aliases_and_the_default_model_of_the_file(file: Path, clock: Clock) -> None:
    found = directory({"EDGEWAY_CONFIG": str(file), "OPENAI_API_KEY": "k"}, clock)
    assert answering(found, "fast") == ["openai/b"]
    assert answering(found, "claude-haiku-4-5") == ["openai/gpt-4.1"]


def test_the_environment_goes_over_the_default_model_of_the_file(file: Path, clock: Clock) -> None:
    environ = {"EDGEWAY_CONFIG": str(file), "OPENAI_API_KEY": "k", "EDGEWAY_DEFAULT_MODEL": "openai/gpt-5-nano"}
    assert answering(directory(environ, clock), "claude-haiku-4-5") == ["openai/gpt-5-nano"]


def test_a_mistake_in_the_file_stops_the_start(file: Path, clock: Clock) -> None:
    file.write_text("[aliases]\nfast = 1\n")
    with pytest.raises(DocumentError, match=r"edgeway\.toml:2: aliases\.fast: "):
        directory({"EDGEWAY_CONFIG": str(file)}, clock)


def test_a_key_that_comes_later_is_seen_after_a_minute(clock: Clock) -> None:
    environ: dict[str, str] = {}
    found = directory(environ, clock)
    refused = ("api_error", "model: openai/gpt-5. OpenAI is not configured: set OPENAI_API_KEY", False)
    assert refusal(found, "openai/gpt-5") == refused
    environ["OPENAI_API_KEY"] = "k"
    clock.now = REFRESH_SECONDS
    assert refusal(found, "openai/gpt-5") == refused
    clock.now = REFRESH_SECONDS + 0.1
    assert answering(found, "openai/gpt-5") == ["openai/gpt-5"]


def test_what_a_key_may_not_use(clock: Clock) -> None:
    found = directory({"OPENAI_API_KEY": "k", "OPENROUTER_API_KEY": "k"}, clock)
    limited = KeyRecord(
        id="key_1", name="", hint="", created=0, allowed_models=("openrouter/openai/gpt-5", "gpt-5-nano")
    )
    assert answering(found, "gpt-5", limited) == ["openrouter/openai/gpt-5"]
    assert answering(found, "gpt-5-nano", limited) == ["openai/gpt-5-nano", "openrouter/openai/gpt-5-nano"]
    assert refusal(found, "gpt-4.1", limited) == (
        "permission_error",
        "model: this key may not use gpt-4.1. GET /v1/models lists what it may use.",
        False,
    )


def test_what_nobody_knows(clock: Clock) -> None:
    error_type, message, _ = refusal(directory({"OPENAI_API_KEY": "k"}, clock), "gpt-5o")
    assert error_type == "not_found_error"
    assert message.startswith("model: gpt-5o. Did you mean ")


@pytest.fixture
def on_aws() -> Iterator[dict[str, str]]:
    """The environment of a function, as template.yaml has it, with an empty Parameter Store."""
    with mock_aws(), served_by_moto("ssm"):
        yield {**os.environ, **ON_AWS}


ON_AWS = {"EDGEWAY_PROVIDER_KEYS": KEYS_BELOW, "OPENAI_API_KEY": ""}


def test_on_aws_a_refusal_names_the_parameter_by_its_whole_path(clock: Clock, on_aws: dict[str, str]) -> None:
    assert refusal(directory(on_aws, clock), "openai/gpt-5") == (
        "api_error",
        "model: openai/gpt-5. OpenAI is not configured: set the SSM parameter /edgeway/providers/OPENAI_API_KEY",
        False,
    )


def test_that_parameter_is_the_one_that_helps(clock: Clock, on_aws: dict[str, str]) -> None:
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name=f"{KEYS_BELOW}OPENAI_API_KEY", Value="sk-1", Type="SecureString")
    [candidate] = run(directory(on_aws, clock).route("openai/gpt-5", ANYBODY))
    assert candidate.provider.authorization() == {"authorization": "Bearer sk-1"}


def test_where_aws_credentials_sign_the_requests_are_signed(clock: Clock) -> None:
    environ = {
        "EDGEWAY_BEDROCK": "true",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "planted",
        "AWS_ENDPOINT_URL_BEDROCK": "http://127.0.0.1:9",
    }
    first, second = run(directory(environ, clock).route("claude-haiku-4-5", ANYBODY))
    for candidate, service in ((first, "bedrock"), (second, "bedrock-mantle")):
        url = f"{candidate.provider.endpoint('anthropic')}/messages"
        headers = run(candidate.provider.request_headers(url, b"{}"))
        assert list(headers) == ["x-amz-date", "authorization"]
        assert f"/eu-west-1/{service}/aws4_request" in headers["authorization"]


def test_the_path_is_told_to_whoever_asks() -> None:
    assert configuration_of(read_settings(ON_AWS)).keys_below == KEYS_BELOW
    assert configuration_of(read_settings({})).keys_below is None


def test_what_the_environment_says_goes_over_what_is_stored(clock: Clock, on_aws: dict[str, str]) -> None:
    ssm = boto3.client("ssm")
    for name in ("OPENAI_API_KEY", "GROQ_API_KEY"):
        ssm.put_parameter(Name=f"{KEYS_BELOW}{name}", Value="stored", Type="SecureString")
    environ = {**on_aws, "GROQ_API_KEY": "own"}
    found = run(provider_environment(read_settings(environ), environ, clock=clock)())
    assert (found["OPENAI_API_KEY"], found["GROQ_API_KEY"]) == ("stored", "own")


def test_whoever_may_not_read_the_keys_knows_for_whom_there_are_some(clock: Clock, on_aws: dict[str, str]) -> None:
    boto3.client("ssm").put_parameter(Name=f"{KEYS_BELOW}OPENAI_API_KEY", Value="sk-1", Type="SecureString")
    environ = {**on_aws, "EDGEWAY_PROVIDER_KEYS_READ": "names"}
    found = run(directory(environ, clock).configured())
    assert [(each.id, each.is_own, "sk-1" in str(each.authorization())) for each in found.values()] == [
        ("openai", False, False)
    ]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (
            AwsError("GetParametersByPath", "ThrottlingException", "sk-secret", status=400),
            ("overloaded_error", "the gateway cannot read its providers' keys at the moment", {"retry-after": "2"}),
        ),
        (
            AwsError("GetParametersByPath", "AccessDeniedException", "sk-secret", status=400),
            (
                "api_error",
                "the gateway may not read its providers' keys: GetParametersByPath is refused (AccessDeniedException)",
                {"x-should-retry": "false"},
            ),
        ),
    ],
)
def test_where_the_keys_were_never_read_a_caller_is_told_whether_to_wait(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, failure: AwsError, told: tuple[str, str, dict[str, str]]
) -> None:
    class Refusing:
        async def call(self, _operation: str, _parameters: object) -> dict[str, object]:
            raise failure

    monkeypatch.setattr("gateway.aws.client.open_client", lambda *_: Refusing())
    with pytest.raises(ApiError) as caught:
        run(directory(ON_AWS, clock).configured())
    error = caught.value
    assert (error.error_type, error.message, error.headers()) == told
    assert error.fault is Fault.GATEWAY


def test_without_a_parameter_store_the_environment_is_all_there_is(clock: Clock) -> None:
    environ = {"OPENAI_API_KEY": "own"}
    assert run(provider_environment(read_settings(environ), environ, clock=clock)()) is environ
