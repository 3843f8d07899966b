"""Neira's older manifests: `permissions: {scopes: [read, write]}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        sheet.wrong(f"permissions.{key}", asked[key], "scopes, or a list of permissions")
    if not isinstance(scopes, list):
        sheet.wrong("permissions.scopes", scopes, "a list of read, write")
        scopes = []
    for place, scope in enumerate(scopes):
        if scope not in _SCOPES:
            sheet.wrong(f"permissions.scopes[{place}]", scope, "read or write")
    sheet.keys["permissions"] = [_SCOPES[scope] for scope in scopes if scope in _SCOPES]
    sheet.note("`permissions: {scopes: …}` is read as storage permissions")
