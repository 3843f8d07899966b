"""Wippy's registry index: `_index.yaml` with many entries below one namespace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from neira.parse.fields import seen
from neira.registry.dialects.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT = re.compile(r"\d+(?:\.\d+)?")
_KINDS = {"function.wat": "wasm", "function.wasm": "wasm", "process.wasm": "wasm"}
_SAME = ("pool", "imports", "transport", "wasi", "meta", "title", "description", "permissions")
_READ = frozenset({"name", "kind", "source", "fs", "path", "hash", "method", "wit", "limits", *_SAME})
_WIT_LINE = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*:\s*(func\b.*?)\s*;?\s*")
_FILE = "file://"


def read(value: dict[str, Any]) -> list[Sheet] | None:
    """Make a sheet of each entry, or `None` of what is no index."""
    if not isinstance(value.get("entries"), list) or "namespace" not in value:
        return None
    top = Sheet(value)
    for key in value.keys() - {"version", "namespace", "entries"}:
        top.wrong(key, value[key], "version, namespace, entries")
    folders = {str(each.get("name")): each for each in _maps(value) if each.get("kind") == "fs.directory"}
    numbered = list(enumerate(value["entries"]))
    sheets = [_entry(each, place, value, folders) for place, each in numbered if _runs(each)]
    for place, each in numbered:
        if not isinstance(each, dict):
            top.wrong(f"entries[{place}]", each, "a map")
    if not sheets:
        top.wrong("entries", value["entries"], "at least one function or process")
        return [top]
    sheets[0].problems += top.problems
    return sheets


def _maps(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for each in value["entries"] if isinstance(each, dict))


def _runs(entry: object) -> bool:
    return isinstance(entry, dict) and entry.get("kind") != "fs.directory"


def _entry(entry: dict[str, Any], place: int, index: dict[str, Any], folders: dict[str, Any]) -> Sheet:
    space, name = index["namespace"], entry.get("name")
    keys: dict[str, Any] = {
        "id": f"{space}.{name}",
        "address": f"{space}:{name}",
        "version": _version(index.get("version")),
    }
    sheet = Sheet(keys, notes=[f"`{space}:{name}` is registered as `{space}.{name}`"])
    for key in entry.keys() - _READ:
        sheet.wrong(f"entries[{place}].{key}", entry[key], "one of " + ", ".join(sorted(_READ)))
    keys |= {key: entry[key] for key in _SAME if key in entry}
    _kind(sheet, entry, place)
    _bytes(sheet, entry, folders, place)
    _functions(sheet, entry)
    _limits(sheet, entry, place)
    return sheet


def _version(value: Any) -> Any:
    """Complete `1.0` to `1.0.0`."""
    if isinstance(value, str) and _SHORT.fullmatch(value):
        return value + ".0" * (2 - value.count("."))
    return value


def _kind(sheet: Sheet, entry: dict[str, Any], place: int) -> None:
    kind = entry.get("kind")
    if kind not in _KINDS:
        sheet.wrong(f"entries[{place}].kind", kind, "one of " + ", ".join(_KINDS) + ", fs.directory")
        return
    sheet.keys["kind"] = _KINDS[kind]
    if kind == "process.wasm" and "command" not in (entry.get("meta") or {}):
        sheet.keys["lifetime"] = "resident"
    pool = entry.get("pool")
    if isinstance(pool, dict):
        sheet.keys["lifetime"] = "pool"
        if pool.get("type") in {"lazy", "adaptive"} and "max_size" not in pool:
            sheet.keys["pool"] = {**pool, "max_size": 16}


def _bytes(sheet: Sheet, entry: dict[str, Any], folders: dict[str, Any], place: int) -> None:
    source = entry.get("source")
    if isinstance(source, str) and source.startswith(_FILE):
        sheet.keys["entry"] = f"plugins/wasm/{source.removeprefix(_FILE).removeprefix('./')}"
    elif source is not None:
        sheet.keys["source"] = source
    if "path" in entry:
        folder = folders.get(str(entry.get("fs", "")).rpartition(":")[2], {})
        directory = str(folder.get("directory", "wasm")).removeprefix("./").strip("/")
        sheet.keys["entry"] = f"plugins/{directory}/{str(entry['path']).removeprefix('./').lstrip('/')}"
        if "hash" not in entry:
            sheet.wrong(f"entries[{place}].hash", None, "sha256: and 64 hex digits (required for binaries)")
    if "hash" in entry:
        sheet.keys["sha256"] = str(entry["hash"]).removeprefix("sha256:")


def _functions(sheet: Sheet, entry: dict[str, Any]) -> None:
    lines = map(_WIT_LINE.fullmatch, str(entry.get("wit", "")).splitlines())
    functions = [{"name": found[1], "signature": found[2]} for found in lines if found]
    method = entry.get("method")
    if isinstance(method, str) and method not in [each["name"] for each in functions]:
        functions.append({"name": method})
    if functions:
        sheet.keys["functions"] = functions


def _limits(sheet: Sheet, entry: dict[str, Any], place: int) -> None:
    limits = entry.get("limits")
    if limits is None:
        return
    if not isinstance(limits, dict) or limits.keys() - {"max_execution_ms"}:
        sheet.wrong(f"entries[{place}].limits", limits, f"a map with max_execution_ms, not {seen(limits)}")
        return
    sheet.keys["limits"] = {"timeout_ms": limits["max_execution_ms"]}
