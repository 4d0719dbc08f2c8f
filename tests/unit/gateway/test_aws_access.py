"""Whose credentials, which Region, which address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError, NoRegionError
from gateway.aws_access import find_access
from gateway.aws_endpoint import address_of
from gateway.signature import Credentials

from tests.unit.gateway.raw_server import Peer, serving, whole

LAMBDA = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "ASIA",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
}


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine that knows nothing of AWS; gives the place of its configuration file."""
    for name in (*LAMBDA, "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path / "config"


@pytest.mark.parametrize(
    ("environ", "region", "credentials"),
    [
        (LAMBDA, "eu-central-1", Credentials("ASIA", "secret", "token")),
        ({**LAMBDA, "AWS_SESSION_TOKEN": ""}, "eu-central-1", Credentials("ASIA", "secret")),
        ({**LAMBDA, "AWS_REGION": "", "AWS_DEFAULT_REGION": "x"}, "x", Credentials("ASIA", "secret", "token")),
    ],
)
def test_lambda_says_it_all_in_its_environment(
    environ: Mapping[str, str], region: str, credentials: Credentials
) -> None:
    found = find_access(environ)
    assert (found.region, found.credentials()) == (region, credentials)


def test_a_profile_is_found_by_botocore(nowhere: Path) -> None:
    nowhere.write_text("[default]\nregion = eu-west-1\naws_access_key_id = AKIA\naws_secret_access_key = own\n")
    found = find_access({})
    assert (found.region, found.credentials()) == ("eu-west-1", Credentials("AKIA", "own"))
    assert find_access({"AWS_REGION": "eu-west-3"}).region == "eu-west-3"


def test_a_container_asks_for_its_roles_credentials(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "AccessKeyId": "ASIA",
        "SecretAccessKey": "secret",
        "Token": "token",
        "Expiration": "2099-01-01T00:00:00Z",
    }

    def script(peer: Peer) -> None:
        peer.socket.recv(65_536)
        peer.send(whole(json.dumps(given).encode()))

    with serving(script) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/role")
        found = find_access({"AWS_REGION": "eu-central-1"})
        assert found.credentials() == Credentials("ASIA", "secret", "token")


@pytest.mark.usefixtures("nowhere")
def test_nothing_at_all() -> None:
    with pytest.raises(NoRegionError):
        find_access({})
    with pytest.raises(NoCredentialsError):
        find_access({"AWS_REGION": "eu-central-1"})


@pytest.mark.parametrize(
    ("environ", "region", "expected"),
    [
        ({}, "eu-central-1", "https://ssm.eu-central-1.amazonaws.com"),
        ({}, "us-gov-west-1", "https://ssm.us-gov-west-1.amazonaws.com"),
        ({}, "cn-north-1", "https://ssm.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL_SSM": "", "AWS_ENDPOINT_URL": ""}, "x", "https://ssm.x.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "http://all"}, "x", "http://all"),
        ({"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_SSM": "http://one"}, "x", "http://one"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "http://other"}, "x", "https://ssm.x.amazonaws.com"),
    ],
)
def test_the_address_of_a_service(environ: Mapping[str, str], region: str, expected: str) -> None:
    assert address_of("ssm", region, environ) == expected


def test_credentials_show_no_secret() -> None:
    assert repr(Credentials("ASIA", "secret-planted", "token-planted")) == "Credentials(access_key_id='ASIA')"
