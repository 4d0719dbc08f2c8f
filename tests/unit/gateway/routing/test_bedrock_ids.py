"""Which id Amazon Bedrock is sent: by the Region that is called, what the caller names, and what the account has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from gateway.aws.signing import AwsEntry
from gateway.routing.bedrock_ids import PROFILES, parse, profiles_of
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration
from gateway.routing.model_facts import stem
from gateway.routing.providers import Provider, all_providers, configured_providers
from gateway.routing.resolve import NoUsableKeyError, resolve
from gateway.routing.served_models import ServedModel, Serving, with_servings

HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
US, EU, TOKYO, SYDNEY, SINGAPORE = "us-east-1", "eu-central-1", "ap-northeast-1", "ap-southeast-2", "ap-southeast-1"


def sent(
    catalogue: Catalogue,
    region: str,
    asked: str,
    *,
    account: tuple[str, ...] | None = None,
    only: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> list[str]:
    """The names of the candidates."""
    providers: dict[str, Provider] = dict(all_providers())
    providers["amazon-bedrock"] = replace(providers["amazon-bedrock"], aws_entry=AwsEntry(inference_profiles=only))
    given = {"EDGEWAY_BEDROCK": "true", "AWS_REGION": region, **(environ or {})}
    configured = configured_providers(given, providers)
    servings = {}
    if account is not None:
        address = configured["amazon-bedrock"].base_url
        servings["amazon-bedrock"] = Serving(address, tuple(ServedModel(each, None, "") for each in account))
    known = with_servings(catalogue, configured, servings)
    return [each.name for each in resolve(asked, Configuration(catalogue=known, providers=providers), configured)]


@pytest.mark.parametrize(
    ("region", "prefix"),
    [
        ("us-east-1", "us"),
        ("us-east-2", "us"),
        ("us-west-1", "us"),
        ("us-west-2", "us"),
        ("ca-central-1", "us"),
        ("ca-west-1", "us"),
        ("eu-central-1", "eu"),
        ("eu-north-1", "eu"),
        ("eu-west-3", "eu"),
        ("eu-south-2", "eu"),
        ("ap-northeast-1", "jp"),
        ("ap-northeast-3", "jp"),
        ("ap-southeast-2", "au"),
        ("ap-southeast-4", "au"),
        ("ap-southeast-6", "au"),
        ("ap-northeast-2", "global"),
        ("ap-southeast-1", "global"),
        ("ap-south-1", "global"),
        ("ap-east-2", "global"),
        ("sa-east-1", "global"),
        ("mx-central-1", "global"),
        ("il-central-1", "global"),
        ("me-central-1", "global"),
        ("af-south-1", "global"),
    ],
)
@pytest.mark.parametrize(
    "asked",
    [
        "claude-haiku-4-5",
        "claude-haiku-4-5-20251001",
        "claude-haiku-4-5-20251001[1m]",
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "anthropic/claude-haiku-4-5",
        "bedrock/claude-haiku-4-5",
        "amazon-bedrock/anthropic.claude-haiku-4-5-20251001-v1:0",
        "us-gov.anthropic.claude-haiku-4-5-20251001-v1:0",  # a place that the Region does not have
    ],
)
def test_the_region_decides_the_profile(catalogue: Catalogue, region: str, prefix: str, asked: str) -> None:
    assert sent(catalogue, region, asked)[0] == f"amazon-bedrock/{prefix}.{HAIKU}"


@pytest.mark.parametrize(
    ("region", "asked", "expected"),
    [
        # The two that used to become an Australian profile and a speech model.
        (US, "claude-opus-4-6", "us.anthropic.claude-opus-4-6-v1"),
        (US, "claude-sonnet-4-6", "us.anthropic.claude-sonnet-4-6"),
        (SYDNEY, "claude-opus-4-6", "au.anthropic.claude-opus-4-6-v1"),
        (TOKYO, "claude-opus-4-6", "global.anthropic.claude-opus-4-6-v1"),  # Japan has no profile of it
        (EU, "claude-opus-4-6", "eu.anthropic.claude-opus-4-6-v1"),
        # A profile that the Region has is sent as it is named; one of another place becomes the Region's.
        (US, f"global.{HAIKU}", f"global.{HAIKU}"),
        (US, f"us.{HAIKU}", f"us.{HAIKU}"),
        (EU, f"us.{HAIKU}", f"eu.{HAIKU}"),
        (US, f"jp.{HAIKU}", f"us.{HAIKU}"),
        (TOKYO, f"apac.{HAIKU}", f"jp.{HAIKU}"),
        # Models that no client has heard of yet.
        (US, "bedrock/claude-next-9", "us.anthropic.claude-next-9"),
        (SINGAPORE, "bedrock/claude-next-9", "apac.anthropic.claude-next-9"),
        (EU, "bedrock/anthropic.claude-next-9", "eu.anthropic.claude-next-9"),
        (EU, "bedrock/global.anthropic.claude-next-9", "global.anthropic.claude-next-9"),
        (EU, "bedrock/us.anthropic.claude-next-9", "eu.anthropic.claude-next-9"),
        (EU, "bedrock/us.vendor.model", "us.vendor.model"),
        (EU, "bedrock/zai.glm-99", "zai.glm-99"),
        (
            US,
            "bedrock/arn:aws:bedrock:us-east-1:1:application-inference-profile/x",
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/x",
        ),
        ("cn-north-1", "bedrock/claude-next-9", "anthropic.claude-next-9"),
        # Tiers, for ids that Bedrock has not.
        (US, "claude-3-5-haiku-20241022", f"us.{HAIKU}"),
        (SINGAPORE, "claude-opus-4-20250514", "global.anthropic.claude-opus-5"),
        (EU, "claude-3-7-sonnet-20250219", "eu.anthropic.claude-sonnet-5"),
        # Others, which need no profile.
        (US, "gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
        (EU, "bedrock/gpt-oss-20b", "openai.gpt-oss-20b-1:0"),
        (US, "bedrock/qwen.qwen3-coder-480b-a35b-v1:0", "qwen.qwen3-coder-480b-a35b-v1:0"),
        # Of GPT, bedrock-runtime has the profiles, and bedrock-mantle the rest.
        (US, "gpt-5.6-sol", "global.openai.gpt-5.6-sol"),
        (US, "global.openai.gpt-5.6-sol", "global.openai.gpt-5.6-sol"),
        (EU, "bedrock/openai.gpt-9", "eu.openai.gpt-9"),
        # What only Converse serves, of which the catalogue has no profile of the Region's.
        (US, "bedrock/amazon.nova-lite-v1:0", "us.amazon.nova-lite-v1:0"),
        (EU, "bedrock/us.amazon.nova-lite-v1:0", "eu.amazon.nova-lite-v1:0"),
        (EU, "bedrock/global.amazon.nova-2-lite-v1:0", "global.amazon.nova-2-lite-v1:0"),
        (SINGAPORE, "bedrock/amazon.nova-lite-v1:0", "apac.amazon.nova-lite-v1:0"),
        (US, "us.meta.llama4-scout-17b-instruct-v1:0", "us.meta.llama4-scout-17b-instruct-v1:0"),
        (US, "deepseek-r1", "us.deepseek.r1-v1:0"),
    ],
)
def test_what_is_sent(catalogue: Catalogue, region: str, asked: str, expected: str) -> None:
    assert sent(catalogue, region, asked)[0] == f"amazon-bedrock/{expected}"


@pytest.mark.parametrize(
    ("region", "ours", "expected"),
    [
        ("us-east-1", ("us", "global"), "us"),
        ("us-gov-west-1", ("us-gov",), "us-gov"),
        ("ca-central-1", ("ca", "us", "global"), "ca"),
        ("eu-west-1", ("eu", "global"), "eu"),
        ("ap-northeast-1", ("jp", "apac", "global"), "jp"),
        ("ap-southeast-2", ("au", "apac", "global"), "au"),
        ("ap-south-1", ("apac", "global"), "apac"),
        ("sa-east-1", ("global",), "global"),
    ],
)
@pytest.mark.parametrize("asked", [*PROFILES, ""])
def test_every_prefix_in_every_region(
    catalogue: Catalogue, region: str, ours: tuple[str, ...], expected: str, asked: str
) -> None:
    """An account that has the model under every prefix: its own are sent as named, others become the nearest."""
    family = "anthropic.claude-next-9-v1:0"
    account = tuple(f"{prefix}.{family}" for prefix in PROFILES)
    prefix = asked if asked in ours else expected
    name = f"{asked}.{family}" if asked else family
    assert sent(catalogue, region, f"bedrock/{name}", account=account) == [f"amazon-bedrock/{prefix}.{family}"]
    if not asked:
        bare = sent(catalogue, region, "claude-next-9", account=account)
        assert bare[0] == f"amazon-bedrock/{expected}.{family}"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            "claude-haiku-4-5",
            ["amazon-bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0", "bedrock-mantle/anthropic.claude-haiku-4-5"],
        ),
        ("mantle/claude-opus-4-6", ["bedrock-mantle/anthropic.claude-opus-4-6"]),
        ("mantle/us.anthropic.claude-next-9-20270101-v1:0", ["bedrock-mantle/anthropic.claude-next-9"]),
        ("gpt-oss-20b", ["amazon-bedrock/openai.gpt-oss-20b-1:0", "bedrock-mantle/openai.gpt-oss-20b"]),
    ],
)
def test_mantle_has_neither_prefix_nor_version_nor_date(catalogue: Catalogue, asked: str, expected: list[str]) -> None:
    assert sent(catalogue, US, asked) == expected


ACCOUNT = (f"us.{HAIKU}", "us.anthropic.claude-sonnet-9-20270101-v1:0", "anthropic.claude-3-haiku-20240307-v1:0",
           "eu.anthropic.claude-opus-5", "qwen.qwen3-32b-v1:0", "amazon.nova-pro-v1:0")  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("claude-haiku-4-5", f"us.{HAIKU}"),
        ("claude-sonnet-9", "us.anthropic.claude-sonnet-9-20270101-v1:0"),
        ("claude-3-haiku-20240307", "anthropic.claude-3-haiku-20240307-v1:0"),
        ("bedrock/qwen3-32b", "qwen.qwen3-32b-v1:0"),
        # Named in spite of the list: the account may have got it since.
        ("bedrock/claude-opus-5", "us.anthropic.claude-opus-5"),
    ],
)
def test_the_list_of_the_account_decides(catalogue: Catalogue, asked: str, expected: str) -> None:
    assert sent(catalogue, US, asked, account=ACCOUNT)[0] == f"amazon-bedrock/{expected}"


@pytest.mark.parametrize(
    ("only", "asked", "expected"),
    [
        ("global", "claude-haiku-4-5", f"global.{HAIKU}"),
        ("global", f"us.{HAIKU}", f"global.{HAIKU}"),
        ("eu", f"global.{HAIKU}", f"eu.{HAIKU}"),
        ("", "bedrock/claude-next-9", "anthropic.claude-next-9"),
    ],
)
def test_the_operator_can_say_which_profiles(catalogue: Catalogue, only: str, asked: str, expected: str) -> None:
    assert sent(catalogue, EU, asked, only=only)[0] == f"amazon-bedrock/{expected}"


def test_what_only_converse_serves_is_there_where_the_account_has_it(catalogue: Catalogue) -> None:
    """Which Regions have which of them the catalogue does not say, and most are served through profiles alone."""
    assert sent(catalogue, US, "nova-pro", account=ACCOUNT) == ["amazon-bedrock/amazon.nova-pro-v1:0"]
    with pytest.raises(NoUsableKeyError):
        sent(catalogue, US, "nova-pro")
    assert sent(catalogue, EU, "bedrock/amazon.nova-pro-v1:0") == ["amazon-bedrock/eu.amazon.nova-pro-v1:0"]


def test_claude_on_aws_has_the_ids_of_claude(catalogue: Catalogue) -> None:
    environ = {
        "EDGEWAY_BEDROCK": "",
        "EDGEWAY_CLAUDE_PLATFORM": "true",
        "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_1",
        "AWS_REGION": "us-west-2",
    }
    configured = configured_providers(environ)
    known = with_servings(catalogue, configured, {})
    found = resolve("claude-haiku-4-5-20251001", Configuration(catalogue=known), configured)
    assert [each.name for each in found] == ["claude-platform-aws/claude-haiku-4-5-20251001"]
    assert found[0].prices == catalogue.model("anthropic", "claude-haiku-4-5-20251001").prices  # type: ignore[union-attr]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_a_prefix(profile: str) -> None:
    parts = parse(f"{profile}.{HAIKU}")
    assert parts is not None
    assert (parts.profile, parts.base, parts.spelled(profile)) == (profile, HAIKU, f"{profile}.{HAIKU}")
    assert stem(f"{profile}.{HAIKU}") == "claude-haiku-4-5"


@pytest.mark.parametrize(
    ("model_id", "family", "mantle"),
    [
        ("anthropic.claude-opus-4-6-v1", "claude-opus-4-6", "anthropic.claude-opus-4-6"),
        ("anthropic.claude-3-sonnet-20240229-v1:0:28k", "claude-3-sonnet-20240229", "anthropic.claude-3-sonnet"),
        ("deepseek.v3-v1:0", "deepseek-v3", "deepseek.v3"),
        ("openai.gpt-oss-120b-1:0", "gpt-oss-120b", "openai.gpt-oss-120b"),
        ("moonshotai.kimi-k2.5", "kimi-k2.5", "moonshotai.kimi-k2.5"),
    ],
)
def test_the_parts_of_an_id(model_id: str, family: str, mantle: str) -> None:
    parts = parse(model_id)
    assert parts is not None
    assert (parts.family, parts.mantle, parts.base) == (family, mantle, model_id)


@pytest.mark.parametrize("model_id", ["gpt-5.4", "z.ai", "anthropic.", "us.claude-opus-5", "anthropic/claude-opus-5"])
def test_other_ids_are_none_of_bedrocks(model_id: str) -> None:
    assert parse(model_id) is None


def test_gov_cloud_keeps_to_itself() -> None:
    assert [profiles_of(region) for region in ("us-gov-west-1", "cn-north-1")] == [("us-gov",), ()]
