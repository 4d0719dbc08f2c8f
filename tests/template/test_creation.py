"""In which order CloudFormation creates the stack, in each case: what each resource needs is there, and comes first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest

from tests.template.cases import cases
from tests.template.cloud import Template

VARIABLE = re.compile(r"\$\{([\w:]+)(?:\.[\w.]+)?\}")
LOGS_ROLE = "SetsApiGatewayLogsRole"


@pytest.fixture(scope="module")
def created(received: Template) -> dict[str, Template]:
    return cases(received)


def referred(value: Any) -> Iterator[str]:
    """What Ref, Fn::GetAtt and Fn::Sub name, at any depth."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": str(text)}:
            yield from VARIABLE.findall(text)
        case dict():
            for each in value.values():
                yield from referred(each)
        case list():
            for each in value:
                yield from referred(each)
        case _:
            pass


def needs(case: Template) -> dict[str, set[str]]:
    """What each resource waits for."""
    found = {}
    for name, resource in case["Resources"].items():
        named = resource.get("DependsOn", [])
        found[name] = {*referred(resource), *([named] if isinstance(named, str) else named)}
    return found


def before(name: str, waits_for: dict[str, set[str]]) -> set[str]:
    """What is there when a resource is created, of what it needs itself or by others."""
    direct = waits_for.get(name, set())
    return direct.union(*(before(each, waits_for) for each in direct))


def test_every_value_of_every_condition_is_a_case(received: Template, created: dict[str, Template]) -> None:
    """WritesDomain is false wherever HasDomain is; of the rest there is everything."""
    assert received["Conditions"].keys() == {
        "SendsAlarms", "ReservesConcurrency", "HasDomain", "WritesDomain", "HasFirewall", LOGS_ROLE,
    }  # fmt: skip
    assert len(created) == 3 * 2**4


def test_whatever_a_resource_or_an_output_needs_is_there(created: dict[str, Template]) -> None:
    missing = {}
    for name, case in created.items():
        there = case["Resources"].keys() | case["Parameters"].keys()
        named = set().union(*needs(case).values()) | {*referred(case["Outputs"])}
        missing[name] = {each for each in named - there if not each.startswith("AWS::")}
    assert {name: names for name, names in missing.items() if names} == {}


def test_nothing_waits_for_itself(created: dict[str, Template]) -> None:
    for case in created.values():
        assert len([*TopologicalSorter(needs(case)).static_order()]) >= len(case["Resources"])


def test_a_stage_waits_for_the_right_to_log_and_that_for_an_api(created: dict[str, Template]) -> None:
    """An access log without the account's role is refused, and so is that setting in an account without an API."""
    of_account = {"Api", "ApiGatewayAccount", "ApiGatewayLogsRole"}
    found = {}
    for name, case in created.items():
        waits_for = needs(case)
        stage = before("ApiProdStage", waits_for)
        found[name] = (stage & of_account, before("ApiGatewayAccount", waits_for) & of_account)
    with_role = (of_account, {"Api", "ApiGatewayLogsRole"})
    without = ({"Api"}, set[str]())
    assert found == {name: with_role if LOGS_ROLE in name else without for name in created}


def test_the_stage_carries_no_variable_that_api_gateway_refuses(created: dict[str, Template]) -> None:
    """Letters, digits and a few signs; a condition must not leave an empty text."""
    values = {
        json.dumps(case["Resources"]["ApiProdStage"]["Properties"]["Variables"], sort_keys=True)
        for case in created.values()
    }
    assert values == {'{"account": "given"}', '{"account": {"Ref": "ApiGatewayAccount"}}'}
