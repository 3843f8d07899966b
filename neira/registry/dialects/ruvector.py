"""RuVector's plugin manifest: `name`, `wasm_file`, `min_ruvector_version`, `capabilities`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neira.registry.dialects.sheet import Sheet

_NAMES = {
    "ReadSystemInfo": "system:read",
    "ReadProcessList": "process:list",
    "ModifyProcessPriority": "process:priority",
    "TrimProcessMemory": "process:trim",
    "KillProcess": "process:kill",
    "ShowNotifications": "notify:show",
    "NetworkAccess": "http:outbound",
    "FileSystemRead": "fs:read",
    "FileSystemWrite": "fs:write",
    "RegistryRead": "winreg:read",
    "RegistryWrite": "winreg:write",
}


def read(sheet: Sheet) -> None:
    """Give the keys their canonical names."""
    keys = sheet.keys
    if "name" in keys and "id" not in keys:
        keys["id"] = keys["name"]
        keys.setdefault("title", keys["name"])
        sheet.note("`name` is read as `id` and `title`")
        keys.pop("name")
    sheet.rename("min_ruvector_version", "min_neira_version")
    _wasm_file(sheet)
    _capabilities(sheet)


def _wasm_file(sheet: Sheet) -> None:
    if "wasm_file" not in sheet.keys:
        return
    sheet.rename("wasm_file", "entry")
    entry = sheet.keys.get("entry")
    if isinstance(entry, str) and "/" not in entry:
        sheet.keys["entry"] = f"plugins/wasm/{entry}"
        sheet.note(f"`{entry}` is looked for in plugins/wasm/")
    sheet.keys.setdefault("kind", "wasm")


def _capabilities(sheet: Sheet) -> None:
    if "capabilities" not in sheet.keys:
        return
    asked = sheet.keys.pop("capabilities")
    if "permissions" in sheet.keys:
        sheet.wrong("capabilities", asked, "either capabilities or permissions, not both")
        return
    if not isinstance(asked, list):
        sheet.wrong("capabilities", asked, "a list")
        return
    sheet.keys["permissions"] = [text for item in asked for text in _one(item)]
    sheet.note("`capabilities` are read as `permissions`")


def _one(item: Any) -> list[Any]:
    """Read `NetworkAccess`, or `{FileSystemRead = "/path"}`, which may name several."""
    if isinstance(item, dict):
        return [f"{_NAMES.get(name, name)}:{thing}" for name, thing in item.items()]
    return [_NAMES.get(item, item) if isinstance(item, str) else item]
