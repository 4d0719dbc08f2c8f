"""The Dockerfile as data: its instructions, and what of this repository it may see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tests.running import ROOT


class Instruction(NamedTuple):
    """One instruction, with its words as they stand."""

    name: str
    words: str


def instructions() -> list[Instruction]:
    """The instructions of the Dockerfile, in their order."""
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / "Dockerfile").read_text()).replace("\\\n", " ")
    return [Instruction(*line.split(" ", 1)) for line in text.splitlines() if line]


def said(name: str) -> str:
    """The words of the one instruction of this name."""
    (words,) = [instruction.words for instruction in instructions() if instruction.name == name]
    return words


def copied() -> list[str]:
    """What is copied out of this repository."""
    copies = [instruction.words.split() for instruction in instructions() if instruction.name == "COPY"]
    return sorted(source for *sources, _ in copies for source in sources)


def ignored() -> tuple[list[str], list[str]]:
    """What .dockerignore lets in, and what of that it keeps out."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    everything, *rest = lines
    assert everything == "*"
    let_in = [line[1:] for line in rest if line.startswith("!")]
    return let_in, [line for line in rest if not line.startswith("!")]


def kept_out(folder: str, names: list[str]) -> set[str]:
    """Which of the names in a folder of this repository stay outside, as `shutil.copytree` asks."""
    _, patterns = ignored()
    below = Path(folder).resolve().relative_to(ROOT)
    return {name for name in names if str(below / name) in patterns or f"**/{name}" in patterns}
