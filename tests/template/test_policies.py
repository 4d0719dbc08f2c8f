"""What each function may do, and that no star stands where it is not named here with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.cloud import Template, of_type

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
PARAMETERS = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${AWS::StackName}/providers"
BELOW = {"Fn::Sub": f"{PARAMETERS}/*"}
"""The one star: each provider's key is a parameter under the stack's own path, and a new one needs no deployment."""

READS_KEYS = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}
READS_PROVIDER_KEYS = {
    "Effect": "Allow",
    "Action": "ssm:GetParametersByPath",
    "Resource": [{"Fn::Sub": PARAMETERS}, BELOW],
}
READS_AND_WRITES_THE_TABLE = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
    "Resource": TABLE,
    "Condition": {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["BUDGET#*", "RATE#*", "RECORD#*", "TRAITS#*", "USAGE#*"]}
    },
}
"""All but the keys: what the function writes lets nobody in."""
STATEMENTS: dict[str, list[dict[str, Any]]] = {
    "AuthorizerFunction": [READS_KEYS],
    "MessagesFunction": [READS_AND_WRITES_THE_TABLE, READS_PROVIDER_KEYS],
    "CountTokensFunction": [],
    "ModelsFunction": [READS_PROVIDER_KEYS],
    "HealthFunction": [],
}

ATTACHED_BY_SAM = [
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",  # to write logs
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",  # Tracing: Active
]


def statements(role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in role.get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]


def listed(terms: Any) -> list[Any]:
    """A policy's one term or several, as a list."""
    return terms if isinstance(terms, list) else [terms]


def test_every_function_is_listed(received: Template) -> None:
    assert of_type(received, "AWS::Lambda::Function").keys() == STATEMENTS.keys()


@pytest.mark.parametrize(("function", "expected"), STATEMENTS.items())
def test_a_function_may_do_this_and_no_more(received: Template, function: str, expected: list[dict[str, Any]]) -> None:
    role = of_type(received, "AWS::IAM::Role")[f"{function}Role"]
    assert list(statements(role)) == expected
    assert role["ManagedPolicyArns"] == ATTACHED_BY_SAM


def test_the_one_star_is_the_named_one(received: Template) -> None:
    stars = [
        (name, term)
        for name, role in of_type(received, "AWS::IAM::Role").items()
        for statement in statements(role)
        for term in [*listed(statement["Action"]), *listed(statement["Resource"])]
        if "*" in str(term)
    ]
    assert sorted(stars, key=str) == [("MessagesFunctionRole", BELOW), ("ModelsFunctionRole", BELOW)]


def test_the_role_of_api_gateway_writes_logs_for_the_whole_account(received: Template) -> None:
    """The third policy of AWS's own: the setting belongs to the account, so no narrower one would do."""
    role = of_type(received, "AWS::IAM::Role")["ApiGatewayLogsRole"]
    assert list(statements(role)) == []
    assert role["ManagedPolicyArns"] == [
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
    ]
