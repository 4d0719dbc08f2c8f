"""What AWS says of a deployed stack: what the answers of the gateway cannot show, or show only once it is too late.

Everything is read, nothing changed. The clients are boto3's, which block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from gateway.access.key_records import KeyRecord

from edgeway.aws.failures import explain
from edgeway.aws.stack import Stack
from edgeway.doctor.findings import Finding, judged
from edgeway.keyring import Admission

FUNCTIONS: Final = ("Authorizer", "Messages", "CountTokens", "Models", "Usage", "Health")
WITHOUT_LAYERS: Final = "Health"
FEW_ENVIRONMENTS: Final = 100
"""A fresh account may have 10. Each stream holds one as long as it lasts."""
STREAM_MILLISECONDS: Final = 900_000
MESSAGES: Final = "/v1/messages"
WRAPPER: Final = "AWS_LAMBDA_EXEC_WRAPPER"


class _NotThereError(Exception):
    """The stack is not finished, or of another version."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack, and the clients that can be asked about it."""

    stack: Stack
    api_gateway: Any
    functions: Any

    @property
    def api(self) -> str:
        """The id of the REST API."""
        return self.named("Api")

    @property
    def stage(self) -> str:
        """The name of the stage, under which SAM makes one resource."""
        return self.named("ApiProdStage")

    def named(self, resource: str) -> str:
        """Return the id of a resource of the template. Raises `_NotThereError`."""
        found = self.stack.resources.get(resource)
        if not found:
            raise _NotThereError(f"the stack has no {resource}")
        return found


def examine_stack(deployed: Deployed) -> Iterator[Finding]:
    """Yield every finding that needs no key."""
    yield from _read("the account's concurrency", partial(_concurrency, deployed))
    yield from _read("the stage has an access log", partial(_stage, deployed))
    yield from _read("API Gateway has a role to write logs", partial(_log_role, deployed))
    yield from _read("the authorizer says which key it is", partial(_key_source, deployed))
    yield from _read("POST /v1/messages streams", partial(_integration, deployed))
    yield from _read("the plans open the stage", partial(_plans, deployed))
    for function in FUNCTIONS:
        yield from _read(f"{function}Function has its layers", partial(_layers, deployed, function))


def _read(check: str, find: Callable[[], Finding]) -> Iterator[Finding]:
    """Turn a missing resource, or one that may not be read, into a finding."""
    try:
        yield find()
    except _NotThereError as error:
        yield Finding(check, "failed", str(error), "Is it finished, and of this version? Deploy it again.")
    except (BotoCoreError, ClientError) as error:
        yield Finding(check, "failed", "cannot be read", explain(error))


def _concurrency(deployed: Deployed) -> Finding:
    limit = deployed.functions.get_account_settings()["AccountLimit"]
    whole, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    found = f"{whole} environments, {free} of them reserved for no function"
    check = "the account's concurrency"
    if free >= FEW_ENVIRONMENTS:
        return Finding(check, "passed", found)
    advice = "Each stream holds one. Service Quotas raises it: Lambda, Concurrent executions. Set ConcurrencyAlarm too."
    return Finding(check, "noted", found, advice)


def _stage(deployed: Deployed) -> Finding:
    stage = deployed.api_gateway.get_stage(restApiId=deployed.api, stageName=deployed.stage)
    log = stage.get("accessLogSettings", {}).get("destinationArn", "")
    faults = [] if log else ["no access log"]
    if any(setting.get("dataTraceEnabled") for setting in stage.get("methodSettings", {}).values()):
        faults.append("it writes prompts and answers into a log (dataTraceEnabled)")
    found = f"{stage['stageName']}, to {log.rpartition(':')[2]}"
    return judged("the stage has an access log", faults, found, "Deploy the stack again: somebody changed the stage.")


def _log_role(deployed: Deployed) -> Finding:
    role = deployed.api_gateway.get_account().get("cloudwatchRoleArn", "")
    advice = "Deploy with SetApiGatewayLogsRole=true: without a role the access log stays empty."
    return judged("API Gateway has a role to write logs", [] if role else ["none"], role.rpartition("/")[2], advice)


