"""In which order CloudFormation creates the stack, in each case: what each resource needs is there, and comes first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import combinations, product
from typing import Any

import pytest

from tests.template.cases import cases
from tests.template.cloud import NESTED, ROOT, Template, of_type, written

VARIABLE = re.compile(r"\$\{([\w:]+)(?:\.[\w.]+)?\}")
LOGS_ROLE = "SetsApiGatewayLogsRole"
CONDITIONS = {
    *("ReservesConcurrency", "HasDomain", "HasFirewall", "KeysInSecretsManager", "HasManagedTableKey", LOGS_ROLE),
    *("RunsOnArm", "RunsOnIntel"),
    "KeepsLargeAnswers",
    *("UsesBedrock", "UsesClaudePlatform"),
    *("RunsInVpc", "IsPrivate", "HasOnlyDomain", "HasBoundary"),
}


@pytest.fixture(scope="module")
def created(received: Template) -> dict[str, Template]:
    return cases(received)


@pytest.fixture(scope="module")
def all_created(created: dict[str, Template]) -> dict[str, Template]:
    """Those of the nested stacks too."""
    nested = {f"{stack}: {name}": case for stack, path in NESTED.items() for name, case in cases(written(path)).items()}
    return {**created, **nested}


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


def test_whatever_three_conditions_are_together_is_a_case(received: Template, all_created: dict[str, Template]) -> None:
    conditions = received["Conditions"].keys()
    assert conditions == CONDITIONS
    true = [{*name.split("+")} & conditions for name in all_created if ":" not in name]
    for three in combinations(sorted(conditions - {"RunsOnIntel"}), 3):  # the opposite of RunsOnArm
        assert {tuple(condition in each for condition in three) for each in true} == {*product((False, True), repeat=3)}
    assert sorted(name for name in all_created if ":" in name) == [
        *("domain: WritesDomain", "domain: none", "firewall: none", "operations: SendsAlarms", "operations: none")
    ]


def test_a_nested_stack_is_given_what_it_asks_for(received: Template) -> None:
    stacks = of_type(written(), "AWS::CloudFormation::Stack")
    paths = {name: ROOT / stack["TemplateURL"] for name, stack in stacks.items()}
    assert sorted(paths.values()) == sorted(NESTED.values())
    given = {name: stack["Parameters"] for name, stack in of_type(received, "AWS::CloudFormation::Stack").items()}
    other = {"Service": "AWS::StackName", "Stage": "ApiProdStage"}  # all else has the same name in both
    assert given == {
        stack: {name: {"Ref": other.get(name, name)} for name in written(path)["Parameters"]}
        for stack, path in paths.items()
    }


def test_whatever_a_resource_or_an_output_needs_is_there(all_created: dict[str, Template]) -> None:
    missing = {}
    for name, case in all_created.items():
        there = case["Resources"].keys() | case["Parameters"].keys()
        named = set().union(*needs(case).values()) | {*referred(case.get("Outputs"))}
        missing[name] = {each for each in named - there if not each.startswith("AWS::")}
    assert {name: names for name, names in missing.items() if names} == {}


def test_nothing_waits_for_itself(all_created: dict[str, Template]) -> None:
    for case in all_created.values():
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
