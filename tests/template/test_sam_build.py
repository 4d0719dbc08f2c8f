"""What `make sam-build` makes: that it holds all that Lambda needs, seen by the Python that Lambda runs."""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.managed_runtime import LIBRARIES, find_python313, make
from tests.template.cloud import ROOT, Template, of_type, written

pytestmark = [pytest.mark.sam, pytest.mark.timeout(600)]

FUNCTIONS = [
    "AuthorizerFunction",
    "MessagesFunction",
    "CountTokensFunction",
    "ModelsFunction",
    "UsageFunction",
    "HealthFunction",
]
VENDOR = {"arm64": "VendorArmLayer", "x86_64": "VendorIntelLayer"}
LAYERS = ["RuntimeLayer", "TranslatorLayer", "GatewayLayer", *VENDOR.values()]
HERE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
PLATFORMS = {"arm64": "aarch64", "x86_64": "x86_64"}
"""What wheels call an architecture."""

IMPORT_HANDLER = """
import importlib, sys
handler, *sys.path[:0] = sys.argv[1:]
module, name = handler.rsplit(".", 1)
assert callable(getattr(importlib.import_module(module), name))
"""

MACHINES = {"arm64": 183, "x86_64": 62}
"""In the header of an ELF file."""
HASH_UNCHECKED = (1).to_bytes(4, "little")  # bit 0: carries a hash; bit 1, not set: is checked against its source


@pytest.fixture(scope="module")
def python313() -> str:
    found = find_python313()
    if not found and os.environ.get("CI") != "true":
        pytest.skip("no python3.13, neither on the PATH nor among pyenv's versions")
    assert found, "CI without python3.13 does not see what is deployed"
    return found


@pytest.fixture(scope="module")
def made(python313: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What was built, and what the build has said."""
    folder = tmp_path_factory.mktemp("sam") / "build"
    built = make("sam-build", "SAM_BUILD_FLAGS=--no-cached", f"BUILD_DIR={folder}")
    assert built.returncode == 0, built.stderr
    return folder, built.stdout


@pytest.fixture(scope="module")
def build(made: tuple[Path, str]) -> Path:
    return made[0]


@pytest.fixture(scope="module")
def built(build: Path) -> Template:
    return written(build / "template.yaml")


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands for the managed runtime's own libraries, which come last on the path."""
    folder = tmp_path_factory.mktemp("managed")
    for library in LIBRARIES:
        (folder / library).symlink_to(Path(sysconfig.get_path("purelib")) / library)
    return folder


def resolved(value: str | dict[str, str], template: Template) -> str:
    """A value of an environment variable as CloudFormation might give it."""
    match value:
        case {"Ref": name} if name in template["Parameters"]:
            return str(template["Parameters"][name]["Default"])
        case {"Ref": _}:
            return "resolved"
        case {"Fn::Sub": text}:
            return re.sub(r"\$\{.*?\}", "resolved", text)
        case _:
            return str(value)


def environment_of(function: dict[str, Any], template: Template) -> dict[str, str]:
    variables = dict(template["Globals"]["Function"]["Environment"]["Variables"])
    variables |= function.get("Environment", {}).get("Variables", {})
    of_lambda = dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), "eu-central-1") | {"_HANDLER": "app.handler"}
    return of_lambda | {name: resolved(value, template) for name, value in variables.items()}


