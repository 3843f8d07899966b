"""Neira's older manifests: `permissions: {scopes: [read, write]}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neira.parse.near import nearest

if TYPE_CHECKING:
    from neira.registry.dialects.sheet import Sheet

_SCOPES = {"read": "storage:read", "write": "storage:write"}


def read(sheet: Sheet) -> None:
    """Turn scopes into permissions."""
    asked = sheet.keys.get("permissions")
    if not isinstance(asked, dict):
        return
    scopes = asked.get("scopes", [])
    for key in asked.keys() - {"scopes"}:
        sheet.unknown(("permissions", key), asked[key], ["scopes"], "scopes, or a list of permissions")
    if not isinstance(scopes, list):
        sheet.wrong(("permissions", "scopes"), scopes, "a list of read, write")
        scopes = []
    sheet.keys["permissions"] = [_permission(sheet, scope, place) for place, scope in enumerate(scopes)]
    sheet.note("`permissions: {scopes: …}` is read as storage permissions")


def _permission(sheet: Sheet, scope: Any, place: int) -> Any:
    """Translate a scope; what is none stays, and is refused as a permission that does not exist."""
    if isinstance(scope, str) and scope in _SCOPES:
        return _SCOPES[scope]
    near = nearest(scope, _SCOPES) if isinstance(scope, str) else None
    sheet.wrong(("permissions", "scopes", place), scope, "read or write", near)
    sheet.came_from["permissions", place] = (*sheet.top, "permissions", "scopes", place)
    return scope
