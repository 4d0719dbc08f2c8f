"""`make fuzz MINUTES=10`: changes known inputs at random, and sees that no law is broken.

python -m tests.fuzz [--minutes 1] [--seed 0] [target …]

What breaks a law is written to tests/fuzz/findings/TARGET/, where a test plays it from then on. Exit status 1.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from itertools import cycle
from pathlib import Path
from traceback import extract_tb
from typing import Final

from tests.fuzz.targets import TARGETS, changed

FINDINGS: Final = Path(__file__).parent / "findings"


def tried(name: str, data: bytes) -> str:
    """What an input has broken; empty: nothing."""
    target, _ = TARGETS[name]
    try:
        target(data)
    except Exception as error:  # noqa: BLE001 whatever it is, it is a finding
        last = extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    return ""


def fuzz(names: list[str], seconds: float, seed: int) -> int:
    """Return how many different places were broken."""
    chance = random.Random(seed)
    counts, found = dict.fromkeys(names, 0), set[tuple[str, str]]()
    until = time.monotonic() + seconds
    for name in cycle(names):
        if time.monotonic() >= until:
            break
        seeds = TARGETS[name][1]
        data = changed(chance.choice(seeds), seeds, chance)
        counts[name] += 1
        what = tried(name, data)
        if what and (name, what) not in found:
            found.add((name, what))
            file = FINDINGS / name / hashlib.sha256(data).hexdigest()[:16]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            sys.stdout.write(f"{name}: {what}: {file}\n")
    sys.stdout.writelines(f"{name:<26}{times:>9,} inputs\n" for name, times in counts.items())
    sys.stdout.write(f"{len(found)} findings in {seconds / 60:g} minutes, seed {seed}\n")
    return len(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []])
    told = parser.parse_args()
    sys.exit(1 if fuzz(told.targets or list(TARGETS), told.minutes * 60, told.seed) else 0)
