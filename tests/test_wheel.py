"""The built wheel works: beside its declared requirements and nothing else, it answers a request."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import neira
from tools.projects import ROOT, packages
from tools.wheels import build

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
]  # a machine's first build of the guest takes minutes

START_SECONDS = 60


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Build the wheels as `make wheels` does: Neira's, and those of the packages that it stands on."""
    into = tmp_path_factory.mktemp("dist")
    return [build(project, into) for project in (ROOT, *packages())]


@pytest.fixture(scope="module")
def clean(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with the wheels and what their metadata require, and return its `bin`."""
    venv = tmp_path_factory.mktemp("clean") / "venv"
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
    (card,) = site.glob("neira-*.dist-info")
    ours = {"wasmlane", "rhai-py"}  # installed from their wheels, not from this repo
    for name in required(importlib.metadata.PathDistribution(card), set()) - ours:
        link(importlib.metadata.distribution(name), site)
    return venv / "bin"


def required(of: importlib.metadata.Distribution, seen: set[str]) -> set[str]:
    """Follow the declared requirements of a distribution, and theirs."""
    for text in of.requires or []:
        requirement = Requirement(text)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and requirement.name not in seen:
            seen.add(requirement.name)
            found = importlib.metadata.distribution(requirement.name)
            assert requirement.specifier.contains(found.version), text
            required(found, seen)
    return seen


def link(distribution: importlib.metadata.Distribution, site: Path) -> None:
    """Make one installed distribution visible in another environment, by links to its top-level entries."""
    tops = {Path(file).parts[0] for file in distribution.files or []} - {"..", "__pycache__"}
    for top in tops:
        there = site / top
        if not there.exists():
            there.symlink_to(Path(str(distribution.locate_file(top))))


def run(clean: Path, *command: str, home: Path) -> str:
    """Run a command of the clean environment far from the repo, and return what it printed."""
    return subprocess.run(
        [clean / command[0], *command[1:]],
        cwd=clean, env=environment(home), check=True, stdout=subprocess.PIPE, text=True, timeout=60,
    ).stdout.strip()  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    """Give a child nothing of ours but the language."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home), "NEIRA_HOME": str(home)}


def test_the_wheel_is_imported_and_not_the_repo(clean: Path, tmp_path: Path) -> None:
    """The package comes from the clean environment, and the repo is on no path."""
    script = "import neira, sys; print(neira.__file__); print(*sys.path, sep='\\n')"
    where, *path = run(clean, "python", "-c", script, home=tmp_path).splitlines()
    assert Path(where).is_relative_to(clean.parent)
    assert not [entry for entry in path if entry and Path(entry).resolve() == ROOT]


def test_every_imported_third_party_is_declared(clean: Path, tmp_path: Path) -> None:
    """Whatever the package imports can be imported beside the wheel's declared requirements."""
    names = third_parties()
    assert "flask" in names or not list((ROOT / "neira" / "web").glob("*.py"))
    run(clean, "python", "-c", "import " + ", ".join(["neira", *names]), home=tmp_path)


def third_parties() -> list[str]:
    """List the top-level names that `neira/` imports and that are neither its own nor Python's."""
    found: set[str] = set()
    for path in (ROOT / "neira").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return sorted(found - sys.stdlib_module_names - {"neira"})


def test_every_file_of_the_package_is_in_the_wheel(clean: Path) -> None:
    """Modules, templates and tables that lie in `neira/` are installed too."""
    (installed,) = clean.parent.glob("lib/python3*/site-packages/neira")
    ours = {path.relative_to(ROOT / "neira") for path in (ROOT / "neira").rglob("*") if path.is_file()}
    wanted = {path for path in ours if path.suffix != ".pyc"}
    assert sorted(str(path) for path in wanted if not (installed / path).is_file()) == []


def test_the_version_is_told(clean: Path, tmp_path: Path) -> None:
    """`neira --version` names the version that the source names."""
    assert re.search(rf"\b{re.escape(neira.__version__)}\Z", run(clean, "neira", "--version", home=tmp_path))


def test_the_installed_server_answers_and_stops(clean: Path, tmp_path: Path) -> None:
    """`neira init` and `neira serve` work from the wheel: one request is answered, SIGTERM ends it."""
    home = tmp_path / "home"
    run(clean, "neira", "init", str(home), home=home)
    port = free_port()
    command = [str(clean / "neira"), "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (tmp_path / "log").open("w+b") as log:
        with subprocess.Popen(command, cwd=clean, env=environment(home), stdout=log, stderr=log) as server:
            try:
                status = wait_for(f"http://127.0.0.1:{port}/healthz", server)
            finally:
                server.send_signal(signal.SIGTERM)
        log.seek(0)
        assert (status, server.returncode) == (HTTPStatus.OK, 0), log.read().decode(errors="replace")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, server: subprocess.Popen[bytes]) -> int | None:
    """Ask until somebody answers or the server is gone, and return the status."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except OSError:
            time.sleep(0.1)
    return None
