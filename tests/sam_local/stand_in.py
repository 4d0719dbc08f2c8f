"""Builds a stand-in for Lambda's Python image from what this machine has: python3.13 tests/sam_local/stand_in.py IMAGE.

For where AWS's own image cannot be pulled. It holds this interpreter, the shared libraries that it needs, a shell and
the few tools with which SAM puts its layers on top, and AWS's own runtime interface client and boto3 in /var/runtime.
Paths, environment and the order of sys.path are those of public.ecr.aws/lambda/python:3.13.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
REQUIREMENTS: Final = HERE.parents[1] / "requirements" / "sam-image.txt"

MERGED: Final = ("bin", "lib", "lib64")  # links into /usr, as on this machine
EMPTY: Final = ("dev", "etc/ssl/certs", "opt", "proc", "root", "sys", "tmp", "usr/bin", "var/rapid", "var/task")
TOOLS: Final = ("sh", "cat", "chmod", "cp", "env", "ls", "mkdir", "mv", "rm", "sleep")
NOT_IN_LAMBDA: Final = (
    "test",
    "idlelib",
    "tkinter",
    "_tkinter.*",
    "turtledemo",
    "ensurepip",
    "config-3.13-*",
    "__pycache__",
)
NOT_OF_PYTHON: Final = ("site-packages", "dist-packages")
ASSUMED: Final = (
    *("libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libgcc_s.so.1", "libstdc++.so.6"),
    *("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"),
)
"""Libraries that every wheel may take for granted (manylinux), and those that glibc opens to find an address."""

CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
FILES: Final[Mapping[str, str]] = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nsbx_user1051:x:993:990::/home/sbx_user1051:/bin/sh\n",
    "etc/group": "root:x:0:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}
LIBRARY_PATH: Final = (
    "/var/lang/lib",
    "/lib64",
    "/usr/lib64",
    "/var/runtime",
    "/var/runtime/lib",
    "/var/task",
    "/opt/lib",
)
SETTINGS: Final = (
    "ENV LANG=en_US.UTF-8",
    "ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
    f"ENV LD_LIBRARY_PATH={':'.join(LIBRARY_PATH)}",
    "ENV LAMBDA_TASK_ROOT=/var/task",
    "ENV LAMBDA_RUNTIME_DIR=/var/runtime",
    "WORKDIR /var/task",
    'ENTRYPOINT ["/lambda-entrypoint.sh"]',
)
LIBRARY: Final = re.compile(r"(?:=> |^\s*)(/\S+) \(0x", re.MULTILINE)


def build(image: str) -> None:
    """Make the image, and let the engine have it under this name, with a label of the same name."""
    with tempfile.TemporaryDirectory(prefix="edgeway-image-") as folder:
        root = Path(folder)
        _lay_folders(root)
        _lay_python(root)
        _lay_runtime(root)
        _lay_libraries(root)
        _import(root, image)


def _lay_folders(root: Path) -> None:
    for name in MERGED:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for name in EMPTY:
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for name, text in FILES.items():
        (root / name).write_text(text)
    if CERTIFICATES.exists():
        shutil.copy(CERTIFICATES, root / "etc/ssl/certs")
    for tool in TOOLS:
        shutil.copy(str(shutil.which(tool)), root / "usr/bin" / tool)


def _lay_python(root: Path) -> None:
    """This interpreter, under the prefix that it has on Lambda; it finds its library by where it lies."""
    lang = root / "var/lang"
    (lang / "bin").mkdir(parents=True)
    shutil.copy(Path(sys.executable).resolve(), lang / "bin/python3.13")
    for name in ("python", "python3"):
        (lang / "bin" / name).symlink_to("python3.13")
    ignored = shutil.ignore_patterns(*NOT_IN_LAMBDA, *NOT_OF_PYTHON)
    shutil.copytree(sysconfig.get_path("stdlib"), lang / "lib/python3.13", ignore=ignored, symlinks=True)
    for library in Path(sysconfig.get_config_var("LIBDIR")).glob("libpython3.13.so*"):
        shutil.copy(library, lang / "lib")


def _lay_runtime(root: Path) -> None:
    shutil.copytree(HERE / "image", root, dirs_exist_ok=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--root-user-action=ignore",
    ]
    _run(
        *pip, "--no-deps", "--require-hashes", "--target", str(root / "var/runtime"), "--requirement", str(REQUIREMENTS)
    )


def _lay_libraries(root: Path) -> None:
    """Whatever the tools, the interpreter and its extensions are linked with."""
    binaries = [*(root / "usr/bin").iterdir(), root / "var/lang/bin/python3.13", *(root / "var").rglob("*.so")]
    needed = {Path(path) for binary in binaries for path in LIBRARY.findall(_output("ldd", str(binary)))}
    for library in needed | set(_by_name(ASSUMED)):
        laid = root / library.relative_to("/")
        if not library.name.startswith("libpython"):
            laid.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, laid)


def _by_name(names: Iterable[str]) -> Iterable[Path]:
    cached = _output("/sbin/ldconfig", "-p")
    for name in names:
        if found := re.search(rf"^\s*{re.escape(name)} \(libc6,x86-64\) => (\S+)", cached, re.MULTILINE):
            yield Path(found[1])


def _import(root: Path, image: str) -> None:
    changes = [word for setting in (*SETTINGS, f"LABEL {image.partition(':')[0]}=true") for word in ("-c", setting)]
    tar = ["tar", "-C", str(root), "--owner=0", "--group=0", "-cf", "-", "."]
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packed:
        subprocess.run(
            ["docker", "import", *changes, "-", image],
            stdin=packed.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _output(*command: str) -> str:
    """What it prints; of a file that is no dynamic executable ldd says so, with a status of its own."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    build(sys.argv[1])
