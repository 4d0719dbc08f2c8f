"""What each function may do, and that no star stands where it is not named here with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.cloud import Template, of_type

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
PROVIDER_KEYS = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${AWS::StackName}/providers/*"
"""The one star: each provider's key is a parameter under the stack's own path, and a new one needs no deployment."""

STATEMENTS: dict[str, list[dict[str, Any]]] = {
    "AuthorizerFunction": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}],
    "MessagesFunction": [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            "Resource": TABLE,
        },
        {
            "Effect": "Allow",
            "Action": ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
            "Resource": {"Fn::Sub": PROVIDER_KEYS},
        },
    ],
    "CountTokensFunction": [],
    "ModelsFunction": [],
    "HealthFunction": [],
}

ATTACHED_BY_SAM = [
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",  # to write logs
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",  # Tracing: Active
]


def statements(role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in role.get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]


def test_every_function_is_listed(received: Template) -> None:
    assert of_type(received, "AWS::Lambda::Function").keys() == STATEMENTS.keys()


@pytest.mark.parametrize(("function", "expected"), STATEMENTS.items())
def test_a_function_may_do_this_and_no_more(received: Template, function: str, expected: list[dict[str, Any]]) -> None:
    role = of_type(received, "AWS::IAM::Role")[f"{function}Role"]
    assert list(statements(role)) == expected
    assert role["ManagedPolicyArns"] == ATTACHED_BY_SAM


def test_no_other_role_holds_a_star(received: Template) -> None:
    roles = of_type(received, "AWS::IAM::Role")
    stars = [
        statement["Resource"]
        for role in roles.values()
        for statement in statements(role)
        if "*" in str(statement["Action"]) + str(statement["Resource"])
    ]
    assert stars == [{"Fn::Sub": PROVIDER_KEYS}]


def test_the_role_of_api_gateway_writes_logs_for_the_whole_account(received: Template) -> None:
    """The third policy of AWS's own: the setting belongs to the account, so no narrower one would do."""
    role = of_type(received, "AWS::IAM::Role")["ApiGatewayLogsRole"]
    assert list(statements(role)) == []
    assert role["ManagedPolicyArns"] == [
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
    ]
