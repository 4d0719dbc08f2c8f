"""UseBedrock and ClaudePlatformWorkspace: off, nothing may ask; on, inference and lists, and nothing else."""

from __future__ import annotations

from typing import Any

from tests.template.cases import cases
from tests.template.cloud import Template, of_type

ACCOUNT = "${AWS::Region}:${AWS::AccountId}"
LISTS = ["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"]
EXPECTED: dict[str, tuple[str, list[str], list[dict[str, Any]]]] = {
    "BedrockInference": (
        "UsesBedrock",
        ["MessagesFunctionRole"],
        [
            {
                "Effect": "Allow",
                "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
                "Resource": [
                    {"Fn::Sub": "arn:${AWS::Partition}:bedrock:*::foundation-model/*"},
                    {"Fn::Sub": f"arn:${{AWS::Partition}}:bedrock:{ACCOUNT}:inference-profile/*"},
                    {"Fn::Sub": f"arn:${{AWS::Partition}}:bedrock:{ACCOUNT}:application-inference-profile/*"},
                ],
            },
            {
                "Effect": "Allow",
                "Action": "bedrock-mantle:CreateInference",
                "Resource": {"Fn::Sub": f"arn:${{AWS::Partition}}:bedrock-mantle:{ACCOUNT}:project/*"},
            },
        ],
    ),
    "BedrockLists": (
        "UsesBedrock",
        ["MessagesFunctionRole", "ModelsFunctionRole"],
        [{"Effect": "Allow", "Action": LISTS, "Resource": "*"}],
    ),
    "ClaudePlatformInference": (
        "UsesClaudePlatform",
        ["MessagesFunctionRole"],
        [
            {
                "Effect": "Allow",
                "Action": "aws-external-anthropic:CreateInference",
                "Resource": {
                    "Fn::Sub": (
                        f"arn:${{AWS::Partition}}:aws-external-anthropic:{ACCOUNT}:workspace/${{ClaudePlatformWorkspace}}"
                    )
                },
            }
        ],
    ),
}


def test_who_may_do_what(received: Template) -> None:
    found = {
        name: (
            policy["Condition"],
            [role["Ref"] for role in policy["Properties"]["Roles"]],
            policy["Properties"]["PolicyDocument"]["Statement"],
        )
        for name, policy in received["Resources"].items()
        if policy["Type"] == "AWS::IAM::Policy" and policy["Condition"] != "KeepsLargeAnswers"
    }
    assert found == EXPECTED


def test_nobody_may_where_the_parameters_do_not_say_so(received: Template) -> None:
    assert received["Parameters"]["UseBedrock"]["Default"] == "false"
    assert received["Parameters"]["ClaudePlatformWorkspace"]["Default"] == ""
    for case, created in cases(received).items():
        truth = {name: name in case.split("+") for name in ("UsesBedrock", "UsesClaudePlatform")}
        expected = {name for name, (condition, _, _) in EXPECTED.items() if truth[condition]}
        assert of_type(created, "AWS::IAM::Policy").keys() - {"AnswersBucketAccess"} == expected
