"""`make mutations`: switches one behaviour off at a time, in a copy of the tree, and runs the tests that must notice.

Exit status 1 where a mutation survives, does not fit the code any more, or its tests fail without it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from enum import Enum
from pathlib import Path
from queue import SimpleQueue

from tests.mutations.mutations import BY_ID, MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]
IMPORTED = (".", "layers/runtime", "layers/translator", "layers/gateway")
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-x", "-q", "--no-header")
SECONDS = 120
"""That the tests of one mutation may take."""
SECONDS_UNCHANGED = 900
"""That all of them together may take without a mutation."""
PASSED, FAILED = 0, 1
"""Of pytest's exit codes those that say how tests went."""


class Outcome(Enum):
    """What became of a mutation."""

    NOTICED = "noticed"
    SURVIVED = "SURVIVED"
    DOES_NOT_FIT = "DOES NOT FIT: the old text must stand in the file once"
    BROKEN = "BROKEN: its tests could not be run"


def main() -> int:
    """Run the mutations and print what became of each."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time (all cores)")
    parser.add_argument("--list", action="store_true", help="show them and run nothing")
    parser.add_argument(
        "--after-tests",
        action="store_true",
        help="the tests are known to pass as the code is: begin with the mutations",
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only one of N; OFFSET chooses which (all)")
    parser.add_argument("--offset", type=int, default=0, help="any number, as that of commits: each takes its turn")
    parser.add_argument("ids", nargs="*", choices=[*BY_ID, []], metavar="id", help="these alone")
    arguments = parser.parse_args()
    chosen = [BY_ID[identity] for identity in arguments.ids] or MUTATIONS[
        arguments.offset % arguments.every :: arguments.every
    ]
    if arguments.list:
        sys.stdout.writelines(f"{row(mutation)}{mutation.file}\n" for mutation in chosen)
        return 0
    begun = time.monotonic()
    with ExitStack() as stack:
        copies: SimpleQueue[Path] = SimpleQueue()
        for _ in range(arguments.jobs):
            copies.put(stack.enter_context(copied_tree()))
        if not (arguments.after_tests or pass_unchanged(copies, chosen)):
            return 1
        outcomes = list(outcomes_of(chosen, copies, arguments.jobs))
    noticed = outcomes.count(Outcome.NOTICED)
    sys.stdout.write(f"{noticed} of {len(outcomes)} noticed, in {time.monotonic() - begun:.0f} s\n")
    return 0 if noticed == len(outcomes) else 1


def outcomes_of(chosen: Sequence[Mutation], copies: SimpleQueue[Path], jobs: int) -> Iterator[Outcome]:
    """What became of each, as soon as it is known."""
    with ThreadPoolExecutor(jobs) as pool:
        running: dict[Future[Outcome], Mutation] = {pool.submit(tried, each, copies): each for each in chosen}
        for number, future in enumerate(as_completed(running), start=1):
            sys.stdout.write(f"{number:>3}/{len(chosen)}  {row(running[future])}{future.result().value}\n")
            sys.stdout.flush()
            yield future.result()


def row(mutation: Mutation) -> str:
    """The beginning of a mutation's line."""
    mode = "" if mutation.mode is None else f"mode {mutation.mode}"
    return f"{mutation.id:<46}{mode:<9}"


def tried(mutation: Mutation, copies: SimpleQueue[Path]) -> Outcome:
    """Mutate a copy, run the tests, put the file back."""
    copy = copies.get()
    file = copy / mutation.file
    written = file.read_text(encoding="utf-8")
    try:
        if written.count(mutation.old) != 1:
            return Outcome.DOES_NOT_FIT
        file.write_text(written.replace(mutation.old, mutation.new), encoding="utf-8")
        code = run_tests(copy, mutation.tests).returncode
    except subprocess.TimeoutExpired:
        return Outcome.BROKEN
    finally:
        file.write_text(written, encoding="utf-8")
        copies.put(copy)
    return {PASSED: Outcome.SURVIVED, FAILED: Outcome.NOTICED}.get(code, Outcome.BROKEN)


def pass_unchanged(copies: SimpleQueue[Path], chosen: Sequence[Mutation]) -> bool:
    """Whether all the tests pass as the code is: a test that fails anyway notices nothing."""
    copy = copies.get()
    tests = dict.fromkeys(test for mutation in chosen for test in mutation.tests)
    done = run_tests(copy, list(tests), seconds=SECONDS_UNCHANGED)
    copies.put(copy)
    if done.returncode != PASSED:
        sys.stdout.write(f"{done.stdout}\nthese tests must pass before anything is switched off\n")
    return done.returncode == PASSED


def run_tests(copy: Path, tests: Sequence[str], *, seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
    """Run the tests on the copy alone: what is imported is there, and nothing compiled outlives a mutation."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(copy / folder) for folder in IMPORTED),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [*PYTEST, *tests], cwd=copy, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )


@contextmanager
def copied_tree() -> Iterator[Path]:
    """A copy of what git knows of, as it stands in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="mutations-") as name:
        for file in filter(None, listed.stdout.split("\0")):
            if (ROOT / file).is_file():
                (Path(name) / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / file, Path(name) / file)
        yield Path(name)


if __name__ == "__main__":
    sys.exit(main())
