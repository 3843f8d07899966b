"""RuVector's plugin manifest: `name`, `wasm_file`, `min_ruvector_version`, `capabilities`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neira.errors.input import BadJson
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.registry.dialects.sheet import Sheet

FOLDER = "plugins/wasm/"


def read(sheet: Sheet) -> None:
    """Give the keys their canonical names."""
    _name(sheet)
    sheet.rename("min_ruvector_version", "min_neira_version")
    _wasm_file(sheet)
    _capabilities(sheet)
    _config_schema(sheet)


def _name(sheet: Sheet) -> None:
    if "name" not in sheet.keys:
        return
    name = sheet.keys.pop("name")
    free = [key for key in ("id", "title") if key not in sheet.keys]
    if not free:
        sheet.wrong(("name",), name, "either name, or id and title")
        return
    for key in free:
        sheet.put(key, name, "name")
    sheet.note(f"`name` is read as `{'` and `'.join(free)}`")


def _wasm_file(sheet: Sheet) -> None:
    if "wasm_file" not in sheet.keys:
        return
    sheet.rename("wasm_file", "entry")
    entry = sheet.keys.get("entry")
    if isinstance(entry, str) and "/" not in entry:
        sheet.keys["entry"] = FOLDER + entry
        sheet.note(f"`{entry[:100]}` is looked for in {FOLDER}")
    if not {"kind", "type"} & sheet.keys.keys():
        sheet.keys["kind"] = "wasm"


def _capabilities(sheet: Sheet) -> None:
    if "capabilities" not in sheet.keys:
        return
    asked = sheet.keys.pop("capabilities")
    if "permissions" in sheet.keys:
        sheet.wrong(("capabilities",), asked, "either capabilities or permissions, not both")
        return
    if not isinstance(asked, list):
        sheet.wrong(("capabilities",), asked, "a list")
        return
    permissions: list[Any] = []
    sheet.put("permissions", permissions, "capabilities")
    for place, item in enumerate(asked):
        for text in _one(item):
            sheet.came_from["permissions", len(permissions)] = (*sheet.top, "capabilities", place)
            permissions.append(text)
    sheet.note("`capabilities` are read as `permissions`")


def _one(item: Any) -> Iterator[Any]:
    """Read `NetworkAccess`, or `{FileSystemRead = "/path"}`, which may name several."""
    if not isinstance(item, dict) or not item:
        yield item
        return
    for name, things in item.items():
        for thing in things if isinstance(things, list) else [things]:
            yield f"{name}:{thing}" if isinstance(thing, str) else item


def _config_schema(sheet: Sheet) -> None:
    """Read a schema that is given as JSON text."""
    text = sheet.keys.get("config_schema")
    if not isinstance(text, str):
        return
    try:
        sheet.keys["config_schema"] = strict_json.loads(text.encode())
    except BadJson:
        sheet.wrong(("config_schema",), text, "a schema, or JSON text of one")
        sheet.keys.pop("config_schema")
