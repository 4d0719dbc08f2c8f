"""The templates as they are created: transformed by SAM, and their conditions decided, in every case that there is.

`python -m tests.template.cases FOLDER` writes each case into a file that is named by its true conditions.
"""

from __future__ import annotations

import itertools
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.template.cloud import NESTED, Template, received, written

Truth = Mapping[str, bool]

_ABSENT = {"Ref": "AWS::NoValue"}
_GIVEN = "given"
"""The other value of a parameter that may be empty."""


def cases(template: Template) -> dict[str, Template]:
    """Every template that the conditions of this one can make, by the names of those that are true."""
    decided = {_name(truth): truth for truth in _truths(template)}
    return {name: _created(template, truth) for name, truth in decided.items()}


def _name(truth: Truth) -> str:
    return "+".join(sorted(name for name, is_true in truth.items() if is_true)) or "none"


def _truths(template: Template) -> Iterator[Truth]:
    parameters = template["Parameters"]
    conditions = template.get("Conditions", {})
    names = sorted(parameters.keys() & _referred(conditions))
    choices = [parameters[name].get("AllowedValues") or ("", _GIVEN) for name in names]
    for values in itertools.product(*choices):
        chosen = dict(zip(names, values, strict=True))
        yield {name: _holds(condition, chosen) for name, condition in conditions.items()}


def _referred(value: Any) -> set[str]:
    match value:
        case {"Ref": str(name)}:
            return {name}
        case dict():
            return set().union(*map(_referred, value.values()))
        case list():
            return set().union(*map(_referred, value))
        case _:
            return set()


def _holds(condition: Any, chosen: Mapping[str, str]) -> bool:
    match condition:
        case {"Fn::Equals": [{"Ref": name}, value]}:
            return chosen[name] == str(value)
        case {"Fn::Not": [inner]}:
            return not _holds(inner, chosen)
        case _:
            raise ValueError(f"a condition of a kind that the template has not had: {condition}")


def _created(template: Template, truth: Truth) -> Template:
    sections = {name: section for name, section in template.items() if name not in ("Conditions", "Rules")}
    for section in template.keys() & {"Resources", "Outputs"}:
        sections[section] = {
            name: {key: value for key, value in each.items() if key != "Condition"}
            for name, each in template[section].items()
            if "Condition" not in each or truth[each["Condition"]]
        }
    created: Template = _decided(sections, truth)
    return created


def _decided(value: Any, truth: Truth) -> Any:
    match value:
        case {"Fn::If": [condition, then, otherwise]}:
            return _decided(then if truth[condition] else otherwise, truth)
        case dict():
            inner = {name: _decided(each, truth) for name, each in value.items()}
            return {name: each for name, each in inner.items() if each != _ABSENT}
        case list():
            return [each for each in (_decided(each, truth) for each in value) if each != _ABSENT]
        case _:
            return value


def main(folder: Path) -> None:
    """Write every case, and each template with its conditions, which cfn-lint looks at by itself."""
    logging.disable(logging.WARNING)  # of a switch that the transform has on AWS only
    templates = {"template": received(), **{name: written(path) for name, path in NESTED.items()}}
    for template, conditional in templates.items():
        for name, case in {"conditional": conditional, **cases(conditional)}.items():
            (folder / f"{template}.{name}.json").write_text(json.dumps(case, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
