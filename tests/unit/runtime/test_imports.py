"""What the runtime adds to every cold start."""

import subprocess
import sys
from pathlib import Path

LAYER = Path(__file__).parents[3] / "layers" / "runtime"
EXPENSIVE = ["asyncio", "dataclasses", "email", "http", "inspect", "logging", "traceback", "typing", "urllib"]


def test_nothing_expensive_is_imported() -> None:
    program = f"import sys, streaming.__main__; print([name for name in {EXPENSIVE} if name in sys.modules])"
    # -I and -S: no site module, which may import anything
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(LAYER)!r}); {program}"]
    imported = subprocess.run(command, capture_output=True, text=True, check=True)
    assert imported.stdout == "[]\n"
