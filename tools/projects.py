"""Where the Python projects of this repo are; asked by set-up and by the builder of wheels."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def projects() -> tuple[Path, ...]:
    """List the folders that have a pyproject.toml, the packages that others stand on first."""
    packages = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
    return (*packages, ROOT)


def build_requirements() -> tuple[str, ...]:
    """List what the projects need to be built."""
    found: set[str] = set()
    for project in projects():
        text = (project / "pyproject.toml").read_text(encoding="utf-8")
        found.update(tomllib.loads(text)["build-system"]["requires"])
    return tuple(sorted(found))
