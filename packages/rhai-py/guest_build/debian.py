"""Debian's Rust: packages without a standard library for wasm32 but with its source, and a linker."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from guest_build.errors import UnavailableError

PACKAGES: Final = ("rustc-web", "cargo-web", "rust-web-src", "lld-19")
RUSTC: Final = "/usr/bin/rustc"
CARGO: Final = "/usr/bin/cargo"
_LINKER = "/usr/bin/wasm-ld-19"
_STANDARD_LIBRARY = "/usr/lib/rustlib/src/rust/library/std"


def provide() -> str:
    """See to it that Debian's packages are there, installing them if that is possible; answer the linker."""
    if not _complete():
        _install()
    return _LINKER


def _complete() -> bool:
    return all(Path(path).exists() for path in (RUSTC, CARGO, _LINKER, _STANDARD_LIBRARY))


def _install() -> None:
    apt = shutil.which("apt-get")
    if apt is None:
        raise UnavailableError("this is not a Debian (there is no apt-get)")
    if os.geteuid() != 0:
        raise UnavailableError("only root may install Debian's packages")
    print(f"rhai-py: apt-get install {' '.join(PACKAGES)}", flush=True)
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*quiet, "update"], check=False)
    install = [*quiet, "install", "-y", "--no-install-recommends", *PACKAGES]
    code = subprocess.run(install, stdout=subprocess.DEVNULL, check=False).returncode
    if code or not _complete():
        raise UnavailableError("apt-get could not install Debian's packages; its words stand above")
