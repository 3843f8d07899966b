"""The projects of a repo, found and put in order for set-up and for the wheels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.projects import ROOT, packages, projects

if TYPE_CHECKING:
    from pathlib import Path


def project(folder: Path, *needs: str, name: str) -> Path:
    """Write a project into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = ", ".join(f'"{need}"' for need in needs)
    text = f'[project]\nname = "{name}"\ndependencies = [{listed}]\n'
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_project_comes_after_those_that_it_stands_on(tmp_path: Path) -> None:
    """The order follows the dependencies, whatever the names are."""
    top = project(tmp_path, "click>=8", "alpha", "omega >= 1", name="top")
    alpha = project(tmp_path / "packages" / "alpha", "omega[fast]>=0.1", name="alpha")
    omega = project(tmp_path / "packages" / "omega", name="omega")
    assert projects(tmp_path) == (omega, alpha, top)


def test_a_folder_without_a_project_is_none(tmp_path: Path) -> None:
    """Only a pyproject.toml makes a folder a package."""
    top = project(tmp_path, name="top")
    (tmp_path / "packages" / "draft").mkdir(parents=True)
    assert projects(tmp_path) == (top,)


def test_this_repo_is_the_last_of_its_projects() -> None:
    """The whole stands on its packages."""
    assert projects()[-1] == ROOT
    assert set(projects()) == {*packages(), ROOT}