def _key_source(deployed: Deployed) -> Finding:
    api = deployed.api_gateway.get_rest_api(restApiId=deployed.api)
    source = api.get("apiKeySource", "HEADER")
    faults = [] if source == "AUTHORIZER" else [f"{source}: keys as Authorization: Bearer are then in no plan"]
    kind = ", ".join(api.get("endpointConfiguration", {}).get("types", ()))
    own_name = ", not under AWS's name" if api.get("disableExecuteApiEndpoint") else ""
    advice = "Deploy the stack again: ApiKeySourceType in template.yaml says AUTHORIZER."
    return judged("the authorizer says which key it is", faults, f"{source}; {kind}{own_name}", advice)


def _integration(deployed: Deployed) -> Finding:
    pages = deployed.api_gateway.get_paginator("get_resources").paginate(restApiId=deployed.api)
    ids = {resource["path"]: resource["id"] for page in pages for resource in page["items"]}
    check, advice = "POST /v1/messages streams", "Look at ResponseTransferMode and TimeoutInMillis in template.yaml."
    if MESSAGES not in ids:
        return Finding(check, "failed", "there is no such route", "Deploy the stack again.")
    asked = {"restApiId": deployed.api, "resourceId": ids[MESSAGES], "httpMethod": "POST"}
    integration = deployed.api_gateway.get_integration(**asked)
    mode, limit = integration.get("responseTransferMode", "BUFFERED"), integration.get("timeoutInMillis", 0)
    faults = [] if mode == "STREAM" else [f"the answer is {mode}"]
    if limit < STREAM_MILLISECONDS:
        faults.append(f"it ends after {limit / 1000:.0f} s")
    return judged(check, faults, f"for {limit / 1000:.0f} s", advice)


def _plans(deployed: Deployed) -> Finding:
    wanted = {"apiId": deployed.api, "stage": deployed.stage}
    closed = []
    for name, plan_id in deployed.stack.plans.items():
        plan = deployed.api_gateway.get_usage_plan(usagePlanId=plan_id)
        stages = [{field: each.get(field) for field in wanted} for each in plan.get("apiStages", ())]
        if wanted not in stages:
            closed.append(f"{name} does not")
    advice = "Deploy the stack again: a key of such a plan is refused with 403."
    return judged("the plans open the stage", closed, ", ".join(deployed.stack.plans), advice)


def _layers(deployed: Deployed, function: str) -> Finding:
    found = deployed.functions.get_function_configuration(FunctionName=deployed.named(f"{function}Function"))
    arns = [layer["Arn"] for layer in found.get("Layers", ())]
    own = {arn for logical, arn in deployed.stack.resources.items() if "Layer" in logical}
    faults = [f"not of this stack: {arn}" for arn in arns if arn not in own]
    if not arns and function != WITHOUT_LAYERS:
        faults.append("none")
    if found.get("LastUpdateStatus", "Successful") != "Successful":
        faults.append(f"its last change: {found['LastUpdateStatus']}")
    if function == "Messages" and WRAPPER not in _variables(found):
        faults.append(f"no {WRAPPER}, without which nothing streams")
    architecture, memory = "".join(found.get("Architectures", ())), found.get("MemorySize")
    names = ", ".join(arn.split(":layer:")[-1] for arn in arns) or "none, as it should be"
    return judged(
        f"{function}Function has its layers", faults, f"{architecture}, {memory} MB, {names}", "Deploy the stack again."
    )


def _variables(function: Mapping[str, Any]) -> Mapping[str, str]:
    variables: Mapping[str, str] = function.get("Environment", {}).get("Variables", {})
    return variables


def membership(record: KeyRecord, key: Admission | None) -> Finding:
    """Tell whether API Gateway lets a key in under the plan of its record, and under no other."""
    check, advice = "the key is in its plan", f"Repair it: edgeway keys update {record.id} --stack NAME"
    if key is None:
        return Finding(check, "failed", "API Gateway does not know it", advice)
    faults = [] if key.enabled else ["it is disabled"]
    if key.plans != (record.plan,):
        faults.append(f"it is in {', '.join(key.plans) or 'no plan'}, not in {record.plan}")
    return judged(check, faults, record.plan, advice)
