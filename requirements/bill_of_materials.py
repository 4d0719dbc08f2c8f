"""Writes what is deployed as a bill of materials (CycloneDX 1.6): the Lambda layers', and the container's.

python -m requirements.bill_of_materials FOLDER. It reads the pins and the data that lie in the repository, and asks
nobody; the same tree gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
DATA: Final = ROOT / "layers" / "gateway" / "gateway" / "data"
BILLS: Final[Mapping[str, str]] = {
    "lambda": "layers/vendor/requirements.txt",
    "container": "requirements/container.txt",
}
"""By name, the pins that each is made of."""

LICENCES: Final[Mapping[str, str]] = {
    "annotated-doc": "MIT",
    "annotated-types": "MIT",
    "anyio": "MIT",
    "aws-lambda-powertools": "MIT-0",
    "boto3": "Apache-2.0",
    "botocore": "Apache-2.0",
    "certifi": "MPL-2.0",
    "charset-normalizer": "MIT",
    "click": "BSD-3-Clause",
    "h11": "MIT",
    "httpcore": "BSD-3-Clause",
    "httptools": "MIT",
    "httpx": "BSD-3-Clause",
    "idna": "BSD-3-Clause",
    "jmespath": "MIT",
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "pydantic": "MIT",
    "pydantic-core": "MIT",
    "pygments": "BSD-2-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "python-dotenv": "BSD-3-Clause",
    "pyyaml": "MIT",
    "regex": "Apache-2.0 AND CNRI-Python",
    "requests": "Apache-2.0",
    "rich": "MIT",
    "s3transfer": "Apache-2.0",
    "shellingham": "ISC",
    "six": "MIT",
    "tiktoken": "MIT",
    "typer": "MIT",
    "typing-extensions": "PSF-2.0",
    "typing-inspection": "MIT",
    "urllib3": "MIT",
    "uvicorn": "BSD-3-Clause",
    "uvloop": "Apache-2.0 OR MIT",
}
"""Of every package that is deployed, as SPDX says it. A test compares it with what the packages say of themselves."""
MAY_BE_PASSED_ON: Final = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
)
"""What an Apache-2.0 project may bundle unchanged."""
DATA_LICENCES: Final[Mapping[str, str]] = {
    "catalogue.tsv": "MIT",
    "providers.tsv": "MIT",
    "vocabularies/claude_2.zlib": "MIT",
    "vocabularies/deepseek_v3.zlib": "MIT",
    "vocabularies/gemma_3.zlib": "Apache-2.0",
    "vocabularies/o200k_base.zlib": "MIT",
    "vocabularies/qwen_3.zlib": "Apache-2.0",
    "vocabularies/tekken.zlib": "Apache-2.0",
}
"""models.dev's data, and vocabularies (gateway/data/vocabularies/README.md)."""

_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: *; *([^\\]+?))? *\\?$", re.MULTILINE)
_NOT_DEPLOYED: Final = "sys_platform == 'win32'"


@dataclass(frozen=True, slots=True)
class Pin:
    """A package, and the hashes of the files that it may come from."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pins(requirements: str) -> Iterator[Pin]:
    """What a file of pins installs on Linux. Raises ValueError for a pin without a hash."""
    found = list(_PIN.finditer(requirements))
    ends = [match.start() for match in found[1:]] + [len(requirements)]
    for match, end in zip(found, ends, strict=True):
        hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", requirements[match.end() : end]))
        if not hashes:
            raise ValueError(f"{match[1]} has no hash")
        if match[3] != _NOT_DEPLOYED:
            yield Pin(match[1].lower(), match[2], hashes)


def bill(name: str) -> dict[str, Any]:
    """The bill of this name."""
    libraries = [_library(pin) for pin in pins((ROOT / BILLS[name]).read_text(encoding="utf-8"))]
    images = [_image()] if name == "container" else []
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component("application", f"edgeway-{name}", "Apache-2.0")},
        "components": [*images, *libraries, *(_data(file) for file in DATA_LICENCES)],
    }


def _library(pin: Pin) -> dict[str, Any]:
    return {
        **_component("library", pin.name, LICENCES[pin.name], f"pkg:pypi/{pin.name}@{pin.version}"),
        "version": pin.version,
        "properties": [{"name": "edgeway:may-be-sha256", "value": value} for value in pin.hashes],
    }


def _data(file: str) -> dict[str, Any]:
    content = hashlib.sha256((DATA / file).read_bytes()).hexdigest()
    return {
        **_component("data", f"gateway/data/{file}", DATA_LICENCES[file]),
        "hashes": [{"alg": "SHA-256", "content": content}],
    }


def _image() -> dict[str, Any]:
    image = re.search(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    if image is None:
        raise ValueError("the Dockerfile starts from no image")
    return {"type": "container", "bom-ref": image[1], "name": image[1]}


def _component(kind: str, name: str, licence: str, reference: str = "") -> dict[str, Any]:
    identity = {"bom-ref": reference or name, **({"purl": reference} if reference else {})}
    return {"type": kind, "name": name, **identity, "licenses": [{"expression": licence}]}


def main(folder: Path) -> None:
    """Write every bill into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in BILLS:
        path = folder / f"{name}.cdx.json"
        path.write_text(json.dumps(bill(name), indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
