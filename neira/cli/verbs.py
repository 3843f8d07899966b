"""Every verb there is, written out: `("plugins", …)` is the folder `plugins/`, each name in it is a file.

docs/cli.md is generated from this list and held equal to it by a test.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TOP = (
    "init", "serve", "doctor", "settings", "migrate", "backup", "restore", "forget", "completion",
)  # fmt: skip

NOUNS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "plugins": (
            "Register, switch and look at plugins.",
            (
                "list", "show", "add", "enable", "disable", "reload", "rollback", "unpin", "remove",
                "versions", "approve", "revoke", "permissions", "config",
            ),
        ),
        "gates": ("Open and close the abilities of the system.", ("list", "set", "say", "render")),
        "safe-mode": ("Stop all changes of plugins at once.", ("status", "on", "off")),
        "journal": (
            "Read and verify the journal.", ("tail", "show", "verify", "render", "export", "archive"),
        ),
        "registry": ("Mend the registry.", ("rebuild",)),
        "token": ("Make and end tokens.", ("create", "list", "revoke")),
        "event": ("Send events.", ("send",)),
        "tools": ("See what a frontend sees.", ("list",)),
        "tasks": ("See and settle what plugins have started.", ("list", "settle")),
        "notifications": ("See what people should see.", ("list",)),
        "keeper": ("Keep a home: watch its files, tick, recover.", ("run", "status", "profile")),
        "context": ("Remove what plugins saved for chats.", ("remove",)),
        "search": ("Find what plugins saved by its text: neira search TEXT.", ("find", "rebuild")),
    }
)  # fmt: skip

# the verb of a noun that may be left out
UNSPOKEN: Mapping[str, str] = MappingProxyType({"search": "find"})
