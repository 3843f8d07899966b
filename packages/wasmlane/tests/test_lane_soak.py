"""Many calls leave nothing behind in the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def test_twenty_thousand_calls_keep_memory_and_descriptors_flat() -> None:
    """The soak of the benchmarks, shortened; it judges by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", "--calls", "20000"],
        cwd=PACKAGE,
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},  # noqa: TID251 — the child needs what this process has
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "flat" in done.stdout
