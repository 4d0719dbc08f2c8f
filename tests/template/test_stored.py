"""What outlives a request, and what outlives the stack: the table, the logs, the plans, the account's own setting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.cloud import Template, of_type

STAGES = [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "ApiProdStage"}}]
PLANS: dict[str, dict[str, Any]] = {
    "FreePlan": {
        "UsagePlanName": {"Fn::Sub": "${AWS::StackName}-free"},
        "ApiStages": STAGES,
        "Throttle": {"RateLimit": {"Ref": "FreeRateLimit"}, "BurstLimit": {"Ref": "FreeBurstLimit"}},
        "Quota": {"Limit": {"Ref": "FreeDailyQuota"}, "Period": "DAY"},
    },
    "StandardPlan": {
        "UsagePlanName": {"Fn::Sub": "${AWS::StackName}-standard"},
        "ApiStages": STAGES,
        "Throttle": {"RateLimit": {"Ref": "StandardRateLimit"}, "BurstLimit": {"Ref": "StandardBurstLimit"}},
        "Quota": {"Limit": {"Ref": "StandardDailyQuota"}, "Period": "DAY"},
    },
    "UnlimitedPlan": {"UsagePlanName": {"Fn::Sub": "${AWS::StackName}-unlimited"}, "ApiStages": STAGES},
}
RETAINED = ["ApiGatewayAccount", "ApiGatewayLogsRole", "Table"]


def test_the_table(received: Template) -> None:
    assert of_type(received, "AWS::DynamoDB::Table") == {
        "Table": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "SSESpecification": {"SSEEnabled": True},
        }
    }


def test_what_the_stack_leaves_behind(received: Template) -> None:
    policies = {
        name: (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        for name, resource in received["Resources"].items()
    }
    assert sorted(name for name, both in policies.items() if "Retain" in both) == RETAINED
    assert {policies[name] for name in RETAINED} == {("Retain", "Retain")}


def test_no_log_is_kept_for_ever(received: Template) -> None:
    groups = of_type(received, "AWS::Logs::LogGroup")
    assert groups.keys() == {"AccessLogs", "FunctionLogs"}
    assert {name: group["RetentionInDays"] for name, group in groups.items()} == {
        name: {"Ref": "LogRetentionDays"} for name in groups
    }


def test_every_function_logs_into_the_group_that_is_kept_so_long(received: Template) -> None:
    """Lambda would make a group of its own, which is never emptied."""
    for function in of_type(received, "AWS::Lambda::Function").values():
        assert function["LoggingConfig"] == {"LogGroup": {"Ref": "FunctionLogs"}}


def test_the_usage_plans(received: Template) -> None:
    assert of_type(received, "AWS::ApiGateway::UsagePlan") == PLANS


@pytest.mark.parametrize("resource", ["ApiGatewayAccount", "ApiGatewayLogsRole"])
def test_an_account_that_has_a_role_for_logs_keeps_it(received: Template, resource: str) -> None:
    assert received["Resources"][resource]["Condition"] == "SetsApiGatewayLogsRole"
