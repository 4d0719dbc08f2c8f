"""The image that the Dockerfile starts from: the real one, or one that stands in for it where there is no registry."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.image.dockerfile import said
from tests.sam_local.engine import docker, has_real, our_image

STAND_IN = """
FROM {ours}
COPY pip /var/lang/lib/python3.13/site-packages/pip
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt
WORKDIR /
ENTRYPOINT []
"""
"""Our image of Lambda's runtime with pip in it; it trusts what this machine trusts."""


@contextmanager
def base_image(python313: str) -> Iterator[str]:
    """Let the engine have the image, and say which."""
    name = said("FROM")
    if has_real(name):
        yield f"the real {name}"
        return
    with our_image(python313) as ours, tempfile.TemporaryDirectory() as folder:
        where = [python313, "-c", "import pip; print(*pip.__path__)"]
        pip = subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip()
        shutil.copytree(pip, Path(folder, "pip"), ignore=shutil.ignore_patterns("__pycache__"))
        Path(folder, "Dockerfile").write_text(STAND_IN.format(ours=ours))
        docker("build", "--tag", name, folder)
        yield f"a stand-in for {name}, which cannot be pulled here"
