"""Where the Python projects of this repo are; asked by set-up and by the builder of wheels."""

from __future__ import annotations

import re
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def projects(root: Path = ROOT) -> tuple[Path, ...]:
    """List the folders that have a pyproject.toml, those that others stand on first and the whole last."""
    parts = {folder: _described(folder)["project"] for folder in packages(root)}
    named = {str(project["name"]): folder for folder, project in parts.items()}
    needs = {
        folder: [named[name] for name in _required(project) if name in named]
        for folder, project in parts.items()
    }
    return (*TopologicalSorter(needs).static_order(), root)


def packages(root: Path = ROOT) -> tuple[Path, ...]:
    """List the folders of the packages that are useful without the rest of the repo."""
    return tuple(sorted(path.parent for path in root.glob("packages/*/pyproject.toml")))


def build_requirements() -> tuple[str, ...]:
    """List what the projects need to be built."""
    found: set[str] = set()
    for project in projects():
        found.update(_described(project)["build-system"]["requires"])
    return tuple(sorted(found))


def _described(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def _required(project: dict[str, Any]) -> list[str]:
    return [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in project.get("dependencies", [])]
