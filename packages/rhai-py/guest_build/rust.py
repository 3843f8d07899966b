"""Finds a Rust that can compile for wasm32: an installed one, one that rustup completes, or Debian's."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from guest_build import debian
from guest_build.errors import CannotBuildError, UnavailableError
from guest_build.recipe import TARGET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SWITCH = "RHAI_RUST"
# Away from any folder that has a toolchain or settings of its own: the source alone says how it is built.
NEUTRAL = Path("/")


@dataclass(frozen=True, slots=True)
class Rust:
    """A toolchain, and what cargo must be told to use it for wasm32."""

    way: str
    cargo: str
    rustc: str
    version: str  # all that `rustc -vV` says
    sysroot: Path
    options: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def commit(self) -> str:
        """Name the commit that its standard library was built from."""
        found = re.search(r"^commit-hash: (\w+)$", self.version, re.MULTILINE)
        return found[1] if found else "unknown"


def find_rust(environ: Mapping[str, str], minimum: tuple[int, ...]) -> Rust:
    """Answer the first toolchain that works here; `RHAI_RUST` narrows the choice to one way."""
    ways: dict[str, Callable[[Mapping[str, str]], Rust]] = {
        "installed": _installed,
        "rustup": _with_rustup,
        "debian": _debian,
    }
    chosen = environ.get(SWITCH)
    if chosen and chosen not in ways:
        raise CannotBuildError(f"{SWITCH}={chosen} names no way to Rust: use one of {', '.join(ways)}")
    closed = []
    for way in [chosen] if chosen else ways:
        try:
            return _new_enough(ways[way](environ), minimum)
        except UnavailableError as reason:
            closed.append(f"  {way}: {reason}")
    raise CannotBuildError(_advice(closed, minimum))


def _installed(environ: Mapping[str, str]) -> Rust:
    cargo, rustc = _program("cargo", environ), _program("rustc", environ)
    libraries = Path(_ask([rustc, "--print", "target-libdir", "--target", TARGET], environ))
    if not any(libraries.glob("libstd-*.rlib")):
        raise UnavailableError(f"{rustc} has no standard library for {TARGET}")
    return _rust("installed", cargo, rustc, environ)


def _with_rustup(environ: Mapping[str, str]) -> Rust:
    rustup = _program("rustup", environ)
    print(f"rhai-py: rustup target add {TARGET}", flush=True)
    if subprocess.run([rustup, "target", "add", TARGET], cwd=NEUTRAL, env=environ, check=False).returncode:
        raise UnavailableError(f"`rustup target add {TARGET}` failed; its words stand above")
    return _installed(environ)


def _debian(environ: Mapping[str, str]) -> Rust:
    linker = debian.provide()
    return _rust(
        "debian",
        debian.CARGO,
        debian.RUSTC,
        environ,
        options=("-Zbuild-std=std,panic_abort",),  # Debian ships no standard library for this target
        flags=(f"-Clinker={linker}", "-Clinker-flavor=wasm-ld"),
        variables=(("RUSTC_BOOTSTRAP", "1"),),  # lets -Z pass
    )


def _rust(
    way: str,
    cargo: str,
    rustc: str,
    environ: Mapping[str, str],
    *,
    options: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
    variables: tuple[tuple[str, str], ...] = (),
) -> Rust:
    version = _ask([rustc, "-vV"], environ)
    sysroot = Path(_ask([rustc, "--print", "sysroot"], environ))
    return Rust(way, cargo, rustc, version, sysroot, options, flags, variables)


def _new_enough(rust: Rust, minimum: tuple[int, ...]) -> Rust:
    found = re.search(r"^release: (\d+)\.(\d+)\.(\d+)", rust.version, re.MULTILINE)
    if found and tuple(int(part) for part in found.groups()) < minimum:
        raise UnavailableError(f"{rust.rustc} is {found[0].removeprefix('release: ')}, which is too old")
    return rust


def _program(name: str, environ: Mapping[str, str]) -> str:
    found = shutil.which(name, path=environ.get("PATH"))
    if found is None:
        raise UnavailableError(f"there is no {name} on the path")
    return found


def _ask(command: list[str], environ: Mapping[str, str]) -> str:
    answer = subprocess.run(command, cwd=NEUTRAL, env=environ, capture_output=True, text=True, check=False)
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UnavailableError(f"`{' '.join(command)}` failed: {last}")
    return answer.stdout.strip()


def _advice(closed: list[str], minimum: tuple[int, ...]) -> str:
    version = f" {'.'.join(map(str, minimum))} or newer" if minimum else ""
    tried = "\n".join(closed)
    return (
        f"found no Rust that compiles for {TARGET}:\n{tried}\n"
        f"Install Rust{version} with rustup (the target is then added by itself), or on Debian, as root:\n"
        f"  apt-get install {' '.join(debian.PACKAGES)}"
    )
