"""What a build is made of, read once, so that what is digested is what is built."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from guest_build.errors import CannotBuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from guest_build.rust import Rust

TARGET: Final = "wasm32-unknown-unknown"
# The shadow stack holds some ninety call levels of a script; the limit of 64 comes first. It is put back with
# everything else before each call, so its size is paid for each time.
# Inlining makes larger and fewer blocks: fuel is counted once for each.
FLAGS: Final = ("-Clink-arg=-zstack-size=327680", "-Cllvm-args=-inline-threshold=600")
# A hash seed is baked in at compile time; a fixed one makes builds repeatable and scripts deterministic.
SEED: Final = "rhai-py"
# The files of the package, and what is asked of cargo for each beyond the ordinary.
BUILDS: Final[Mapping[str, tuple[str, ...]]] = {
    "guest.wasm": (),
    "diagnose.wasm": ("--features", "diagnose"),
}

_EXPORTED = re.compile(rb'^\s*pub extern "C" fn (\w+)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """The guest's source files, by their path in the guest's folder."""

    files: Mapping[str, bytes]

    @property
    def functions(self) -> frozenset[str]:
        """Name the functions that the source exports."""
        return frozenset(name.decode() for text in self.files.values() for name in _EXPORTED.findall(text))

    @property
    def minimum(self) -> tuple[int, ...]:
        """Say which version of Rust the guest asks for; empty if any will do."""
        wanted = tomllib.loads(self.files["Cargo.toml"].decode())["package"].get("rust-version", "")
        return tuple(int(part) for part in wanted.split(".") if part)


def read_source(folder: Path) -> Source:
    """Read the guest's sources from its folder."""
    if not (folder / "Cargo.toml").is_file():
        raise CannotBuildError(f"there is no guest to build in {folder}: Cargo.toml is missing")
    paths = [folder / "Cargo.toml", folder / "Cargo.lock", *sorted(folder.glob("src/**/*.rs"))]
    return Source({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})


def digest(source: Source, rust: Rust) -> str:
    """Digest everything that the built modules depend on, and nothing that differs between equal machines."""
    files = {path: _sha256(text) for path, text in source.files.items()}
    here = Path(__file__).parent
    how = [_sha256((here / name).read_bytes()) for name in ("recipe.py", "cargo.py", "notices.py")]
    parts = [files, rust.way, rust.version, rust.options, rust.flags, rust.variables, how]
    return _sha256(json.dumps(parts, sort_keys=True).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
