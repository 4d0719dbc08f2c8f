"""What an organisation may ask for: functions in a VPC, an API that only a VPC reaches, and one name for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.cases import cases
from tests.template.cloud import Template, of_type

SUBNETS, GROUPS, ENDPOINTS = (
    {"Fn::Split": [",", {"Ref": name}]} for name in ("SubnetIds", "SecurityGroupIds", "VpcEndpointIds")
)


@pytest.fixture(scope="module")
def created(received: Template) -> dict[frozenset[str], Template]:
    """Each case, by the conditions that are true in it."""
    return {frozenset(name.split("+")): case for name, case in cases(received).items()}


def test_every_function_is_in_the_vpc_or_none_is(created: dict[frozenset[str], Template]) -> None:
    inside = {"SubnetIds": SUBNETS, "SecurityGroupIds": GROUPS}
    for true, case in created.items():
        configured = [function.get("VpcConfig") for function in of_type(case, "AWS::Lambda::Function").values()]
        assert configured == [inside if "RunsInVpc" in true else None] * 6


def test_a_private_api_answers_through_its_endpoints_alone(created: dict[frozenset[str], Template]) -> None:
    """Without a policy it would answer nobody; a regional one has none, and answers whoever has a key."""
    for true, case in created.items():
        (api,) = of_type(case, "AWS::ApiGateway::RestApi").values()
        found = (api["EndpointConfiguration"], api["Parameters"], api.get("Policy"))
        if "IsPrivate" not in true:
            assert found == ({"Types": ["REGIONAL"]}, {"endpointConfigurationTypes": "REGIONAL"}, None)
            continue
        allowed = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": "execute-api:/*",
            "Condition": {"StringEquals": {"aws:SourceVpce": ENDPOINTS}},
        }
        assert found == (
            {"Types": ["PRIVATE"], "VpcEndpointIds": ENDPOINTS},
            {"endpointConfigurationTypes": "PRIVATE"},
            {"Version": "2012-10-17", "Statement": [allowed]},
        )


def test_the_name_of_awss_goes_where_the_own_one_is_to_be_alone(created: dict[frozenset[str], Template]) -> None:
    for true, case in created.items():
        (api,) = of_type(case, "AWS::ApiGateway::RestApi").values()
        (server,) = api["Body"]["servers"]
        configured = server["x-amazon-apigateway-endpoint-configuration"]
        assert configured == {"disableExecuteApiEndpoint": "HasOnlyDomain" in true}


@pytest.mark.parametrize(
    ("parameter", "taken", "refused"),
    [
        ("SubnetIds", "subnet-0a1,subnet-0b2", "subnet-0a1, subnet-0b2"),
        ("SecurityGroupIds", "sg-0a1", "subnet-0a1"),
        ("VpcEndpointIds", "vpce-0a1,vpce-0b2", "vpce-0a1,"),
        ("PermissionsBoundary", "arn:aws:iam::123456789012:policy/edge/boundary", "boundary"),
    ],
)
def test_a_parameter_takes_ids_or_nothing(received: Template, parameter: str, taken: str, refused: str) -> None:
    described = received["Parameters"][parameter]
    assert described["Default"] == ""
    takes = {text: bool(re.fullmatch(described["AllowedPattern"], text)) for text in ("", taken, refused)}
    assert takes == {"": True, taken: True, refused: False}


def holds(statement: Any, given: dict[str, str]) -> bool:
    """Whether a statement of a rule is true of the parameters."""
    match statement:
        case {"Fn::Equals": [{"Ref": name}, value]}:
            return bool(given.get(name, "") == value)
        case {"Fn::Not": [inner]}:
            return not holds(inner, given)
        case _:
            raise ValueError(f"a rule of a kind that the template has not had: {statement}")


def broken(template: Template, given: dict[str, str]) -> Iterator[str]:
    for name, rule in template["Rules"].items():
        if holds(rule["RuleCondition"], given):
            yield from (name for each in rule["Assertions"] if not holds(each["Assert"], given))


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        ({}, []),
        ({"SubnetIds": "subnet-1"}, ["SubnetsHaveSecurityGroups"]),
        ({"SubnetIds": "subnet-1", "SecurityGroupIds": "sg-1", "VpcEndpointIds": "vpce-1"}, []),
        ({"OnlyDomainName": "true"}, ["SomeNameLeadsToTheApi"]),
        ({"DomainName": "llm.example.com"}, ["ADomainHasACertificate"]),
        ({"DomainName": "llm.example.com", "CertificateArn": "arn", "OnlyDomainName": "true"}, []),
        (
            {"DomainName": "llm.example.com", "CertificateArn": "arn", "VpcEndpointIds": "vpce-1"},
            ["APrivateApiHasNoPublicName"],
        ),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_made(
    received: Template, given: dict[str, str], rules: list[str]
) -> None:
    assert [*broken(received, given)] == rules
