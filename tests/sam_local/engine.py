"""The Docker engine and the image of Lambda's runtime: python -m tests.sam_local.engine makes both ready."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.running import ROOT

IMAGE: Final = "public.ecr.aws/lambda/python:3.13-x86_64"
"""The name under which SAM looks for Lambda's runtime."""
STAND_IN: Final = "edgeway/lambda-python-stand-in"
"""The repository of our own image, and the label that it and everything made from it carries."""
INSTALL: Final = "apt-get install -y --no-install-recommends docker.io iptables"
START_LIMIT: Final = 30.0


class CannotRunError(Exception):
    """This machine lacks something; the message says what."""


def docker(*words: str) -> str:
    """What the command printed. Raises `CalledProcessError`."""
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.strip()


def ensure_engine() -> None:
    """Install and start the engine where it is absent, which takes root and Debian. It stays running."""
    if engine_answers():
        return
    if platform.system() != "Linux" or os.geteuid() != 0:
        raise CannotRunError(
            "the Docker engine does not answer: start it (only root can have it installed and started)"
        )
    if shutil.which("dockerd") is None:
        if shutil.which("apt-get") is None:
            raise CannotRunError("there is no Docker engine, and no apt-get to install one with")
        say("installing the Docker engine from Debian")
        for command in ("apt-get update -qq", f"{INSTALL} -qq"):
            run_quietly(command)
    log = Path(tempfile.gettempdir()) / "edgeway-dockerd.log"
    say(f"starting the Docker engine; it logs to {log}")
    with log.open("ab") as output:
        subprocess.Popen(["dockerd"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    until = time.monotonic() + START_LIMIT
    while not engine_answers():
        if time.monotonic() > until:
            raise CannotRunError(f"the Docker engine does not start: {log.read_text().splitlines()[-1]}")
        time.sleep(0.2)


def engine_answers() -> bool:
    """Whether there is an engine that this user may use."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def run_quietly(command: str) -> None:
    """Run it, and show what it printed only if it fails."""
    ran = subprocess.run(command.split(), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if ran.returncode:
        raise CannotRunError(f"{command} failed: {ran.stderr.strip().splitlines()[-1:]}")


def host_addresses() -> tuple[str, str]:
    """The address of this machine for containers, and the one to listen on for that."""
    (subnet,) = json.loads(docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"))
    gateway = subnet.get("Gateway") or str(next(ipaddress.ip_network(subnet["Subnet"]).hosts()))
    try:
        with socket.create_server((gateway, 0)):
            return gateway, gateway
    except OSError:  # the engine runs in a virtual machine, as Docker Desktop's does
        return "host.docker.internal", "127.0.0.1"


@contextmanager
def runtime_image(python313: str) -> Iterator[str]:
    """Let the engine have an image of Lambda's runtime, and say which: AWS's own, or for this block our stand-in."""
    if has_real(IMAGE):
        yield "AWS's image"
        return
    if is_there(IMAGE) and is_there(stand_in()) and identity(IMAGE) == identity(stand_in()):
        yield "the stand-in, as another has made it ready"
        return
    with our_image(python313) as name:
        docker("tag", name, IMAGE)
        yield f"the stand-in {name}, since AWS's image cannot be pulled here"


def has_real(image: str) -> bool:
    """Whether the engine has the image of this name that its makers publish, or can pull it."""
    if is_there(image) and not is_stand_in(image):
        return True
    return subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, check=False).returncode == 0


@contextmanager
def our_image(python313: str) -> Iterator[str]:
    """Let the engine have our own image, which is kept; what was made from it goes at the end of the block."""
    name = stand_in()
    if not is_there(name):
        subprocess.run([python313, str(Path(__file__).with_name("stand_in.py")), name], check=True)
    try:
        yield name
    finally:
        remove_all_but(name)


def stand_in() -> str:
    """The name of our own image: its version is what it is made of."""
    files = [path for path in Path(__file__).with_name("image").rglob("*") if path.is_file()]
    files += [Path(__file__).with_name("stand_in.py"), ROOT / "requirements" / "sam-image.txt"]
    contents = b"".join(path.read_bytes() for path in sorted(files))
    return f"{STAND_IN}:{hashlib.sha256(contents).hexdigest()[:12]}"


def is_there(image: str) -> bool:
    """Whether the engine has the image."""
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def identity(image: str) -> str:
    """What an image is, whatever it is called."""
    return docker("image", "inspect", image, "--format", "{{.Id}}")


def is_stand_in(image: str) -> bool:
    """Whether the image is ours, or made from ours."""
    return bool(docker("image", "inspect", image, "--format", f'{{{{index .Config.Labels "{STAND_IN}"}}}}'))


def remove_all_but(kept: str) -> None:
    """Take the other names away: AWS's, which the real image may want, and SAM's, whose layers lie on top of ours."""
    names = docker("images", "--filter", f"label={STAND_IN}", "--format", "{{.Repository}}:{{.Tag}}").splitlines()
    for name in names:
        if name != kept and not name.endswith(":<none>"):
            docker("rmi", name)


def say(words: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    try:
        ensure_engine()
    except CannotRunError as error:
        sys.exit(f"This needs the Docker engine, and cannot run here: {error}. Nothing was run.")
