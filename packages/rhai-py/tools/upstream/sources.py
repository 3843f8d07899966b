"""Where cargo keeps the published sources of the engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

GUEST = Path(__file__).parents[2] / "guest"
# The last releases of their lines that were published with tests and sample scripts.
OLDER = ("0.19.15", "1.0.6", "1.8.0")
_SCRATCH = """\
[package]
name = "scratch"
version = "0.0.0"
edition = "2021"
[lib]
path = "lib.rs"
[dependencies]
"""


class SourcesMissing(Exception):
    """The sources are not on this machine and cargo did not bring them."""


def pinned() -> Path:
    """Give the folder of the crate that the guest is built from."""
    # The locked set must be there already: tests fetch nothing.
    return _folder(GUEST, "--locked", "--offline")


def older(version: str) -> Path:
    """Give the folder of another release, fetched if need be."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        wanted = f'rhai = {{ version = "={version}", default-features = false }}\n'
        (scratch / "Cargo.toml").write_text(_SCRATCH + wanted)
        (scratch / "lib.rs").touch()
        return _folder(scratch)


def _folder(project: Path, *options: str) -> Path:
    cargo = shutil.which("cargo")
    if cargo is None:
        raise SourcesMissing("cargo is not installed: the crate's sources are where it puts them")
    command = [cargo, "metadata", "--format-version", "1", *options]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SourcesMissing(f"cargo has no sources: {done.stderr.strip()[-300:]}")
    for package in json.loads(done.stdout)["packages"]:
        if package["name"] == "rhai":
            return Path(package["manifest_path"]).parent
    raise SourcesMissing("the project does not use the rhai crate")
