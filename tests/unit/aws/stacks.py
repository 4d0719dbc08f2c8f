"""A deployed stack as moto plays it: the table and the plans of template.yaml, made by CloudFormation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
import pytest
from gateway.aws.boto3_client import _session
from moto import mock_aws
from moto.apigateway.models import APIGatewayBackend, UsagePlan, apigateway_backends
from moto.core.common_models import CloudFormationModel
from moto.core.models import DEFAULT_ACCOUNT_ID

from tests.template import cloud
from tests.unit.gateway.stores import AWS_ENVIRONMENT

NAME = "edge"
BASE_URL = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/Prod"
TYPES = ("AWS::DynamoDB::Table", "AWS::ApiGateway::UsagePlan")
REGION = AWS_ENVIRONMENT["AWS_DEFAULT_REGION"]


class CloudFormationUsagePlan(CloudFormationModel):
    """Teaches moto's CloudFormation, which finds the subclasses of its model by itself, to make a usage plan."""

    def __init__(self, plan: UsagePlan) -> None:
        self.physical_resource_id = plan.id

    @staticmethod
    def cloudformation_name_type() -> str:
        return "UsagePlanName"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGateway::UsagePlan"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> CloudFormationUsagePlan:
        backend = apigateway_backends[account_id][region_name]
        return cls(backend.create_usage_plan({"name": resource_name}))


@contextmanager
def empty_account() -> Iterator[None]:
    """An account with nothing in it, and credentials for it."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in AWS_ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL_DYNAMODB", "EDGEWAY_STORE", "EDGEWAY_STACK"):
            patch.delenv(name, raising=False)
        patch.setenv("EDGEWAY_WAIT_SECONDS", "0")  # moto lets no caller in
        _session.cache_clear()  # it keeps credentials and profile
        yield


def deploy(name: str = NAME, *, without: str = "", provider_keys: str = "", keeps_large_answers: bool = False) -> None:
    """Make the stack. Provider keys: what it puts out under ProviderKeys, as releases before December 2026 did not."""
    types = (*TYPES, "AWS::S3::Bucket") if keeps_large_answers else TYPES
    template = {
        "Resources": {
            logical_id: {"Type": resource["Type"], "Properties": _known_to_moto(resource["Properties"])}
            for logical_id, resource in _template()["Resources"].items()
            if resource["Type"] in types and logical_id != without
        },
        "Outputs": {
            "BaseUrl": {"Value": BASE_URL},
            **({"ProviderKeys": {"Value": provider_keys}} if provider_keys else {}),
        },
    }
    boto3.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template))


def api_gateway() -> APIGatewayBackend:
    """What moto knows of API Gateway."""
    return apigateway_backends[DEFAULT_ACCOUNT_ID][REGION]


def api_keys() -> dict[str, tuple[str | None, bool, list[str]]]:
    """What API Gateway knows of each key, by its name: value, whether it is enabled, the names of its plans."""
    backend = api_gateway()
    return {
        str(key.name): (key.value, key.enabled, sorted(str(plan.name) for plan in backend.get_usage_plans(key.id)))
        for key in backend.get_api_keys()
    }


@cache
def _template() -> cloud.Template:
    return cloud.received()


def _known_to_moto(properties: dict[str, Any]) -> dict[str, Any]:
    """Without what refers to the rest of the template: stages, limits, conditions."""
    others = ("ApiStages", "Quota", "Throttle", "SSESpecification")
    return {name: value for name, value in properties.items() if name not in others}
