"""The wheels of the packages work beside what they declare, without this repo."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.test_wheel import link, required
from tools.projects import packages
from tools.wheels import build

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
]  # a machine's first build of the guest takes minutes


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Build the wheel of each package as `make wheels` does."""
    into = tmp_path_factory.mktemp("dist")
    return [build(package, into) for package in packages()]


@pytest.fixture(scope="module")
def python(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with these wheels and the third parties that they require; return its Python."""
    venv = tmp_path_factory.mktemp("packages") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / "bin" / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*pip, *map(str, wheels)], check=True)
    (site,) = venv.glob("lib/python3*/site-packages")
    for name in third_parties(site):
        link(importlib.metadata.distribution(name), site)
    return python


def third_parties(site: Path) -> set[str]:
    """Name what the packages in an environment require beside each other."""
    ours = [importlib.metadata.PathDistribution(card) for card in site.glob("*.dist-info")]
    names = {distribution.metadata["Name"] for distribution in ours}
    wanted: set[str] = set()
    for distribution in ours:
        required(distribution, wanted)
    return wanted - names


def test_the_wheels_are_for_every_platform(wheels: list[Path]) -> None:
    """They are pure Python, and say so."""
    assert [wheel.name for wheel in wheels if not wheel.name.endswith("-py3-none-any.whl")] == []


def test_the_engine_is_in_the_wheel_and_its_source_is_not(wheels: list[Path]) -> None:
    """Both builds of the guest are carried, the builder stays at home."""
    (wheel,) = (wheel for wheel in wheels if wheel.name.startswith("rhai_py-"))
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert names >= {"rhai/_guest/guest.wasm", "rhai/_guest/diagnose.wasm", "rhai/py.typed"}
    assert {name.split("/")[0] for name in names} == {"rhai", wheel.name.split("-py3")[0] + ".dist-info"}


def test_a_script_runs_in_an_empty_environment(python: Path, tmp_path: Path) -> None:
    """`pip install` of the wheels is all that a user needs."""
    script = "import rhai; print(rhai.__file__, rhai.Engine().eval('40 + 2'))"
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(tmp_path)}
    command = [str(python), "-c", script]
    answer = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    where, value = answer.stdout.split()
    assert Path(where).is_relative_to(python.parent.parent)
    assert value == "42"
