"""The guest is built once for equal sources, by the Rust that is found, and only the guest is let through.

Cargo, rustc and rustup are stand-ins here: programs on a path of the test's own.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent))  # the builder is not installed with the package

from guest_build.build import PROJECT, build, build_into_package
from guest_build.errors import CannotBuildError
from guest_build.module import BrokenGuestError, check
from guest_build.notices import NOTICES, notices
from guest_build.recipe import BUILDS, Source, digest, read_source
from guest_build.rust import Rust, find_rust
from guest_build.store import place

VERSION = "rustc 1.95.0\ncommit-hash: 5980\nrelease: 1.95.0"


def named(text: str) -> bytes:
    """Encode a name."""
    return bytes([len(text)]) + text.encode()


def section(kind: int, entries: list[bytes]) -> bytes:
    """Encode a section of a module."""
    body = bytes([len(entries)]) + b"".join(entries)
    return bytes([kind, len(body)]) + body


def module(
    imports: tuple[str, ...] = ("host_call",), exports: tuple[str, ...] = ("memory", "init"), kind: int = 0
) -> bytes:
    """Make as much of a module as has names."""
    return b"".join((
        b"\0asm\x01\0\0\0",
        section(2, [named("env") + named(name) + bytes([kind, 0]) for name in imports]),
        section(7, [named(name) + b"\0\0" for name in exports]),
    ))  # fmt: skip


INIT = frozenset({"init"})


def test_the_guest_is_let_through() -> None:
    """One import, the memory, the functions and the linker's marks are the guest."""
    check(module(exports=("memory", "init", "__data_end", "__heap_base")), INIT)


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"not a module at all",
        module(imports=()),
        module(imports=("host_call", "clock")),
        module(imports=("memory",), kind=2),
        module(exports=("memory",)),
        module(exports=("init",)),
        module(exports=("memory", "init", "back_door")),
    ],
    ids=["empty", "text", "no host call", "a clock", "a memory", "no init", "memory kept", "a back door"],
)
def test_anything_else_is_refused(other: bytes) -> None:
    """A module with other names than the source's is no guest."""
    with pytest.raises(BrokenGuestError):
        check(other, INIT)


def test_no_part_of_a_guest_passes_for_it() -> None:
    """A file that was cut off anywhere is seen."""
    whole = module()
    for length in range(len(whole)):
        with pytest.raises(BrokenGuestError):
            check(whole[:length], INIT)


def test_the_package_carries_its_guest() -> None:
    """What `python -m guest_build` put there is what the sources export."""
    functions = read_source(PROJECT / "guest").functions
    assert functions >= {"init", "compile", "call"}
    for name in BUILDS:
        check((PROJECT / "rhai" / "_guest" / name).read_bytes(), functions)


def sources(folder: Path, text: str = 'pub extern "C" fn init() {}\n') -> Source:
    """Write a guest's sources and read them."""
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text('[package]\nname = "rhai-guest"\nrust-version = "1.91"\n')
    (folder / "Cargo.lock").write_text("version = 4\n")
    (folder / "src" / "lib.rs").write_text(text)
    return read_source(folder)


def rust(version: str = VERSION, way: str = "installed", home: str = "/opt") -> Rust:
    """Describe a toolchain."""
    return Rust(way, f"{home}/cargo", f"{home}/rustc", version, Path(home))


def test_equal_sources_are_one_build(tmp_path: Path) -> None:
    """Neither the checkout's place nor the toolchain's counts."""
    one = digest(sources(tmp_path / "one"), rust(home="/opt"))
    assert one == digest(sources(tmp_path / "two"), rust(home="/usr"))


def test_whatever_changes_the_module_changes_the_digest(tmp_path: Path) -> None:
    """Source, version of Rust and the way to it each make another build."""
    source = sources(tmp_path / "one")
    digests = {
        digest(source, rust()),
        digest(source, rust(version="rustc 1.96.0")),
        digest(source, rust(way="debian")),
        digest(sources(tmp_path / "two", "// nothing\n"), rust()),
    }
    assert len(digests) == 4


