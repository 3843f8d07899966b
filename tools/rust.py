"""Formats-and-lints check of the Rust crates of this repo; a step of `make check`.

A machine whose Rust has no rustfmt or clippy (Debian's `rustc-web`) skips what it lacks, and says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.projects import ROOT

GUEST = ROOT / "packages" / "rhai-py" / "guest"
CHECKS = {
    "fmt": ("cargo", "fmt", "--check"),
    "clippy": ("cargo", "clippy", "--quiet", "--locked", "--all-features", "--", "-D", "warnings"),
}


def main() -> None:
    """Run each check that this machine can run."""
    for name, command in CHECKS.items():
        if not _has(name):
            print(f"cargo {name} is not installed: skipped")
            continue
        if subprocess.run(command, cwd=GUEST, env=_environment(), check=False).returncode:
            sys.exit(f"`{' '.join(command)}` failed in {GUEST.relative_to(ROOT)}")


def _has(name: str) -> bool:
    if shutil.which("cargo") is None:
        return False
    return not subprocess.run(["cargo", name, "--version"], capture_output=True, check=False).returncode


def _environment() -> dict[str, str]:
    """Keep what cargo makes outside the checkout, where a fresh one finds it again."""
    ours = dict(os.environ)  # noqa: TID251 - a tool's own process
    cache = Path(ours.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return {**ours, "CARGO_TARGET_DIR": str(cache / "rhai-py" / "lint")}


if __name__ == "__main__":
    main()
