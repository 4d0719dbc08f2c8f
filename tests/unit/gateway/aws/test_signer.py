"""Requests that AWS credentials sign: what is signed, whose credentials are taken, and what if there are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from gateway.aws import boto3_client
from gateway.aws.credentials import Boto3Credentials, GivenCredentials, open_credentials
from gateway.aws.signature import Credentials, Target, signed_headers
from gateway.aws.signer import RequestSigner
from gateway.aws.types import AwsError

from tests.loop import run

NOW = 1_764_115_200.0
GIVEN = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "planted", "AWS_SESSION_TOKEN": "token"}
URL = "https://bedrock-runtime.eu-west-1.amazonaws.com/anthropic/v1/messages?beta=true"


@pytest.fixture(autouse=True)
def nothing_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No credentials but those of the files, which are empty."""
    for name in (*GIVEN, "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    boto3_client._session.cache_clear()
    return tmp_path


@pytest.mark.parametrize(("method", "url", "target"), [
    ("POST", URL, Target("POST", "/anthropic/v1/messages", "beta=true")),
    ("GET", "https://bedrock.eu-west-1.amazonaws.com", Target("GET", "/", "")),
])  # fmt: skip
def test_what_is_signed(method: str, url: str, target: Target) -> None:
    signer = RequestSigner(GivenCredentials(GIVEN), region="eu-west-1", service="bedrock", clock=lambda: NOW)
    signed = run(signer.headers(url, b"{}", method=method))
    expected = signed_headers(
        {"host": url.split("/")[2]},
        b"{}",
        Credentials("AKID", "planted", "token"),
        region="eu-west-1",
        service="bedrock",
        now=NOW,
        target=target,
    )
    assert signed == {name: value for name, value in expected.items() if name != "host"}
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token," in signed["authorization"]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [(None, Credentials("OTHER", "x", None)), ("work", Credentials("WORK", "y", "t"))],
)
def test_boto3_finds_the_rest(profile: str | None, expected: Credentials, nothing_found: Path) -> None:
    (nothing_found / "credentials").write_text(
        "[default]\naws_access_key_id = OTHER\naws_secret_access_key = x\n"
        "[work]\naws_access_key_id = WORK\naws_secret_access_key = y\naws_session_token = t\n"
    )
    assert run(open_credentials({}, profile).current()) == expected


def test_the_environment_is_asked_first_and_a_named_profile_before_it() -> None:
    assert isinstance(open_credentials(GIVEN), GivenCredentials)
    assert isinstance(open_credentials(GIVEN, "work"), Boto3Credentials)
    assert isinstance(open_credentials({**GIVEN, "AWS_SECRET_ACCESS_KEY": ""}), Boto3Credentials)
    assert run(open_credentials({**GIVEN, "AWS_SESSION_TOKEN": ""}).current()) == Credentials("AKID", "planted", None)


@pytest.mark.parametrize(
    ("profile", "code", "message"),
    [
        (None, "NoCredentials", "no AWS credentials are found"),
        ("gone", "ProfileNotFound", "AWS gives no credentials: The config profile (gone) could not be found"),
    ],
)
def test_where_there_are_none(profile: str | None, code: str, message: str) -> None:
    with pytest.raises(AwsError) as failed:
        run(open_credentials({}, profile).current())
    assert (failed.value.code, failed.value.message) == (code, message)