CRATES = {"packages": [], "resolve": {"nodes": [], "root": None}}


class Machine:
    """A folder of programs that stand in for a Rust, with a log of what cargo was asked."""

    def __init__(self, folder: Path, *, release: str = "1.95.0", target: bool = True) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir(parents=True)
        self.log = folder / "cargo.log"
        self.log.touch()
        self.made = folder / "made.wasm"
        self.made.write_bytes(module())
        self.crates = folder / "crates.json"
        self.crates.write_text(json.dumps(CRATES))
        library = folder / "lib" / "libstd-1.rlib"
        library.parent.mkdir()
        if target:
            library.touch()
        self._program("rustup", f'touch "{library}"')
        self._program("rustc", self._rustc(library.parent, release))
        self._program("cargo", self._cargo())
        self.environ = {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "XDG_CACHE_HOME": str(folder / "cache"),
            "CARGO_HOME": str(folder / "cargo"),
            "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
        }

    def _program(self, name: str, text: str) -> None:
        (self.programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.programs / name).chmod(0o755)

    def _rustc(self, library: Path, release: str) -> str:
        return (
            f'case "$*" in -vV) echo "release: {release}";; *sysroot) echo "{library}";; '
            f'*) echo "{library}";; esac'
        )

    def _cargo(self) -> str:
        into = '"$CARGO_TARGET_DIR/wasm32-unknown-unknown/release"'
        return (
            f'echo "$1 $CARGO_PROFILE_RELEASE_OPT_LEVEL" >> "{self.log}"\n'
            f'[ "$1" = metadata ] && cat "{self.crates}"\n'
            f'[ "$1" = build ] && mkdir -p {into} && cp "{self.made}" {into}/rhai_guest.wasm; exit 0'
        )

    def asked(self) -> list[str]:
        """List what cargo was asked, with the profile that came through to it."""
        return self.log.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Make a machine with a whole Rust."""
    return Machine(tmp_path / "machine")


ONE_BUILD = ["fetch ", "build ", "build ", "metadata "]
BUILT = {**dict.fromkeys(BUILDS, module()), NOTICES: notices(json.dumps(CRATES))}


def test_an_unchanged_source_asks_nothing_of_cargo(machine: Machine, tmp_path: Path) -> None:
    """The second build is read from the cache; settings of the builder's own never reach cargo."""
    source = sources(tmp_path / "guest")
    assert build(source, machine.environ) == build(source, machine.environ) == BUILT
    assert machine.asked() == ONE_BUILD


def test_the_notices_are_of_what_is_linked(tmp_path: Path) -> None:
    """A crate's licence travels with it; macros and what only builds the guest are left out."""
    for name in ("guest", "linked", "macro", "builder"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "LICENSE-MIT").write_text(f"words of {name}")
    packages = [
        {
            "id": name,
            "name": name,
            "version": "1.0.0",
            "license": "MIT",
            "manifest_path": str(tmp_path / name / "Cargo.toml"),
            "targets": [{"kind": ["proc-macro" if name == "macro" else "lib"]}],
        }
        for name in ("guest", "linked", "macro", "builder")
    ]
    kinds = {"linked": None, "macro": None, "builder": "build"}
    needs = [{"pkg": name, "dep_kinds": [{"kind": kind}]} for name, kind in kinds.items()]
    nodes = [{"id": "guest", "deps": needs}, *({"id": name, "deps": []} for name in kinds)]
    text = notices(json.dumps({"packages": packages, "resolve": {"nodes": nodes, "root": "guest"}})).decode()
    assert "linked 1.0.0 (MIT)" in text
    assert [name for name in ("guest", "linked", "macro", "builder") if f"words of {name}" in text] == [
        "linked"
    ]


