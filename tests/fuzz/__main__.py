"""`make fuzz MINUTES=10`: changes known inputs, and sees that no law is broken.

python -m tests.fuzz [--minutes 1] [--seed 0] [--blind] [target …]

Where atheris can be imported, the changes are led by what of our code they reach, and what has reached new places is
kept for the next time in .cache/fuzz-corpus. Otherwise, or with --blind, they are random. What breaks a law is written
to tests/fuzz/findings/TARGET/, where a test plays it from then on. Exit status 1 where something did, or ended a run.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import time
from importlib.util import find_spec
from itertools import cycle
from typing import Final

from tests.fuzz.targets import TARGETS, changed
from tests.fuzz.trying import FINDINGS, Findings
from tests.running import ROOT

CORPUS: Final = ROOT / ".cache" / "fuzz-corpus"
_UNITS: Final = re.compile(r"number_of_executed_units: (\d+)")
_REACHED: Final = re.compile(r"\bcov: (\d+)")


def blind(names: list[str], seconds: float, seed: int) -> int:
    """Change inputs at random; return how many places were broken."""
    chance = random.Random(seed)
    findings = {name: Findings(name) for name in names}
    counts = dict.fromkeys(names, 0)
    until = time.monotonic() + seconds
    for name in cycle(names):
        if time.monotonic() >= until:
            break
        seeds = TARGETS[name][1]
        findings[name].tried(changed(chance.choice(seeds), seeds, chance))
        counts[name] += 1
    sys.stdout.writelines(f"{name:<26}{times:>10,} inputs\n" for name, times in counts.items())
    return sum(len(each.places) for each in findings.values())


def guided(names: list[str], seconds: float, seed: int) -> int:
    """Change inputs led by coverage, one target after the other; return how many places or runs were broken."""
    count = 0
    for number, name in enumerate(names):
        command = [sys.executable, "-m", "tests.fuzz.guided", name, str(max(1, round(seconds / len(names))))]
        ran = subprocess.run(
            [*command, str(CORPUS), str((seed + number) % 2**31)],
            cwd=ROOT,
            env=os.environ,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        units, reached = (pattern.findall(ran.stdout + ran.stderr) for pattern in (_UNITS, _REACHED))
        found = [line for line in ran.stdout.splitlines() if line.startswith(f"{name}: ")]
        if ran.returncode:
            found.append(f"{name}: the run ended with {ran.returncode}: {ran.stderr[-500:]}")
        count += len(found)
        told = f"{int((units or ['0'])[-1]):>10,} inputs, {int((reached or ['0'])[-1]):>7,} places reached"
        sys.stdout.write("".join(f"{line}\n" for line in [*found, f"{name:<26}{told}"]))
        sys.stdout.flush()
    return count


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**31)
    parser.add_argument("--blind", action="store_true", help="random changes, also where atheris is there")
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []])
    told = parser.parse_args()
    names, is_blind = told.targets or list(TARGETS), told.blind or find_spec("atheris") is None
    found = (blind if is_blind else guided)(names, told.minutes * 60, told.seed)
    led = "at random" if is_blind else "led by coverage (atheris)"
    sys.stdout.write(f"{found} findings in {told.minutes:g} minutes, {led}, seed {told.seed}; kept in {FINDINGS}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
