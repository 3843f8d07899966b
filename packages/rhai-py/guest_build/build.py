"""The way from the guest's sources to the two modules in the package."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from guest_build.cargo import Bench
from guest_build.errors import CannotBuildError
from guest_build.module import check
from guest_build.notices import NOTICES, notices
from guest_build.recipe import BUILDS, Source, digest, read_source
from guest_build.rust import find_rust
from guest_build.store import alone, cache_root, keep, place, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from guest_build.rust import Rust

PROJECT = Path(__file__).resolve().parent.parent


def build_into_package(project: Path, environ: Mapping[str, str]) -> None:
    """Bring the files in `rhai/_guest` up to date with the guest's sources."""
    files = build(read_source(project / "guest"), environ)
    changed = [name for name, content in files.items() if place(content, project / "rhai" / "_guest" / name)]
    print(
        f"rhai-py: {', '.join(changed)} put into the package"
        if changed
        else "rhai-py: the guest is up to date"
    )


def build(source: Source, environ: Mapping[str, str]) -> dict[str, bytes]:
    """Answer the modules of a source and their notices, from the cache if it was built before."""
    rust = find_rust(environ, source.minimum)
    root = cache_root(environ)
    built = root / "guest" / digest(source, rust)
    if found := _cached(built, source):
        return found
    with alone(root):
        if found := _cached(built, source):  # by the build that was waited for
            return found
        files = _compile(source, rust, root, environ)
        keep(files, built)
    return files


def _cached(built: Path, source: Source) -> dict[str, bytes] | None:
    try:
        files = {name: (built / name).read_bytes() for name in (*BUILDS, NOTICES)}
        for name in BUILDS:
            check(files[name], source.functions)
    except (FileNotFoundError, CannotBuildError):
        return None  # not there, or damaged
    return files


def _compile(source: Source, rust: Rust, root: Path, environ: Mapping[str, str]) -> dict[str, bytes]:
    print(f"rhai-py: building the Rhai guest ({rust.way}), 1-3 minutes the first time", flush=True)
    started = time.monotonic()
    # A copy, written anew: cargo knows a changed file by its time, which says nothing between two checkouts.
    copy = root / "source"
    shutil.rmtree(copy, ignore_errors=True)
    write_files(source.files, copy)
    bench = Bench(rust, copy, root / "target" / rust.way, environ)
    bench.fetch()
    modules = {}
    for name, extra in BUILDS.items():
        modules[name] = bench.compile(extra)
        check(modules[name], source.functions)
    sizes = ", ".join(f"{name} {len(module) / 1e6:.1f} MB" for name, module in modules.items())
    print(f"rhai-py: built in {time.monotonic() - started:.0f} s: {sizes}", flush=True)
    return {**modules, NOTICES: notices(bench.metadata())}