def imported(build: Path, built: Template, managed: Path, python313: str, name: str) -> tuple[str, str, int]:
    """What importing a function's handler prints, what it complains of, and how it ends."""
    function = of_type(built, "AWS::Serverless::Function")[name]
    layers = of_type(built, "AWS::Serverless::LayerVersion")
    roots = [build / function["CodeUri"]]
    named = [layer.get("Ref", VENDOR[HERE]) for layer in function.get("Layers", [])]
    roots += [build / layers[layer]["ContentUri"] / "python" for layer in named]
    handler = function.get("Handler", built["Globals"]["Function"]["Handler"])
    # -I and -S: neither this environment's libraries nor the interpreter's own, only its standard library
    ran = subprocess.run(
        [python313, "-I", "-S", "-B", "-c", IMPORT_HANDLER, handler, *roots, managed],
        env=environment_of(function, built),
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout, ran.stderr, ran.returncode


def test_sam_finds_nothing_wrong() -> None:
    validated = make("validate")
    assert validated.returncode == 0, validated.stdout + validated.stderr


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_imports_from_its_folder_and_its_layers_alone(
    build: Path, built: Template, managed: Path, python313: str, name: str
) -> None:
    assert imported(build, built, managed, python313, name) == ("", "", 0)


def test_what_is_deployed_has_none_of_yamls_own_references(build: Path, built: Template) -> None:
    """CloudFormation refuses them."""
    tokens = {type(token) for token in yaml.scan((build / "template.yaml").read_text())}
    assert tokens & {yaml.AliasToken, yaml.AnchorToken} == set()
    responses, expected = (
        template["Resources"]["Api"]["Properties"]["GatewayResponses"] for template in (built, written())
    )
    assert responses == expected


def test_the_stacks_within_are_built_as_they_are_written(build: Path, built: Template) -> None:
    stacks = of_type(written(), "AWS::CloudFormation::Stack")
    laid = of_type(built, "AWS::CloudFormation::Stack")
    assert {name: written(build / stack["TemplateURL"]) for name, stack in laid.items()} == {
        name: written(ROOT / stack["TemplateURL"]) for name, stack in stacks.items()
    }


@pytest.mark.parametrize("architecture", VENDOR)
def test_every_compiled_library_is_for_the_architecture_of_its_layer(build: Path, architecture: str) -> None:
    """By the wheels' tags, by the names of the modules, and by what the files themselves say to a loader."""
    folder = build / VENDOR[architecture] / "python"
    tags = {
        tag.rpartition("-")[2]
        for wheel in folder.glob("*.dist-info/WHEEL")
        for tag in re.findall(r"^Tag: (.+)$", wheel.read_text(), re.MULTILINE)
    }
    assert {tag for tag in tags if not re.fullmatch(rf"any|manylinux\w+_{PLATFORMS[architecture]}", tag)} == set()
    modules = sorted(folder.rglob("*.so*"))
    assert len(modules) >= 5
    for module in modules:
        assert module.name.endswith(f".cpython-313-{PLATFORMS[architecture]}-linux-gnu.so")
        assert int.from_bytes(module.read_bytes()[18:20], "little") == MACHINES[architecture]


def test_the_build_says_how_large_it_is(made: tuple[Path, str]) -> None:
    sizes = re.findall(r"^(\w+): (\d+) MB$", made[1], re.MULTILINE)
    assert sorted(name for name, _ in sizes) == sorted(["MessagesFunction", *LAYERS])
    larger = max(int(megabytes) for name, megabytes in sizes if name in VENDOR.values())
    total = larger + sum(int(megabytes) for name, megabytes in sizes if name not in VENDOR.values())
    assert f"together {total} MB, of 60 MB (Lambda takes 250 MB)" in made[1].splitlines()


def test_a_build_that_is_too_large_fails(build: Path) -> None:
    rebuilt = make("sam-build", f"BUILD_DIR={build.with_name('again')}", "SIZE_LIMIT_MB=1")
    assert rebuilt.returncode != 0
    assert "of 1 MB (Lambda takes 250 MB)" in rebuilt.stdout


def test_deploying_without_the_python_of_lambda_says_so_first() -> None:
    refused = make("deploy", "PYTHON313=")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("sam build needs python3.13, the version that Lambda runs: install it")


def test_the_wrapper_lies_where_the_messages_function_looks_and_may_be_run(build: Path) -> None:
    mode = (build / "RuntimeLayer" / "streaming-bootstrap").stat().st_mode
    assert stat.S_IMODE(mode) == 0o755


def test_the_operators_file_lies_beside_the_gateway_as_a_file(build: Path) -> None:
    laid = build / "GatewayLayer" / "python" / "edgeway.toml"
    assert not laid.is_symlink()
    assert laid.read_bytes() == (ROOT / "edgeway.toml").read_bytes()


@pytest.mark.parametrize("layer", LAYERS)
def test_no_module_of_a_layer_is_compiled_again_on_lambda(build: Path, layer: str) -> None:
    sources = sorted((build / layer / "python").rglob("*.py"))
    compiled = [source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc" for source in sources]
    assert sources != []
    assert [path for path in compiled if not path.is_file() or path.read_bytes()[4:8] != HASH_UNCHECKED] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_lambda_runs_is_what_was_compiled(
    build: Path, built: Template, managed: Path, python313: str, name: str, tmp_path: Path
) -> None:
    layers = shutil.copytree(build, tmp_path / "build", symlinks=True)
    for source in layers.glob("*Layer/python/**/*.py"):
        source.write_text("this is no Python, and nobody may read it")
    assert imported(layers, built, managed, python313, name) == ("", "", 0)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_holds_nothing_compiled_for_another_python(build: Path, layer: str) -> None:
    assert [path for path in (build / layer).rglob("*.pyc") if not path.name.endswith(".cpython-313.pyc")] == []
