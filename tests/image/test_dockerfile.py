"""What the Dockerfile says; that it works is tested where there is an engine (`make image-test`)."""

from __future__ import annotations

import json
import re

from tests.image.dockerfile import copied, ignored, instructions, said
from tests.running import ROOT
from tests.template.cloud import Template

PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / "requirements" / file).read_text()))


def test_it_runs_the_python_that_lambda_runs(received: Template) -> None:
    runtimes = {
        resource["Properties"]["Runtime"]
        for resource in received["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    assert {said("FROM")} == {runtime.replace("python", "python:") + "-slim" for runtime in runtimes}


def test_the_engine_is_sent_what_is_copied_and_nothing_else() -> None:
    let_in, _ = ignored()
    assert sorted(let_in) == copied()


def test_what_is_installed_is_pinned_with_hashes_and_is_what_is_tested() -> None:
    (install, _) = [instruction.words for instruction in instructions() if instruction.name == "RUN"]
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(install.split())
    shipped, tested = pins("container.txt"), pins("dev.txt")
    assert shipped == {name: tested[name] for name in shipped}
    assert shipped.keys() >= {"uvicorn", "httpx", "pydantic", "boto3"}


def test_its_user_is_not_root_and_it_serves() -> None:
    names = [instruction.name for instruction in instructions()]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", said("USER"))
    assert "RUN" not in names[names.index("USER") :]
    assert json.loads(said("ENTRYPOINT")) + json.loads(said("CMD")) == ["python", "-m", "edgeway", "serve"]
