"""The templates as they are created: transformed by SAM, and their conditions decided.

All cases would be thousands. Of any three parameters, each combination of their values is in one of these.

`python -m tests.template.cases FOLDER` writes each case into a file that is named by its true conditions.
"""

from __future__ import annotations

import itertools
import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from tests.template.cloud import NESTED, Template, received, written

Truth = Mapping[str, bool]

_ABSENT = {"Ref": "AWS::NoValue"}
_GIVEN = "given"
"""The other value of a parameter that may be empty."""


def cases(template: Template) -> dict[str, Template]:
    """The templates that the conditions of this one make, by the names of those that are true."""
    decided = {_name(truth): truth for truth in _truths(template)}
    return {name: _created(template, truth) for name, truth in decided.items()}


def _name(truth: Truth) -> str:
    return "+".join(sorted(name for name, is_true in truth.items() if is_true)) or "none"


def _truths(template: Template) -> Iterator[Truth]:
    parameters = template["Parameters"]
    conditions = template.get("Conditions", {})
    names = sorted(parameters.keys() & _referred(conditions))
    choices = [parameters[name].get("AllowedValues") or ("", _GIVEN) for name in names]
    for values in covering([[str(value) for value in each] for each in choices]):
        chosen = dict(zip(names, values, strict=True))
        yield {name: _holds(condition, chosen) for name, condition in conditions.items()}


def covering(choices: Sequence[Sequence[str]], together: int = 3) -> Iterator[tuple[str, ...]]:
    """Rows with a value for each choice: any so many choices have each combination of their values in some row."""
    places = range(len(choices))
    together = min(together, len(choices))
    wanted = {
        tuple(zip(chosen, values, strict=True))
        for chosen in itertools.combinations(places, together)
        for values in itertools.product(*(choices[place] for place in chosen))
    }
    while wanted:
        row = dict(min(wanted))
        for place in places:
            if place not in row:
                row[place] = max(
                    choices[place], key=lambda value: _gain({**row, place: value}, place, together, wanted)
                )
        wanted -= set(itertools.combinations(sorted(row.items()), together))
        yield tuple(row[place] for place in places)


def _gain(row: Mapping[int, str], place: int, together: int, wanted: AbstractSet[tuple[tuple[int, str], ...]]) -> int:
    """How many wanted combinations a row has that hold this place."""
    others = [item for item in sorted(row.items()) if item[0] != place]
    found = itertools.combinations(others, together - 1)
    return sum(tuple(sorted((*each, (place, row[place])))) in wanted for each in found)


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
        case {"Fn::And": list(inner)}:
            return all(_holds(each, chosen) for each in inner)
        case {"Fn::Or": list(inner)}:
            return any(_holds(each, chosen) for each in inner)
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
    """Write each case, and each template with its conditions, which cfn-lint looks at by itself."""
    logging.disable(logging.WARNING)  # of a switch that the transform has on AWS only
    templates = {"template": received(), **{name: written(path) for name, path in NESTED.items()}}
    for template, conditional in templates.items():
        for name, case in {"conditional": conditional, **cases(conditional)}.items():
            (folder / f"{template}.{name}.json").write_text(json.dumps(case, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