def test_a_damaged_build_is_made_again(machine: Machine, tmp_path: Path) -> None:
    """A cached file that was cut off is not believed."""
    source = sources(tmp_path / "guest")
    build(source, machine.environ)
    (kept,) = Path(machine.environ["XDG_CACHE_HOME"]).rglob("diagnose.wasm")
    kept.write_bytes(kept.read_bytes()[:-1])
    assert build(source, machine.environ)["diagnose.wasm"] == module()
    assert machine.asked() == ONE_BUILD * 2


def test_two_builds_at_once_are_one(machine: Machine, tmp_path: Path) -> None:
    """The second waits for the first and takes what it made."""
    source = sources(tmp_path / "guest")
    answers: list[dict[str, bytes]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(build(source, machine.environ))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [BUILT] * 4
    assert machine.asked() == ONE_BUILD


def test_a_build_that_is_no_guest_is_not_kept(machine: Machine, tmp_path: Path) -> None:
    """A surplus export fails the build, and the next one starts anew."""
    source = sources(tmp_path / "guest")
    machine.made.write_bytes(module(exports=("memory", "init", "back_door")))
    with pytest.raises(BrokenGuestError, match="back_door"):
        build(source, machine.environ)
    machine.made.write_bytes(module())
    assert build(source, machine.environ)["guest.wasm"] == module()


def test_the_built_guest_lies_in_the_package(machine: Machine, tmp_path: Path) -> None:
    """Both modules are put where the package reads them, and stay untouched while they are right."""
    sources(tmp_path / "guest")
    build_into_package(tmp_path, machine.environ)
    placed = {path.name: path.stat() for path in (tmp_path / "rhai" / "_guest").iterdir()}
    assert set(placed) == set(BUILT)
    build_into_package(tmp_path, machine.environ)
    assert {path.name: path.stat().st_ino for path in (tmp_path / "rhai" / "_guest").iterdir()} == {
        name: stat.st_ino for name, stat in placed.items()
    }


def test_a_file_is_replaced_only_by_other_content(tmp_path: Path) -> None:
    """Equal bytes are left alone."""
    assert place(b"one", tmp_path / "file")
    assert not place(b"one", tmp_path / "file")
    assert place(b"two", tmp_path / "file")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"two"]


def test_an_installed_target_is_used(machine: Machine) -> None:
    """Nothing is added where all is there."""
    assert find_rust(machine.environ, (1, 91)).way == "installed"


def test_rustup_completes_a_rust_without_the_target(tmp_path: Path) -> None:
    """What rustup added counts as installed: it is the same compiler."""
    bare = Machine(tmp_path / "bare", target=False)
    with pytest.raises(CannotBuildError, match="no standard library"):
        find_rust({**bare.environ, "RHAI_RUST": "installed"}, (1, 91))
    assert find_rust(bare.environ, (1, 91)).way == "installed"


@pytest.mark.parametrize("way", ["installed", "rustup"])
def test_no_rust_at_all_is_told_with_what_to_install(tmp_path: Path, way: str) -> None:
    """The sentence names the reason and the remedies."""
    with pytest.raises(CannotBuildError, match=r"no (cargo|rustup) on the path") as told:
        find_rust({"PATH": str(tmp_path), "RHAI_RUST": way}, (1, 91))
    assert "apt-get install rustc-web" in str(told.value)
    assert "Rust 1.91 or newer" in str(told.value)


def test_a_rust_that_is_too_old_is_not_used(tmp_path: Path) -> None:
    """The guest's own `rust-version` decides."""
    old = Machine(tmp_path / "old", release="1.85.0")
    environ = {**old.environ, "RHAI_RUST": "installed"}
    assert find_rust(environ, (1, 85)).way == "installed"
    with pytest.raises(CannotBuildError, match="too old"):
        find_rust(environ, sources(tmp_path / "guest").minimum)


def test_an_unknown_way_is_refused(machine: Machine) -> None:
    """A misspelt switch is not read as the default."""
    with pytest.raises(CannotBuildError, match="RHAI_RUST=nix"):
        find_rust({**machine.environ, "RHAI_RUST": "nix"}, ())
