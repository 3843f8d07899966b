"""Runs cargo so that the same source gives the same bytes, whoever builds it and wherever."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from guest_build.errors import CannotBuildError
from guest_build.recipe import FLAGS, SEED, TARGET
from guest_build.rust import NEUTRAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from guest_build.rust import Rust

_MODULE = f"{TARGET}/release/rhai_guest.wasm"
# Settings of the builder's own that would change the module behind the digest's back.
_FOREIGN: Final = ("CARGO_PROFILE_", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_", "RUSTC", "RUSTFLAGS")


@dataclass(frozen=True, slots=True)
class Bench:
    """One toolchain at work on one copy of the guest's sources."""

    rust: Rust
    source: Path
    target: Path
    environ: Mapping[str, str]

    def fetch(self) -> None:
        """Bring the crates of the lock file onto this machine."""
        self._cargo(["fetch", "--locked", "--target", TARGET], {})

    def compile(self, extra: Sequence[str]) -> bytes:
        """Compile the guest and answer the module; what was fetched has its folders by now."""
        flags = [*FLAGS, *self.rust.flags, *self._renamings()]
        settings = {
            "CARGO_TARGET_DIR": str(self.target),
            "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
            "CONST_RANDOM_SEED": SEED,
        }
        self._cargo(
            ["build", "--release", "--locked", "--target", TARGET, *self.rust.options, *extra], settings
        )
        return (self.target / _MODULE).read_bytes()

    def metadata(self) -> str:
        """Answer what cargo knows of the crates that were fetched."""
        return self._cargo(
            ["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET], {}, read=True
        )

    def _cargo(self, arguments: Sequence[str], settings: Mapping[str, str], *, read: bool = False) -> str:
        ours = {name: value for name, value in self.environ.items() if not name.startswith(_FOREIGN)}
        done = subprocess.run(
            [self.rust.cargo, *arguments, "--manifest-path", str(self.source / "Cargo.toml")],
            cwd=NEUTRAL,
            env={**ours, "RUSTC": self.rust.rustc, **dict(self.rust.variables), **settings},
            # Progress must not mix with what the command itself prints.
            stdout=subprocess.PIPE if read else sys.stderr,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotBuildError(
                f"cargo {arguments[0]} ended with {done.returncode}; its words stand above"
            )
        return done.stdout or ""

    def _renamings(self) -> list[str]:
        """Keep this machine's folders out of the module: panics name their files."""
        home = Path(self.environ.get("CARGO_HOME") or Path.home() / ".cargo")
        crates = sorted((home / "registry" / "src").glob("*"))  # one folder a registry or mirror, named by it
        names = {
            self.source: "/guest",
            self.target: "/target",
            **dict.fromkeys(crates, "/crates"),
            # The name that it has where the library's source is not installed.
            self.rust.sysroot / "lib/rustlib/src/rust": f"/rustc/{self.rust.commit}",
        }
        return [f"--remap-path-prefix={folder}={name}" for folder, name in names.items()]
