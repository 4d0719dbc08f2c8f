"""What outlives a request, and what outlives the stack: the table, the logs, the plans, the account's own setting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.cases import cases
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
RETAINED = {
    "ApiGatewayAccount": ("Retain", "Retain"),  # the account's setting goes on naming the role, whatever fails
    "ApiGatewayLogsRole": ("Retain", "Retain"),
    "AnswersBucket": ("RetainExceptOnCreate", "Retain"),  # one that holds something cannot be deleted
    "Table": ("RetainExceptOnCreate", "Retain"),
}


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
            # KMS charges for the account's own key, at every few requests: nobody pays that without having asked.
            "SSESpecification": {
                "Fn::If": ["HasManagedTableKey", {"SSEEnabled": True}, {"Ref": "AWS::NoValue"}],
            },
        }
    }


def test_the_bucket_for_large_answers_is_private_and_empties_itself(received: Template) -> None:
    assert of_type(received, "AWS::S3::Bucket") == {
        "AnswersBucket": {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "forget",
                        "Status": "Enabled",
                        "ExpirationInDays": 30,
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    }
                ]
            },
        }
    }
    (policy,) = of_type(received, "AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_without_its_parameter_there_is_no_bucket(received: Template) -> None:
    assert received["Parameters"]["KeepLargeAnswers"]["Default"] == "false"
    for case, created in cases(received).items():
        named = {name for name in created["Resources"] if name.startswith("AnswersBucket")}
        variables = created["Resources"]["MessagesFunction"]["Properties"]["Environment"]["Variables"]
        if "KeepsLargeAnswers" in case:
            assert named == {"AnswersBucket", "AnswersBucketPolicy", "AnswersBucketAccess"}
            assert variables["EDGEWAY_LARGE_ANSWERS"] == {"Ref": "AnswersBucket"}
        else:
            assert (named, variables["EDGEWAY_LARGE_ANSWERS"]) == (set(), "")


def test_what_the_stack_leaves_behind(received: Template) -> None:
    policies = {
        name: (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        for name, resource in received["Resources"].items()
    }
    assert {name: both for name, both in policies.items() if "Retain" in both} == RETAINED


def test_no_log_is_kept_for_ever(received: Template) -> None:
    groups = of_type(received, "AWS::Logs::LogGroup")
    assert groups.keys() == {"AccessLogs", "FunctionLogs"}
    assert {name: group["RetentionInDays"] for name, group in groups.items()} == {
        name: {"Ref": "LogRetentionDays"} for name in groups
    }


def test_no_log_group_stands_in_the_way_of_the_next_deployment(received: Template) -> None:
    """A line that comes after `sam delete` makes its group again: one with a name of ours could not be created then."""
    assert [name for name, group in of_type(received, "AWS::Logs::LogGroup").items() if "LogGroupName" in group] == []
    assert received["Outputs"]["Logs"]["Value"] == {"Fn::Sub": "${FunctionLogs} ${AccessLogs}"}


def test_the_table_asks_for_no_paid_key_by_itself(received: Template) -> None:
    assert received["Parameters"]["TableKey"]["Default"] == "owned"
    assert received["Conditions"]["HasManagedTableKey"] == {"Fn::Equals": [{"Ref": "TableKey"}, "managed"]}


def test_every_function_logs_into_the_group_that_is_kept_so_long(received: Template) -> None:
    """Lambda would make a group of its own, which is never emptied."""
    for function in of_type(received, "AWS::Lambda::Function").values():
        assert function["LoggingConfig"] == {"LogGroup": {"Ref": "FunctionLogs"}}


def test_the_usage_plans(received: Template) -> None:
    assert of_type(received, "AWS::ApiGateway::UsagePlan") == PLANS


@pytest.mark.parametrize("resource", ["ApiGatewayAccount", "ApiGatewayLogsRole"])
def test_an_account_that_has_a_role_for_logs_keeps_it(received: Template, resource: str) -> None:
    assert received["Resources"][resource]["Condition"] == "SetsApiGatewayLogsRole"
