"""RuVector's settings: `[plugins]` with a table `[plugins.installed.<name>]` for each plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neira.registry.dialects.sheet import Sheet

if TYPE_CHECKING:
    from neira.parse.document import Document

MOST_TABLES = 256
_HOST = ("enabled", "plugin_dir", "registry_url", "auto_update")
_KNOWN = (*_HOST, "max_tick_ms", "max_memory_mb", "installed")


def read(document: Document) -> tuple[Sheet, list[Sheet]] | None:
    """Make a sheet of the file and one of each installed plugin, or `None` of what is no such file."""
    value: Any = document.value
    plugins = value.get("plugins")
    if not isinstance(plugins, dict) or "id" in value:
        return None
    top = Sheet(document, {})
    for key in value.keys() - {"plugins"}:
        top.unknown((key,), value[key], ["plugins"])
    for key in plugins.keys() - set(_KNOWN):
        top.unknown(("plugins", key), plugins[key], _KNOWN)
    tables = plugins.get("installed")
    if not isinstance(tables, dict) or not tables:
        top.missing(("plugins", "installed"), "a table [plugins.installed.<name>] for each plugin")
        return top, []
    if len(tables) > MOST_TABLES:
        top.wrong(("plugins", "installed"), tables, f"at most {MOST_TABLES} plugins")
        return top, []
    return top, [_one(document, plugins, name) for name in tables]


def _one(document: Document, plugins: dict[str, Any], name: str) -> Sheet:
    top = ("plugins", "installed", name)
    table = plugins["installed"][name]
    sheet = Sheet(document, dict(table) if isinstance(table, dict) else {}, top)
    if not isinstance(table, dict):
        sheet.wrong((), table, "a table with version and wasm_file")
        return sheet
    sheet.keys |= {"id": name, "title": name}
    sheet.came_from |= {("id",): top, ("title",): top}
    if "type" not in sheet.keys:
        sheet.keys.setdefault("kind", "wasm")
    if sheet.keys.pop("enabled", None) is not None:
        sheet.note("`enabled` is not taken over: a plugin is enabled by the verb, after its approval")
    if not {"wasm_file", "entry", "source"} & table.keys():
        sheet.missing(("wasm_file",), "the name of the plugin's .wasm file")
    _host(sheet, plugins)
    return sheet


def _host(sheet: Sheet, plugins: dict[str, Any]) -> None:
    """Take over what bounds each plugin; the rest is the business of the host's own settings."""
    for key in _HOST:
        if key in plugins:
            sheet.note(f"`plugins.{key}` is a setting of another host and is not taken over")
    if "max_memory_mb" in plugins and "limits" not in sheet.keys:
        sheet.keys["limits"] = {"memory_mb": plugins["max_memory_mb"]}
        sheet.came_from["limits", "memory_mb"] = ("plugins", "max_memory_mb")
    tick = sheet.keys.get("tick")
    if "max_tick_ms" in plugins and isinstance(tick, dict) and "limit_ms" not in tick:
        sheet.keys["tick"] = {**tick, "limit_ms": plugins["max_tick_ms"]}
        sheet.came_from["tick", "limit_ms"] = ("plugins", "max_tick_ms")
