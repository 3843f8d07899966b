"""Builds the wheels of this repo; run by `make wheels` and by the test that installs what it built.

Each project is copied first: setuptools leaves `build/` behind in its source folder and would put modules
that were deleted since then into the next wheel.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.projects import ROOT, projects

PARTS = ("__init__.py", "Cargo.toml")  # by these a folder is known as part of what a wheel is built from


def main(into: Path) -> None:
    """Build every wheel of the repo into one folder, in place of those that lie there."""
    into.mkdir(parents=True, exist_ok=True)
    for old in into.glob("*.whl"):
        old.unlink()
    for project in projects():
        print(f"{into.name}/{build(project, into).name}")


def build(project: Path, into: Path) -> Path:
    """Build the wheel of one project and return its path."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "source")
        fresh = Path(scratch, "wheel")
        _copy(project, source)
        _pip_wheel(source, fresh)
        (wheel,) = fresh.glob("*.whl")
        return Path(shutil.copy2(wheel, into))


def _copy(project: Path, to: Path) -> None:
    to.mkdir()
    for entry in project.iterdir():
        if entry.is_file():
            shutil.copy2(entry, to)
        elif any((entry / mark).is_file() for mark in PARTS):
            shutil.copytree(entry, to / entry.name, ignore=shutil.ignore_patterns("__pycache__", "target"))


def _pip_wheel(source: Path, into: Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel"]
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(into)]
    subprocess.run([*command, *options, str(source)], check=True)


if __name__ == "__main__":
    main(ROOT / sys.argv[1])
