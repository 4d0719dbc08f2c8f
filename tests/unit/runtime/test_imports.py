"""What the runtime adds to every cold start."""

import subprocess
import sys
from pathlib import Path

LAYER = Path(__file__).parents[3] / "layers" / "runtime"
PROGRAM = """
import sys, asyncio
before = {*sys.modules}
import streaming.__main__
print(*sorted({module.partition(".")[0] for module in sys.modules.keys() - before}))
"""


def test_nothing_is_imported_but_asyncio_and_json() -> None:
    # -I and -S: no site module, which may import anything
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(LAYER)!r}); {PROGRAM}"]
    imported = subprocess.run(command, capture_output=True, text=True, check=True)
    assert imported.stdout == "_json json streaming\n"
