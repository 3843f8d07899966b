"""Quark's module manifest: `type: wasm | docker`, `runtime: wasmedge`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.parse.near import nearest

if TYPE_CHECKING:
    from neira.registry.dialects.sheet import Sheet

_KINDS = {"docker": "container", "process": "container"}
_RUNTIMES = ("wasmedge", "wasmer", "wasmtime", "wazero")


def read(sheet: Sheet) -> None:
    """Turn type and runtime into a kind."""
    sheet.rename("type", "kind")
    kind = sheet.keys.get("kind")
    if isinstance(kind, str) and "|" in kind:
        first = kind.split("|")[0].strip()
        sheet.wrong(("kind",), kind, "one of its kinds: a | b is a choice, not a value", first)
        sheet.keys.pop("kind")
    sheet.words(_KINDS, "kind")
    _runtime(sheet)


def _runtime(sheet: Sheet) -> None:
    if "runtime" not in sheet.keys:
        return
    runtime = sheet.keys.pop("runtime")
    if not isinstance(runtime, str) or runtime not in _RUNTIMES:
        near = nearest(runtime, _RUNTIMES) if isinstance(runtime, str) else None
        sheet.wrong(("runtime",), runtime, "one of " + ", ".join(_RUNTIMES), near)
        return
    sheet.note(f"`runtime: {runtime}` is read; modules run on Wasmtime")
