from __future__ import annotations

from pathlib import Path

import pytest

from edgeway.local.api_gateway.template import Function, Route, TemplateError, read_template
from edgeway.local.processes.settings import TEMPLATE as PROJECT_TEMPLATE

TEMPLATE = """
Parameters:
  Memory: {Type: Number, Default: 1024}
  NoDefault: {Type: Number}

Globals:
  Function:
    Handler: app.handler
    Timeout: 10
    Layers: [!Ref CommonLayer]
    Environment:
      Variables: {SHARED: shared, OVERRIDDEN: globally, TABLE: !Ref Table, SECRET: !Sub "${AWS::StackName}/x"}

Resources:
  StreamFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/stream
      MemorySize: !Ref Memory
      Timeout: 900
      ReservedConcurrentExecutions: !If [Some, 1, !Ref AWS::NoValue]
      Layers: [!Ref OwnLayer, arn:aws:lambda:us-east-1:1:layer:elsewhere:1]
      Environment:
        Variables: {OVERRIDDEN: locally, EMPTY: "", NUMBER: 5, FLAG: true}
      Events:
        Version: {Type: Api, Properties: {Path: /v1, Method: post, ResponseTransferMode: RESPONSE_STREAM}}
        Mistake: {Type: Api, Properties: {Path: /v2, Method: any, ResponseTransferMode: STREAM}}
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  LongForm:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/long
      MemorySize: {Ref: Memory}
      Layers: [{Ref: OwnLayer}]
      Events: {Root: {Type: Api, Properties: {Path: /, Method: get}}}
  AuthorizerFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/authorizer}
  CommonLayer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/common}}
  OwnLayer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/own}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Join ["-", [a, b]]}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "template.yaml"
    path.write_text(text)
    return path


def test_a_template_is_read_for_what_running_it_needs(tmp_path: Path) -> None:
    assert read_template(written(tmp_path, TEMPLATE)) == (
        Function(
            name="StreamFunction",
            code=tmp_path / "functions/stream",
            handler="app.handler",
            timeout_seconds=900,
            memory_megabytes=1024,
            environment={"SHARED": "shared", "OVERRIDDEN": "locally", "EMPTY": "", "NUMBER": "5", "FLAG": "true"},
            layers=(tmp_path / "layers/common", tmp_path / "layers/own"),
            routes=(Route("POST", "/v1", streams=True), Route("ANY", "/v2", streams=False)),
        ),
        Function(
            name="LongForm",
            code=tmp_path / "functions/long",
            handler="app.handler",
            timeout_seconds=10,
            memory_megabytes=1024,
            environment={"SHARED": "shared", "OVERRIDDEN": "globally"},
            layers=(tmp_path / "layers/common", tmp_path / "layers/own"),
            routes=(Route("GET", "/", streams=False),),
        ),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Resources: [", "cannot be read"),
        ("- a list", "has no Resources"),
        (TEMPLATE.replace("Handler: app.handler", "Runtime: python3.13"), "StreamFunction needs a Handler"),
        (TEMPLATE.replace("Timeout: 900", "Timeout: !Ref NoDefault"), "StreamFunction needs a Timeout"),
        (TEMPLATE.replace("Timeout: 900", "Timeout: !FindInMap [a, b, c]"), "StreamFunction needs a Timeout"),
    ],
)
def test_what_cannot_be_run_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        read_template(written(tmp_path, text))


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read"):
        read_template(tmp_path / "template.yaml")


PLANS = """
  FreePlan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      Throttle: {RateLimit: 0.5, BurstLimit: !Ref Memory}
      Quota: {Limit: {Ref: Memory}, Period: DAY}
  UnlimitedPlan: {Type: AWS::ApiGateway::UsagePlan, Properties: {UsagePlanName: unlimited}}
"""


def test_functions_are_told_the_plans_that_api_gateway_would_hold_keys_to(tmp_path: Path) -> None:
    functions = read_template(written(tmp_path, TEMPLATE + PLANS))
    assert [each.environment["EDGEWAY_PLANS"] for each in functions] == ["free=0.5/1024/1024"] * len(functions)


def test_a_plan_without_a_known_limit_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="FreePlan needs a BurstLimit that is a literal or a parameter"):
        read_template(written(tmp_path, TEMPLATE + PLANS.replace("!Ref Memory", "!Ref NoDefault")))


def test_the_plans_of_this_repository() -> None:
    plans = {each.environment["EDGEWAY_PLANS"] for each in read_template(PROJECT_TEMPLATE)}
    assert plans == {"free=2/10/1000 standard=10/40/20000"}
