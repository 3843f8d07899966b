"""Makes `.venv` at the top of the repo, installs the projects with their tools, and builds the Rhai guest.

Run by tools/setup.sh, on a bare Python: only the standard library may be imported here. A stamp in `.venv`
says for which pyproject files, Python and folder the set-up was done; while it fits, nothing is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tools.projects import ROOT, build_requirements, projects

if TYPE_CHECKING:
    from collections.abc import Sequence

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "setup-stamp"


def main() -> None:
    """Bring `.venv` up to date, and say what was done and what was skipped."""
    wanted = fingerprint()
    if _stamped() == wanted and _works():
        print(f"set-up: .venv is up to date (Python {platform.python_version()}), skipped installing")
    else:
        STAMP.unlink(missing_ok=True)  # a set-up that is interrupted must not look finished
        _make_venv()
        _install()
        _want_strace()
        STAMP.write_text(wanted, encoding="utf-8")
        print("set-up: done")
    if shutil.which("strace") is None:
        print("set-up: strace is not installed; the fault tests need it (Debian: apt-get install strace)")
    _build_guest()


def fingerprint() -> str:
    """Digest everything that a finished set-up depends on."""
    digest = hashlib.sha256(f"{platform.python_version()}\n{ROOT}\n".encode())  # a moved .venv is broken
    for project in projects():
        digest.update((project / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def _stamped() -> str | None:
    return STAMP.read_text(encoding="utf-8") if STAMP.is_file() else None


def _works() -> bool:
    """Tell whether `.venv` has pip, this version of Python, and scripts written for this folder."""
    pip = VENV / "bin" / "pip"
    if not (PYTHON.exists() and pip.exists() and f"{VENV}/bin/python" in pip.read_text(encoding="utf-8")):
        return False
    probe = "import pip, platform; print(platform.python_version())"
    answer = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == platform.python_version()


def _make_venv() -> None:
    if _works():
        print("set-up: .venv exists, kept")
        return
    if importlib.util.find_spec("ensurepip") is None:  # Debian ships it apart
        _add_ensurepip()
    print(f"set-up: making .venv with Python {platform.python_version()}")
    _run([sys._base_executable, "-m", "venv", "--clear", str(VENV)])  # type: ignore[attr-defined]  # noqa: SLF001 - the one name for the Python behind a broken .venv


def _add_ensurepip() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not _apt_install(package):
        sys.exit(
            f"This Python cannot make virtual environments: install the package {package} "
            f"(as root: apt-get install {package}), then run the same command again."
        )


def _install() -> None:
    print("set-up: installing what the project and its tests need; this takes a minute or two")
    pip = [str(PYTHON), "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
    _run([*pip, "--upgrade", "pip", *build_requirements()])
    editable = [part for project in projects() for part in ("--editable", f"{project}[dev]")]
    _run([*pip, "--no-build-isolation", *editable])


def _build_guest() -> None:
    """Ask each time: the guest's sources change without the stamp, and an unchanged guest costs a moment."""
    if code := subprocess.run([PYTHON, "-m", "tools.guest"], cwd=ROOT, check=False).returncode:
        sys.exit(code)


def _want_strace() -> None:
    if shutil.which("strace") is None and _apt_install("strace"):
        print("set-up: installed strace for the fault tests")


def _apt_install(package: str) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"set-up: apt-get install {package}")
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*quiet, "update"], check=False)
    install = ["env", "DEBIAN_FRONTEND=noninteractive", *quiet, "install", "-y", "--no-install-recommends"]
    return subprocess.run([*install, package], stdout=subprocess.DEVNULL, check=False).returncode == 0


def _run(command: Sequence[str]) -> None:
    if code := subprocess.run(command, check=False).returncode:
        sys.exit(f"set-up stopped: `{' '.join(command)}` ended with {code}; its last words stand above.")


if __name__ == "__main__":
    main()
