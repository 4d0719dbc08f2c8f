"""What each function may do, and that no star stands where it is not named here with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from gateway.storage.protocol import ItemType

from tests.template.cases import cases
from tests.template.cloud import Template, of_type

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
PARAMETERS = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${AWS::StackName}/providers"
BELOW = {"Fn::Sub": f"{PARAMETERS}/*"}
"""Each provider's key is a parameter under the stack's own path, and a new one needs no deployment."""
SECRETS = {"Fn::Sub": f"{PARAMETERS.replace(':ssm:', ':secretsmanager:').replace('parameter', 'secret:')}/*"}


def partitions(*prefixes: str) -> dict[str, Any]:
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{prefix}#*" for prefix in prefixes]}}


READS_KEYS = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE, "Condition": partitions("KEY")}
READS_PROVIDER_KEYS = {
    "Fn::If": [
        "KeysInSecretsManager",
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": SECRETS},
        {
            "Effect": "Allow",
            "Action": "ssm:GetParametersByPath",
            "Resource": [{"Fn::Sub": PARAMETERS}, BELOW],
        },
    ]
}
FINDS_SECRETS = {
    "Fn::If": [
        "KeysInSecretsManager",
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"],
            "Resource": "*",
        },
        {"Ref": "AWS::NoValue"},
    ]
}
NAMES_PROVIDER_KEYS = {
    "Effect": "Allow",
    "Action": {"Fn::If": ["KeysInSecretsManager", "secretsmanager:ListSecrets", "ssm:DescribeParameters"]},
    "Resource": "*",
}
READS_AND_WRITES_THE_TABLE = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
    "Resource": TABLE,
    "Condition": partitions("TRAITS", "USAGE", "BUDGET", "HEALTH", "CACHE"),
}
READS_USAGE = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:Query"],
    "Resource": TABLE,
    "Condition": partitions("USAGE", "BUDGET"),
}
STATEMENTS: dict[str, list[dict[str, Any]]] = {
    "AuthorizerFunction": [READS_KEYS],
    "MessagesFunction": [READS_AND_WRITES_THE_TABLE, READS_PROVIDER_KEYS, FINDS_SECRETS],
    "CountTokensFunction": [READS_PROVIDER_KEYS, FINDS_SECRETS],
    "ModelsFunction": [NAMES_PROVIDER_KEYS],
    "UsageFunction": [READS_USAGE],
    "HealthFunction": [],
}

MANAGED = "arn:${AWS::Partition}:iam::aws:policy/"
ATTACHED = [
    {"Fn::Sub": f"{MANAGED}service-role/AWSLambdaBasicExecutionRole"},  # to write logs
    {"Fn::Sub": f"{MANAGED}AWSXrayWriteOnlyAccess"},  # Tracing: Active
]
IN_A_VPC = {"Fn::Sub": f"{MANAGED}service-role/AWSLambdaVPCAccessExecutionRole"}
"""To make network interfaces, and see those of others."""


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
    assert role["ManagedPolicyArns"] == [*ATTACHED, {"Fn::If": ["RunsInVpc", IN_A_VPC, {"Ref": "AWS::NoValue"}]}]


def test_only_who_runs_in_a_vpc_may_touch_the_network(received: Template) -> None:
    for case, created in cases(received).items():
        managed = {
            name: role["ManagedPolicyArns"]
            for name, role in of_type(created, "AWS::IAM::Role").items()
            if name != "ApiGatewayLogsRole"
        }
        expected = [*ATTACHED, *([IN_A_VPC] if "RunsInVpc" in case else [])]
        assert managed == {f"{function}Role": expected for function in STATEMENTS}


def test_a_boundary_bounds_every_role(received: Template) -> None:
    for case, created in cases(received).items():
        boundaries = [role.get("PermissionsBoundary") for role in of_type(created, "AWS::IAM::Role").values()]
        assert boundaries == [{"Ref": "PermissionsBoundary"} if "HasBoundary" in case else None] * len(boundaries)
        assert len(boundaries) == len(STATEMENTS) + ("SetsApiGatewayLogsRole" in case)


def test_the_stars_are_the_named_ones(received: Template) -> None:
    """Those of whole resources are of actions that give names, for which AWS knows no narrower one."""
    found = {}
    for case, created in cases(received).items():
        found["KeysInSecretsManager" in case] = [
            (name, statement["Action"], term)
            for name, role in of_type(created, "AWS::IAM::Role").items()
            for statement in statements(role)
            for term in [*listed(statement["Action"]), *listed(statement["Resource"])]
            if "*" in str(term)
        ]
    counts, messages, models = "CountTokensFunctionRole", "MessagesFunctionRole", "ModelsFunctionRole"
    names = ["secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"]
    assert {is_secret: sorted(stars, key=str) for is_secret, stars in found.items()} == {
        False: [
            (counts, "ssm:GetParametersByPath", BELOW),
            (messages, "ssm:GetParametersByPath", BELOW),
            (models, "ssm:DescribeParameters", "*"),
        ],
        True: [
            (counts, "secretsmanager:GetSecretValue", SECRETS),
            (counts, names, "*"),
            (messages, "secretsmanager:GetSecretValue", SECRETS),
            (messages, names, "*"),
            (models, "secretsmanager:ListSecrets", "*"),
        ],
    }


def test_no_function_may_write_keys(received: Template) -> None:
    """And only the authorizer reads them."""
    may = {
        name: (statement["Action"], statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
        for name, role in of_type(received, "AWS::IAM::Role").items()
        for statement in statements(role)
        if statement.get("Resource") == TABLE
    }
    assert [name for name, (_, keys) in may.items() if any(key.startswith("KEY") for key in keys)] == [
        "AuthorizerFunctionRole"
    ]
    assert may["AuthorizerFunctionRole"][0] == "dynamodb:GetItem"
    operators = (ItemType.KEY, ItemType.AUDIT, ItemType.OWNER, ItemType.POOL)
    prefixes = {each.prefix for each in ItemType if each not in operators}
    assert {f"{prefix}*" for prefix in prefixes} <= {*may["MessagesFunctionRole"][1]}


def test_the_role_of_api_gateway_writes_logs_for_the_whole_account(received: Template) -> None:
    """The third policy of AWS's own: the setting belongs to the account, so no narrower one would do."""
    role = of_type(received, "AWS::IAM::Role")["ApiGatewayLogsRole"]
    assert list(statements(role)) == []
    assert role["ManagedPolicyArns"] == [
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
    ]


def test_of_the_bucket_the_messages_function_reads_and_writes_objects_and_no_more(received: Template) -> None:
    policy = of_type(received, "AWS::IAM::Policy")["AnswersBucketAccess"]
    assert policy["Roles"] == [{"Ref": "MessagesFunctionRole"}]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": {"Fn::Sub": "${AnswersBucket.Arn}/*"},
        }
    ]
