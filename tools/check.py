"""Runs everything a change must pass and stops at the first failure; `make check` and CI call it.

`python -m tools.check types lint` runs only the named steps.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tools.projects import ROOT, packages

BENCHMARKS = ("benchmarks",) if any(ROOT.glob("benchmarks/*.py")) else ()
PACKAGES = packages()
# What the packages' tests and fuzzers share lies beside them, in folders that are no packages.
SHARED = (ROOT / "packages" / "rhai-py" / name for name in ("tests", "fuzz"))
MYPYPATH = os.pathsep.join(str(folder) for folder in (*PACKAGES, *SHARED))
CODE = ("neira", "tests", "tools", "wsgi.py", *BENCHMARKS)
COVERAGE = ("--cov", "--cov-branch", "--cov-report=term:skip-covered")

STEPS: dict[str, tuple[str, ...]] = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "rust": ("tools.rust",),
    "types": ("mypy", *CODE),
    # Each package has its own `tests`: one run over all would meet that name three times.
    **{f"types of {package.name}": ("mypy", f"packages/{package.name}") for package in PACKAGES},
    # The docs and the built wheel are tests too: one run, so that pytest's own summary is the last word.
    "tests": ("pytest", "-n", "2", *COVERAGE),
}


def main(names: list[str]) -> None:
    """Run the named steps, or all of them."""
    for name in names or STEPS:
        if name not in STEPS:
            sys.exit(f"there is no step {name}: the steps are {', '.join(STEPS)}")
        _step(name)


def _step(name: str) -> None:
    print(f"\n== {name}: {' '.join(STEPS[name])}", flush=True)
    started = time.monotonic()
    environment = {**os.environ, "MYPYPATH": MYPYPATH}  # noqa: TID251 - a tool's own process
    code = subprocess.run(
        [sys.executable, "-m", *STEPS[name]], cwd=ROOT, env=environment, check=False
    ).returncode
    if code:
        sys.exit(f"\ncheck failed at: {name} (after {time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main(sys.argv[1:])
