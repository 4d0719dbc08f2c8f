"""Changes the seeds of one target, led by what of our code they reach (atheris, over libFuzzer).

python -m tests.fuzz.guided TARGET SECONDS CORPUS SEED

It has to be imported before what it watches. What it has found to reach new places stays in the folder CORPUS, from
which the next run goes on. It never returns: libFuzzer ends the process.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Final

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore] # make fuzz lays it beside

with atheris.instrument_imports(include=["edgeway", "gateway", "translator"]):
    from tests.fuzz.targets import LONGEST, TARGETS
    from tests.fuzz.trying import Findings

LONGEST_SECONDS: Final = 30
"""That one input may take, on a busy machine."""


def main(name: str, seconds: int, corpus: Path, seed: int) -> None:
    """Fuzz one target for so many seconds."""
    seeds = corpus / "seeds" / name
    kept = corpus / "kept" / name
    broken = corpus / "ended" / name
    """What has ended a run: a hang, or too much memory."""
    for folder in (seeds, kept, broken):
        folder.mkdir(parents=True, exist_ok=True)
    for known in TARGETS[name][1]:
        (seeds / hashlib.sha256(known).hexdigest()[:16]).write_bytes(known)
    options = {
        "max_total_time": seconds,
        "seed": seed,
        "max_len": LONGEST,
        "timeout": LONGEST_SECONDS,
        "rss_limit_mb": 2048,
        "print_final_stats": 1,
        "artifact_prefix": f"{broken}/",
    }
    words = [f"-{option}={value}" for option, value in options.items()]
    atheris.Setup([sys.argv[0], *words, str(kept), str(seeds)], Findings(name).tried)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
