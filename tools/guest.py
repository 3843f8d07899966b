"""Builds the guest of packages/rhai-py and puts it into that package; run by `make rhai-py` and by set-up.

It runs on a bare Python. Nothing is compiled when the guest's sources and the Rust toolchain are those of an
earlier build; packages/rhai-py/docs/building.md has the rest.
"""

from __future__ import annotations

import subprocess
import sys

from tools.projects import ROOT


def main() -> None:
    """Let the package build its guest, and end as that ends."""
    command = [sys.executable, "-m", "guest_build"]
    sys.exit(subprocess.run(command, cwd=ROOT / "packages" / "rhai-py", check=False).returncode)


if __name__ == "__main__":
    main()
