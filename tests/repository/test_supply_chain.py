"""What is deployed is known: its licences, its bill of materials, and what an audit that saw nothing says of it."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from requirements.audit import FOUND, UNKNOWN, verdict
from requirements.bill_of_materials import (
    BILLS,
    DATA,
    DATA_LICENCES,
    LICENCES,
    MAY_BE_PASSED_ON,
    bill,
    main,
    pins,
)
from tests.running import ROOT

DEPLOYED = {pin.name: pin for file in BILLS.values() for pin in pins((ROOT / file).read_text())}
SAID: dict[str, set[str]] = {
    "MIT": {"MIT", "MIT License"},
    "MIT-0": {"MIT No Attribution License (MIT-0)"},
    "Apache-2.0": {"Apache-2.0", "Apache License 2.0", "Apache Software License"},
    "MPL-2.0": {"MPL-2.0"},
    "BSD-3-Clause": {"BSD-3-Clause", "BSD License"},
    "ISC": {"ISC License"},
}
"""How packages say an identifier of SPDX in fields that are older than it."""


def told(package: str) -> set[str]:
    """What a package says of its licence, in any of the three places for it."""
    found = metadata.metadata(package)
    classifiers = found.get_all("Classifier") or []
    return {
        str(found.json.get("license_expression")),
        str(found.json.get("license")).partition("\n")[0],
        *(each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License")),
    }


@pytest.mark.parametrize("package", DEPLOYED)
def test_a_package_has_the_licence_that_we_note(package: str) -> None:
    assert metadata.version(package) == DEPLOYED[package].version
    noted, said = LICENCES[package], told(package)
    parts = re.split(" OR | AND ", noted)
    assert noted in said or all(said & SAID[part] for part in parts)


def test_what_is_bundled_may_be_passed_on() -> None:
    assert set(LICENCES) == set(DEPLOYED)
    bundled = {
        part for noted in (*LICENCES.values(), *DATA_LICENCES.values()) for part in re.split(" OR | AND ", noted)
    }
    assert bundled - MAY_BE_PASSED_ON == set()


def test_all_data_is_noted_and_vocabularies_say_the_same() -> None:
    files = {str(path.relative_to(DATA)) for path in DATA.rglob("*") if path.suffix in (".tsv", ".zlib")}
    assert files == set(DATA_LICENCES)
    readme = (DATA / "vocabularies" / "README.md").read_text()
    rows = dict(re.findall(r"^\| `(\S+\.zlib)` \|.*\| ((?:MIT|Apache-2\.0)), [^|]*\|$", readme, re.MULTILINE))
    assert {f"vocabularies/{name}": licence for name, licence in rows.items()} == {
        file: licence for file, licence in DATA_LICENCES.items() if file.endswith(".zlib")
    }


@pytest.mark.parametrize("name", BILLS)
def test_a_bill_names_all_that_is_pinned(name: str, tmp_path: Path) -> None:
    main(tmp_path)
    written = json.loads((tmp_path / f"{name}.cdx.json").read_text())
    assert written == bill(name)
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    pinned = [line for line in (ROOT / BILLS[name]).read_text().splitlines() if "==" in line and "win32" not in line]
    libraries = [each for each in written["components"] if each["type"] == "library"]
    assert [f"{each['name']}=={each['version']}" for each in libraries] == [line.split()[0] for line in pinned]
    references = [each["bom-ref"] for each in written["components"]]
    assert len(set(references)) == len(references)
    assert [each["name"] for each in written["components"] if each["type"] == "container"] == (
        ["python:3.13-slim"] if name == "container" else []
    )


def test_a_pin_without_a_hash_is_an_error() -> None:
    with pytest.raises(ValueError, match="two has no hash"):
        list(pins(f"one==1 \\\n    --hash=sha256:{'0' * 64}\ntwo==2\n"))


def package(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "version": "1", "vulns": [], **more}


@pytest.mark.parametrize(
    ("printed", "status", "last"),
    [
        ("", UNKNOWN, "no advisory data could be reached: nothing was audited"),
        ("[]", UNKNOWN, "no advisory data could be reached: nothing was audited"),
        (json.dumps({"dependencies": []}), UNKNOWN, "0 packages could not be audited"),
        (json.dumps({"dependencies": [package("a")]}), 0, "1 packages, no known vulnerability"),
        (
            json.dumps({"dependencies": [package("a"), {"name": "b", "skip_reason": "not found"}]}),
            UNKNOWN,
            "1 packages could not be audited",
        ),
        (
            json.dumps({"dependencies": [package("a", vulns=[{"id": "CVE-1"}]), {"name": "b", "skip_reason": "?"}]}),
            FOUND,
            "a 1: CVE-1",
        ),
    ],
)
def test_an_audit_that_saw_nothing_is_no_good_news(printed: str, status: int, last: str) -> None:
    found, lines = verdict(printed)
    assert (found, lines[-1]) == (status, last)
