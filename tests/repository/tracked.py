"""What git may not track: links that are of no use in another clone, and what tools make."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import dirname, isabs, join, normpath

LINK = "120000"
"""The mode of a symbolic link."""
MOST_LINKS = 40
"""That Linux follows for one path (path_resolution(7))."""


def git(folder: Path, *arguments: str) -> str:
    """What git says of a repository, whoever owns it, and whatever a person or a hook has set for git."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-c", f"safe.directory={folder.resolve()}", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def faults(folder: Path) -> list[str]:
    """The tracked files that may not be, each with its reason."""
    rows = [row.partition("\t") for row in git(folder, "ls-files", "--stage", "-z").split("\0") if row]
    files = [path for _, _, path in rows]
    links = {path: git(folder, "cat-file", "blob", f":{path}") for facts, _, path in rows if facts.startswith(LINK)}
    ignored = git(folder, "ls-files", "--cached", "--ignored", "--exclude-per-directory=.gitignore", "-z").split("\0")
    known = {parent for path in files for parent in (path, *parents(path))}
    found = [f"{path}: {fault}" for path in links if (fault := fault_of(path, links, known))]
    return sorted([*found, *(f"{path}: is ignored by .gitignore" for path in ignored if path)])


def fault_of(link: str, links: Mapping[str, str], known: set[str]) -> str | None:
    """What is wrong with a link. Not the working tree is asked, where a link may lead to what only one machine has."""
    path = link
    for _ in range(MOST_LINKS):
        passed = next((each for each in (path, *parents(path)) if each in links), None)
        if passed is None:
            return None if path in known else f"leads to {path}, which is not tracked"
        if isabs(links[passed]):
            return f"is an absolute link, to {links[passed]}"
        path = normpath(join(dirname(passed), links[passed], path[len(passed) + 1 :]))
        if path.split("/")[0] == "..":
            return f"leads out of the tree, to {path}"
    return "leads to itself"


def parents(path: str) -> Iterator[str]:
    """The folders of a path, the nearest first, the tree itself last."""
    while path := dirname(path):
        yield path
    yield "."
