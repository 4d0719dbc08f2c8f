"""AWS credentials on this machine: used where the operator says so, and never else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from gateway.aws import boto3_client

from edgeway.aws.bedrock import aws_environment
from edgeway.local.offer import make_offer
from tests.unit.local.test_offer import tiers

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "planted"}
OREGON = {"AWS_REGION": "us-west-2"}
IRELAND = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture(autouse=True)
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with a profile `work`, and with nothing in its environment."""
    for name in (*KEYS, "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text("[work]\naws_access_key_id = WORK\naws_secret_access_key = y\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    boto3_client._session.cache_clear()
    (tmp_path / "edgeway.toml").write_text("[providers.bedrock]\n")
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "bedrock", "expected"),
    [
        ({**KEYS, **OREGON}, False, {}),
        ({"AWS_PROFILE": "work"}, False, {}),
        (
            {**KEYS, **OREGON},
            True,
            {"EDGEWAY_BEDROCK": "true", "AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"},
        ),
        ({"AWS_PROFILE": "work"}, True, {"EDGEWAY_BEDROCK": "true", **IRELAND}),
        ({"AWS_PROFILE": "work", "EDGEWAY_BEDROCK": "true"}, False, IRELAND),
        (
            {**OREGON, "AWS_BEARER_TOKEN_BEDROCK": "k"},
            True,
            {"EDGEWAY_BEDROCK": "true", "AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"},
        ),
        ({"EDGEWAY_CONFIG": "edgeway.toml", "AWS_PROFILE": "work"}, False, IRELAND),
        ({"EDGEWAY_CONFIG": "edgeway.toml"}, False, {}),
    ],
)
def test_what_is_added(
    environment: Mapping[str, str], bedrock: bool, expected: Mapping[str, str], laptop: Path
) -> None:
    given = {name: str(laptop / value) if name == "EDGEWAY_CONFIG" else value for name, value in environment.items()}
    assert aws_environment(given, bedrock=bedrock) == expected


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (KEYS, "Amazon Bedrock is asked in a Region, and none is chosen. Set AWS_REGION, or a profile's region."),
        (
            OREGON,
            (
                "Amazon Bedrock cannot be asked: no AWS credentials are found. "
                "Log in with `aws sso login` or `aws configure`, or set AWS_PROFILE."
            ),
        ),
        ({"AWS_PROFILE": "gone"}, "The config profile (gone) could not be found. See: aws configure list-profiles"),
    ],
)
def test_what_is_missing_is_said_at_the_start(environment: Mapping[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        aws_environment(environment, bedrock=True)


def test_claude_is_offered_under_its_own_names() -> None:
    environment = {**KEYS, **OREGON}
    offer = make_offer({**environment, **aws_environment(environment, bedrock=True)}, lambda _: None)
    assert list(offer.configured) == ["amazon-bedrock", "bedrock-mantle"]
    assert offer.models is not None
    assert offer.models.tiers == tiers("claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5")
