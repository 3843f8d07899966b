"""Wippy's registry index: `_index.yaml` with many entries below one namespace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from neira.parse.near import nearest
from neira.registry.dialects.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.parse.document import Document

_SHORT = re.compile(r"\d+(?:\.\d+)?")
_KINDS = ("function.wat", "function.wasm", "process.wasm")
_FOLDER = "fs.directory"
_TOP = ("version", "namespace", "entries")
_SAME = ("pool", "imports", "transport", "wasi", "meta", "title", "description", "permissions")
_READ = ("name", "kind", "source", "fs", "path", "hash", "method", "wit", "limits", *_SAME)
_WIT_LINE = re.compile(r"([A-Za-z_][\w.-]*)\s*:\s*(func\b[^;]*);?")  # of a stripped line; linear
_FILE = "file://"
MOST_ENTRIES = 256
_MOST_SIZE = 16  # of a lazy or adaptive pool that does not say


def read(document: Document) -> tuple[Sheet, list[Sheet]] | None:
    """Make a sheet of the index and one of each entry, or `None` of what is no index."""
    index: Any = document.value
    if "entries" not in index or "id" in index:
        return None
    top = Sheet(document, {})
    for key in index.keys() - set(_TOP):
        top.unknown((key,), index[key], _TOP)
    if not isinstance(index.get("namespace"), str):
        top.wrong(("namespace",), index.get("namespace"), "the namespace of all entries")
    sheets = list(_sheets(top, document))
    if not sheets:
        top.wrong(("entries",), index["entries"], "a list with at least one function or process")
    return top, sheets


def _sheets(top: Sheet, document: Document) -> Iterator[Sheet]:
    index: Any = document.value
    entries = index["entries"] if isinstance(index["entries"], list) else []
    if len(entries) > MOST_ENTRIES:
        top.wrong(("entries",), entries, f"at most {MOST_ENTRIES} entries")
        entries = entries[:1]
    maps = [entry for entry in entries if isinstance(entry, dict)]
    folders = {str(entry.get("name")): entry for entry in maps if entry.get("kind") == _FOLDER}
    names: set[str] = set()
    for place, entry in enumerate(entries):
        if not isinstance(entry, dict):
            top.wrong(("entries", place), entry, "a map")
            continue
        name = str(entry.get("name"))
        if name in names:
            top.wrong(("entries", place, "name"), name, "a name that no other entry has")
        names.add(name)
        if entry.get("kind") != _FOLDER:
            yield _entry(document, place, entry, folders)


def _entry(document: Document, place: int, entry: dict[str, Any], folders: dict[str, Any]) -> Sheet:
    index: Any = document.value
    sheet = Sheet(document, {key: entry[key] for key in _SAME if key in entry}, ("entries", place))
    for key in entry.keys() - set(_READ):
        sheet.unknown((key,), entry[key], _READ)
    _named(sheet, index.get("namespace"), entry.get("name"))
    sheet.keys["version"] = _version(index.get("version"))
    sheet.came_from["version",] = ("version",)
    _kind(sheet, entry)
    _pool(sheet, entry)
    _bytes(sheet, entry, folders)
    _functions(sheet, entry)
    _limits(sheet, entry)
    return sheet


def _named(sheet: Sheet, space: Any, name: Any) -> None:
    if name is None:
        sheet.missing(("name",), "the name of the entry")
        name = "unnamed"
    sheet.put("id", f"{space}.{name}", "name")
    sheet.put("address", f"{space}:{name}", "name")
    sheet.note(f"`{sheet.keys['address'][:130]}` is registered as `{sheet.keys['id'][:130]}`")


def _version(value: Any) -> Any:
    """Complete `1.0` to `1.0.0`."""
    if isinstance(value, str) and _SHORT.fullmatch(value):
        return value + ".0" * (2 - value.count("."))
    return value


def _kind(sheet: Sheet, entry: dict[str, Any]) -> None:
    """Tell modules from components, which bring their WIT along and import what preview 2 groups."""
    kind = entry.get("kind")
    sheet.keys["kind"] = "wasm"
    if not isinstance(kind, str) or kind not in _KINDS:
        near = nearest(kind, _KINDS) if isinstance(kind, str) else None
        sheet.wrong(("kind",), kind, f"one of {', '.join(_KINDS)}, {_FOLDER}", near)
    elif kind != "function.wat" and "imports" in entry and "wit" not in entry:
        sheet.keys["kind"] = "component"
        sheet.note("with `imports` and without `wit` it is read as a component")
    meta = entry.get("meta")
    if kind == "process.wasm" and not (isinstance(meta, dict) and "command" in meta):
        sheet.keys["lifetime"] = "resident"


def _pool(sheet: Sheet, entry: dict[str, Any]) -> None:
    pool = entry.get("pool")
    if pool is None:
        return
    if sheet.keys.get("lifetime") == "resident":
        sheet.wrong(("pool",), pool, "no pool: a process has one instance")
        return
    sheet.keys["lifetime"] = "pool"
    if isinstance(pool, dict) and pool.get("type") in ("lazy", "adaptive") and "max_size" not in pool:
        sheet.keys["pool"] = {**pool, "max_size": _MOST_SIZE}
        sheet.note(f"a {pool['type']} pool without `max_size` has {_MOST_SIZE}")


def _bytes(sheet: Sheet, entry: dict[str, Any], folders: dict[str, Any]) -> None:
    source = entry.get("source")
    if isinstance(source, str) and source.startswith(_FILE):
        sheet.put("entry", f"plugins/wasm/{source.removeprefix(_FILE).removeprefix('./')}", "source")
    elif source is not None:
        sheet.keys["source"] = source
    if "path" in entry:
        _file(sheet, entry, folders)
    if not {"source", "path"} & entry.keys():
        sheet.missing(("path",), "a source, or the path of a file below fs")
    if "hash" in entry:
        sheet.put("sha256", str(entry["hash"]).removeprefix("sha256:"), "hash")


def _file(sheet: Sheet, entry: dict[str, Any], folders: dict[str, Any]) -> None:
    """Find the folder that an entry names; all folders stand below `plugins/` here."""
    name = str(entry.get("fs", "")).rpartition(":")[2]
    if name and name not in folders:
        sheet.wrong(("fs",), entry["fs"], f"an entry of kind {_FOLDER} in this index", nearest(name, folders))
    directory = str(folders.get(name, {}).get("directory", "wasm")).removeprefix("./").strip("/")
    path = str(entry["path"]).removeprefix("./").lstrip("/")
    sheet.put("entry", "/".join(part for part in ("plugins", directory, path) if part), "path")
    if "hash" not in entry:
        sheet.missing(("hash",), "sha256: and 64 hex digits, which binaries need")


def _functions(sheet: Sheet, entry: dict[str, Any]) -> None:
    """Read the signatures; the function that the entry's own address means comes first."""
    functions = list(_signatures(sheet, entry.get("wit", "")))
    if "method" in entry:
        method = entry["method"]
        called = [each for each in functions if each["name"] == method]
        functions = [*(called or [{"name": method}]), *(each for each in functions if each not in called)]
    if functions:
        sheet.put("functions", functions, "method" if "method" in entry else "wit")


def _signatures(sheet: Sheet, wit: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(wit, str):
        sheet.wrong(("wit",), wit, "signatures, one a line: answer: func() -> s32;")
        return
    for line in filter(None, map(str.strip, wit.splitlines())):
        found = _WIT_LINE.fullmatch(line)
        if found:
            yield {"name": found[1], "signature": " ".join(found[2].split())}
        elif not line.startswith("//"):
            sheet.wrong(("wit",), line, "signatures, one a line: answer: func() -> s32;")


def _limits(sheet: Sheet, entry: dict[str, Any]) -> None:
    limits = entry.get("limits")
    if limits is None:
        return
    if not isinstance(limits, dict):
        sheet.wrong(("limits",), limits, "a map with max_execution_ms")
        return
    for key in limits.keys() - {"max_execution_ms"}:
        sheet.unknown(("limits", key), limits[key], ["max_execution_ms"])
    if "max_execution_ms" in limits:
        sheet.keys["limits"] = {"timeout_ms": limits["max_execution_ms"]}
        sheet.came_from["limits", "timeout_ms"] = (*sheet.top, "limits", "max_execution_ms")
