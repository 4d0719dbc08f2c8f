"""What the doctor reads of a deployed stack, from answers as AWS documents them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from gateway.access.key_records import KeyRecord

from edgeway.aws.stack import Stack
from edgeway.doctor.findings import Finding
from edgeway.doctor.stack import FUNCTIONS, Deployed, examine_stack, membership
from edgeway.keyring import Admission

LAYERS = {name: f"arn:aws:lambda:eu-central-1:1:layer:edge-{name}:3" for name in ("RuntimeLayer1a", "VendorArmLayer2b")}
STACK = Stack(
    name="edge",
    base_url="https://api.example.com",
    table="edge-Table-1",
    plans={"free": "f", "standard": "s", "unlimited": "u"},
    provider_keys="/edge/providers/",
    resources={
        "Api": "abc",
        "ApiProdStage": "Prod",
        **{f"{name}Function": f"edge-{name}" for name in FUNCTIONS},
        **LAYERS,
    },
)
OF_API = {"restApiId": "abc"}
STAGE = {"apiId": "abc", "stage": "Prod"}
Answers = dict[str, Any]


def healthy() -> Answers:
    """The answers to each call, by its operation and what tells it from others."""
    return {
        "get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900}},
        "get_stage": {
            "stageName": "Prod",
            "accessLogSettings": {"destinationArn": "arn:aws:logs:eu-central-1:1:log-group:edge-AccessLogs-1"},
            "methodSettings": {"*/*": {"dataTraceEnabled": False}},
        },
        "get_account": {"cloudwatchRoleArn": "arn:aws:iam::1:role/edge-logs"},
        "get_rest_api": {"apiKeySource": "AUTHORIZER", "endpointConfiguration": {"types": ["REGIONAL"]}},
        "get_resources": {"items": [{"id": "r0", "path": "/"}, {"id": "r1", "path": "/v1/messages"}]},
        "get_integration": {"responseTransferMode": "STREAM", "timeoutInMillis": 900_000},
        "get_usage_plan": {"apiStages": [STAGE]},
        **{f"get_function_configuration {name}": function(name) for name in FUNCTIONS},
    }


def function(name: str) -> Answers:
    return {
        "Architectures": ["arm64"],
        "MemorySize": 512,
        "LastUpdateStatus": "Successful",
        "Layers": [] if name == "Health" else [{"Arn": arn} for arn in LAYERS.values()],
        "Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/streaming-bootstrap"}},
    }


EXPECTED = {
    "get_stage": {**OF_API, "stageName": "Prod"},
    "get_rest_api": OF_API,
    "get_resources": OF_API,
    "get_integration": {**OF_API, "resourceId": "r1", "httpMethod": "POST"},
}


@contextmanager
def deployed(answers: Answers) -> Iterator[Deployed]:
    """A stack whose clients give these answers, and see that they are asked in this way."""
    api_gateway, functions = (
        boto3.client(service, region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
        for service in ("apigateway", "lambda")
    )
    with ExitStack() as opened:
        stubs = {client: opened.enter_context(Stubber(client)) for client in (api_gateway, functions)}
        for name, answer in answers.items():
            operation, _, which = name.partition(" ")
            stub = stubs[functions if "function" in operation or "settings" in operation else api_gateway]
            asked = [EXPECTED.get(operation, {})]
            if which:
                asked = [{"FunctionName": f"edge-{which}"}]
            if operation == "get_usage_plan":
                asked = [{"usagePlanId": plan} for plan in STACK.plans.values()]
            for parameters in asked:
                if answer == "denied":
                    stub.add_client_error(
                        operation, "AccessDeniedException", f"not authorized to perform: x:{operation}"
                    )
                else:
                    stub.add_response(operation, answer, parameters)
        yield Deployed(STACK, api_gateway, functions)


def examined(**changes: Any) -> dict[str, tuple[str, str]]:
    answers = healthy() | {name.replace("__", " "): answer for name, answer in changes.items()}
    with deployed(answers) as stack:
        return {found.check: (found.verdict, found.found) for found in examine_stack(stack)}


def test_a_healthy_stack() -> None:
    of_function = "arm64, 512 MB, edge-RuntimeLayer1a:3, edge-VendorArmLayer2b:3"
    assert examined() == {
        "the account's concurrency": ("passed", "1000 environments, 900 of them reserved for no function"),
        "the stage has an access log": ("passed", "Prod, to edge-AccessLogs-1"),
        "API Gateway has a role to write logs": ("passed", "edge-logs"),
        "the authorizer says which key it is": ("passed", "AUTHORIZER; REGIONAL"),
        "POST /v1/messages streams": ("passed", "for 900 s"),
        "the plans open the stage": ("passed", "free, standard, unlimited"),
        **{f"{name}Function has its layers": ("passed", of_function) for name in FUNCTIONS},
        "HealthFunction has its layers": ("passed", "arm64, 512 MB, none, as it should be"),
    }


ILL: dict[str, tuple[str, Any, str, tuple[str, str]]] = {
    "a fresh account": (
        "get_account_settings",
        {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}},
        "the account's concurrency",
        ("noted", "10 environments, 10 of them reserved for no function"),
    ),
    "what may not be read": (
        "get_account_settings",
        "denied",
        "the account's concurrency",
        ("failed", "cannot be read"),
    ),
    "no access log": ("get_stage", {"stageName": "Prod"}, "the stage has an access log", ("failed", "no access log")),
    "prompts in a log": (
        "get_stage",
        {**healthy()["get_stage"], "methodSettings": {"*/*": {"dataTraceEnabled": True}}},
        "the stage has an access log",
        ("failed", "it writes prompts and answers into a log (dataTraceEnabled)"),
    ),
    "no role": ("get_account", {}, "API Gateway has a role to write logs", ("failed", "none")),
    "API Gateway's own header": (
        "get_rest_api",
        {"endpointConfiguration": {"types": ["REGIONAL"]}},
        "the authorizer says which key it is",
        ("failed", "HEADER: keys as Authorization: Bearer are then in no plan"),
    ),
    "a private API under its own name": (
        "get_rest_api",
        {
            "apiKeySource": "AUTHORIZER",
            "disableExecuteApiEndpoint": True,
            "endpointConfiguration": {"types": ["PRIVATE"]},
        },
        "the authorizer says which key it is",
        ("passed", "AUTHORIZER; PRIVATE, not under AWS's name"),
    ),
    "a buffered route": (
        "get_integration",
        {"timeoutInMillis": 29_000},
        "POST /v1/messages streams",
        ("failed", "the answer is BUFFERED; it ends after 29 s"),
    ),
    "plans of another stage": (
        "get_usage_plan",
        {"apiStages": [{"apiId": "abc", "stage": "Stage"}]},
        "the plans open the stage",
        ("failed", "free does not; standard does not; unlimited does not"),
    ),
    "no wrapper": (
        "get_function_configuration__Messages",
        {**function("Messages"), "Environment": {"Variables": {}}},
        "MessagesFunction has its layers",
        ("failed", "no AWS_LAMBDA_EXEC_WRAPPER, without which nothing streams"),
    ),
    "a layer of somebody else's": (
        "get_function_configuration__Models",
        {**function("Models"), "Layers": [{"Arn": "arn:aws:lambda:eu-central-1:2:layer:other:1"}]},
        "ModelsFunction has its layers",
        ("failed", "not of this stack: arn:aws:lambda:eu-central-1:2:layer:other:1"),
    ),
    "no layer, and a change that failed": (
        "get_function_configuration__Usage",
        {**function("Usage"), "Layers": [], "LastUpdateStatus": "Failed"},
        "UsageFunction has its layers",
        ("failed", "none; its last change: Failed"),
    ),
}


@pytest.mark.parametrize(("call", "answer", "check", "expected"), ILL.values(), ids=ILL)
def test_what_is_wrong_with_a_stack(call: str, answer: Any, check: str, expected: tuple[str, str]) -> None:
    assert examined(**{call: answer})[check] == expected


def test_a_stack_without_the_route() -> None:
    answers = healthy() | {"get_resources": {"items": []}}
    del answers["get_integration"]
    with deployed(answers) as stack:
        found = {each.check: each.found for each in examine_stack(stack)}
    assert found["POST /v1/messages streams"] == "there is no such route"


def test_a_stack_that_is_not_finished() -> None:
    """What is there is looked at all the same."""
    answers = {name: answer for name, answer in healthy().items() if name.startswith("get_account")}
    with deployed(answers) as whole:
        stack = Deployed(replace(STACK, resources={}), whole.api_gateway, whole.functions)
        found = {each.check: (each.verdict, each.found) for each in examine_stack(stack)}
    assert found["the account's concurrency"][0] == "passed"
    assert found["the stage has an access log"] == ("failed", "the stack has no Api")
    assert found["MessagesFunction has its layers"] == ("failed", "the stack has no MessagesFunction")


RECORD = KeyRecord(id="key_1", name="me", created=0, plan="free", status="active", hint="ew_…1")
MEMBERS: dict[str, tuple[Admission | None, tuple[str, str]]] = {
    "in it": (Admission("a", enabled=True, plans=("free",)), ("passed", "free")),
    "in another": (Admission("a", enabled=True, plans=("standard",)), ("failed", "it is in standard, not in free")),
    "in none, and disabled": (
        Admission("a", enabled=False, plans=()),
        ("failed", "it is disabled; it is in no plan, not in free"),
    ),
    "unknown": (None, ("failed", "API Gateway does not know it")),
}


@pytest.mark.parametrize(("admission", "expected"), MEMBERS.values(), ids=MEMBERS)
def test_the_plan_of_a_key(admission: Admission | None, expected: tuple[str, str]) -> None:
    found: Finding = membership(RECORD, admission)
    assert (found.verdict, found.found) == expected
