"""What may stand before the API: a name of one's own, and a firewall. Nothing of it is there unless it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.cloud import Template, of_type

POLICY = "SecurityPolicy_TLS13_1_2_2021_06"
BODY_RULES = {
    "AWSManagedRulesAmazonIpReputationList": set[str](),
    "AWSManagedRulesKnownBadInputsRuleSet": {"JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"},
    "AWSManagedRulesCommonRuleSet": {
        *("CrossSiteScripting_BODY", "SizeRestrictions_BODY"),
        *("GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY"),
    },
}
"""The rules of each group that look into a body, which here is a prompt."""
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
        ("ClaudeCode", "export ANTHROPIC_BASE_URL={} ANTHROPIC_AUTH_TOKEN=<the key>"),
        ("Doctor", "edgeway doctor --url {} --key <the key>"),
    ],
)
def test_the_outputs_name_the_url_that_holds(received: Template, output: str, text: str) -> None:
    own, of_aws = ({"Fn::Sub": text.format(url)} for url in (OWN_URL, AWS_URL))
    assert received["Outputs"][output]["Value"] == {"Fn::If": ["HasDomain", own, of_aws]}


def test_the_firewall_refuses_no_prompt(firewall: Template) -> None:
    (rules,) = of_type(firewall, "AWS::WAFv2::WebACL").values()
    assert (rules["Scope"], rules["DefaultAction"]) == ("REGIONAL", {"Allow": {}})
    rate, *groups = rules["Rules"]
    assert rate["Statement"] == {
        "RateBasedStatement": {"Limit": {"Ref": "FirewallRateLimit"}, "AggregateKeyType": "IP"}
    }
    assert {group["Statement"]["ManagedRuleGroupStatement"]["Name"]: counted(group) for group in groups} == BODY_RULES
    assert [rule["Priority"] for rule in rules["Rules"]] == [0, 1, 2, 3]


def counted(group: dict[str, Any]) -> set[str]:
    """The rules of a group that count where they would refuse."""
    overrides = group["Statement"]["ManagedRuleGroupStatement"].get("RuleActionOverrides", [])
    assert {str(override["ActionToUse"]) for override in overrides} <= {"{'Count': {}}"}
    return {override["Name"] for override in overrides}


def test_the_firewall_stands_before_the_stage(firewall: Template) -> None:
    (association,) = of_type(firewall, "AWS::WAFv2::WebACLAssociation").values()
    assert association == {
        "WebACLArn": {"Fn::GetAtt": ["WebAcl", "Arn"]},
        "ResourceArn": {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Stage}"},
    }
