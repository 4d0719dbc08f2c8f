"""What may stand before the API: a name of one's own, and a firewall. Nothing of it is there unless it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.cloud import Template, of_type
from tests.template.routes import STREAMED, WHOLE

POLICY = "SecurityPolicy_TLS13_1_2_2021_06"
READ_NO_BODY = {"AWSManagedRulesAmazonIpReputationList"}
READ_BODIES = {"AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet"}
PROMPTS = [path for method, path in [*STREAMED, *WHOLE] if method == "post"]
"""The routes whose bodies hold prompts."""
AWS_URL = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/Prod"
OWN_URL = "https://${DomainName}"


@pytest.mark.parametrize(
    ("parameter", "default"), [("DomainName", ""), ("CertificateArn", ""), ("HostedZoneId", ""), ("Firewall", "false")]
)
def test_nothing_is_before_the_api_unless_asked_for(received: Template, parameter: str, default: str) -> None:
    assert received["Parameters"][parameter]["Default"] == default


def test_what_each_condition_makes(received: Template, domain: Template) -> None:
    conditions = received["Conditions"] | domain["Conditions"]
    resources = received["Resources"] | domain["Resources"]
    made = {name: resources[name]["Condition"] for name in ("DomainStack", "DomainRecord", "FirewallStack")}
    assert made == {"DomainStack": "HasDomain", "DomainRecord": "WritesDomain", "FirewallStack": "HasFirewall"}
    is_named = {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}
    assert {name: conditions[name] for name in made.values()} == {
        "HasDomain": is_named,
        "WritesDomain": {"Fn::Not": [{"Fn::Equals": [{"Ref": "HostedZoneId"}, ""]}]},
        "HasFirewall": {"Fn::Equals": [{"Ref": "Firewall"}, "true"]},
    }
    assert received["Rules"]["ADomainHasACertificate"]["RuleCondition"] == is_named


def test_a_name_of_its_own_leads_to_the_root_of_the_stage(domain: Template) -> None:
    (name,) = of_type(domain, "AWS::ApiGateway::DomainName").values()
    assert name == {
        "DomainName": {"Ref": "DomainName"},
        "RegionalCertificateArn": {"Ref": "CertificateArn"},
        "EndpointConfiguration": {"Types": ["REGIONAL"]},
        "SecurityPolicy": POLICY,
        "EndpointAccessMode": "BASIC",
    }
    assert list(of_type(domain, "AWS::ApiGateway::BasePathMapping").values()) == [
        {"DomainName": {"Ref": "Domain"}, "RestApiId": {"Ref": "Api"}, "Stage": {"Ref": "Stage"}}
    ]
    (record,) = of_type(domain, "AWS::Route53::RecordSet").values()
    assert record["AliasTarget"] == {
        "DNSName": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]},
        "HostedZoneId": {"Fn::GetAtt": ["Domain", "RegionalHostedZoneId"]},
    }


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("BaseUrl", "{}"),
        ("ClaudeCode", "export ANTHROPIC_BASE_URL={} ANTHROPIC_AUTH_TOKEN=YOUR_KEY"),
        ("Doctor", "edgeway doctor --url {} --key YOUR_KEY"),
    ],
)
def test_the_outputs_name_the_url_that_holds(received: Template, output: str, text: str) -> None:
    own, of_aws = ({"Fn::Sub": text.format(url)} for url in (OWN_URL, AWS_URL))
    assert received["Outputs"][output]["Value"] == {"Fn::If": ["HasDomain", own, of_aws]}


def test_the_firewall_refuses_no_prompt(firewall: Template) -> None:
    (rules,) = of_type(firewall, "AWS::WAFv2::WebACL").values()
    assert (rules["Scope"], rules["DefaultAction"]) == ("REGIONAL", {"Allow": {}})
    rate, keyless, *groups = rules["Rules"]
    assert rate["Statement"] == {
        "RateBasedStatement": {"Limit": {"Ref": "FirewallRateLimit"}, "AggregateKeyType": "IP"}
    }
    of_no_key = keyless["Statement"]["RateBasedStatement"]
    assert (of_no_key["Limit"], of_no_key["AggregateKeyType"]) == ({"Ref": "FirewallNoKeyRateLimit"}, "IP")
    assert [rule["Priority"] for rule in rules["Rules"]] == [0, 1, 2, 3, 4]
    managed = [group["Statement"]["ManagedRuleGroupStatement"] for group in groups]
    assert {group["Name"] for group in managed} == READ_NO_BODY | READ_BODIES
    for group in managed:
        seen = [route for route in PROMPTS if holds(group.get("ScopeDownStatement"), path=f"/Prod{route}")]
        assert seen == ([] if group["Name"] in READ_BODIES else [*PROMPTS])
        assert holds(group.get("ScopeDownStatement"), path="/Prod/v1/models/x") is True


@pytest.mark.parametrize(
    ("headers", "counts"),
    [
        ({}, True),
        ({"x-api-key": ""}, True),
        ({"x-api-key": "k"}, False),
        ({"authorization": "Bearer k"}, False),
        ({"x-api-key": "k", "authorization": "Bearer k"}, False),
    ],
)
def test_whose_requests_count_as_without_a_key(firewall: Template, headers: dict[str, str], *, counts: bool) -> None:
    (rules,) = of_type(firewall, "AWS::WAFv2::WebACL").values()
    statement = rules["Rules"][1]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]
    assert holds(statement, path="/Prod/", headers=headers) is counts


def holds(statement: Any, *, path: str, headers: dict[str, str] | None = None) -> bool:
    """Whether WAF takes a statement for true of a request, as its documentation says."""
    match statement:
        case None:
            return True
        case {"NotStatement": {"Statement": inner}}:
            return not holds(inner, path=path, headers=headers)
        case {"OrStatement": {"Statements": inner}}:
            return any(holds(each, path=path, headers=headers) for each in inner)
        case {"AndStatement": {"Statements": inner}}:
            return all(holds(each, path=path, headers=headers) for each in inner)
        case {"ByteMatchStatement": {"PositionalConstraint": "ENDS_WITH", "SearchString": end, "FieldToMatch": field}}:
            assert field == {"UriPath": {}}
            return path.endswith(end)
        case {"SizeConstraintStatement": {"ComparisonOperator": "GT", "Size": 0, "FieldToMatch": field}}:
            return len((headers or {}).get(field["SingleHeader"]["Name"], "")) > 0
        case _:
            raise ValueError(f"a statement of a kind that the firewall has not had: {statement}")


def test_the_firewall_stands_before_the_stage(firewall: Template) -> None:
    (association,) = of_type(firewall, "AWS::WAFv2::WebACLAssociation").values()
    assert association == {
        "WebACLArn": {"Fn::GetAtt": ["WebAcl", "Arn"]},
        "ResourceArn": {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Stage}"},
    }
