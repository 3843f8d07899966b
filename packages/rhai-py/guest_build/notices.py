"""The licence notices of the crates that are compiled into the guest: the wheel carries them too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

NOTICES: Final = "THIRD-PARTY.txt"

_HEAD = (
    "guest.wasm and diagnose.wasm contain compiled code of the Rust standard library (MIT OR Apache-2.0)\n"
    "and of the crates below, each followed by the notices that its authors ship with it.\n"
)
_PATTERNS = ("LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "COPYRIGHT*")


def notices(metadata: str) -> bytes:
    """Put the notices together from what `cargo metadata` prints."""
    known: dict[str, Any] = json.loads(metadata)
    packages = {package["id"]: package for package in known["packages"]}
    chosen = (packages[one] for one in _linked(known["resolve"], packages))
    texts = [_notice(package) for package in sorted(chosen, key=lambda package: str(package["name"]))]
    return "\n".join((_HEAD, *texts)).encode()


def _linked(resolve: dict[str, Any], packages: dict[str, Any]) -> set[str]:
    """Find the crates whose code ends in the module: not what only builds it, and not the guest itself."""
    nodes = {node["id"]: node for node in resolve["nodes"]}
    root = resolve["root"]
    found: set[str] = set()
    waiting = [root] if root else []
    while waiting:
        for needed in nodes[waiting.pop()]["deps"]:
            ordinary = any(kind["kind"] is None for kind in needed["dep_kinds"])
            if ordinary and needed["pkg"] not in found and not _is_macro(packages[needed["pkg"]]):
                found.add(needed["pkg"])
                waiting.append(needed["pkg"])
    return found


def _is_macro(package: dict[str, Any]) -> bool:
    return any("proc-macro" in target["kind"] for target in package["targets"])


def _notice(package: dict[str, Any]) -> str:
    title = f"{package['name']} {package['version']} ({package['license'] or 'see below'})"
    folder = Path(package["manifest_path"]).parent
    files = sorted({file for pattern in _PATTERNS for file in folder.glob(pattern) if file.is_file()})
    texts = [file.read_text(encoding="utf-8", errors="replace").strip() for file in files]
    line = "=" * len(title)
    return "\n\n".join((f"{line}\n{title}\n{line}", *texts)) + "\n"
