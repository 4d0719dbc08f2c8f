"""template.yaml as it is written, and as CloudFormation receives it: SAM's own transform, run without AWS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

Template = dict[str, Any]

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"
NESTED = {path.stem: path for path in sorted((ROOT / "stacks").glob("*.yaml"))}
"""The templates of the stacks within the stack, which CloudFormation receives as they are written."""


_UPLOADED = {
    "CodeUri": "s3://bucket/object",
    "ContentUri": "s3://bucket/object",
    "TemplateURL": "https://bucket.s3.amazonaws.com/object",
}


class NoManagedPolicies:
    """Stands for IAM's list of managed policies, which SAM asks for only where a template names one."""

    def load(self) -> dict[str, str]:
        return {}


def written(path: Path = TEMPLATE) -> Template:
    """A template with its intrinsic functions in their long form: !Ref Table is {"Ref": "Table"}."""
    template: Template = yaml_parse(path.read_text())
    return template


def received() -> Template:
    """The template after SAM's transform. Where files will lie matters to no test, so each is one object."""
    template = written()
    for resource in template["Resources"].values():
        for name, address in _UPLOADED.items():
            if name in resource["Properties"]:
                resource["Properties"][name] = address
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        environment.delenv("AWS_PROFILE", raising=False)  # the transform opens a session, which wants to know it
        cloud: Template = transform(template, {}, NoManagedPolicies())
    return cloud


def of_type(template: Template, resource_type: str) -> dict[str, Template]:
    """The properties of every resource of one type, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == resource_type
    }
