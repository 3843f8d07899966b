"""Which gate guards what: the door of the UI, and each kind of plugin."""

from __future__ import annotations

from typing import assert_never

from neira.model import GateName, Kind

DOOR = GateName("ui_tools_registry")  # every plugin change, the tools that are shown, the event door


def gate_of(kind: Kind) -> GateName:
    """Name the gate that guards changing and running plugins of a kind."""
    match kind:
        case Kind.SCRIPT:
            return GateName("runtime_scripting_rhai")
        case Kind.WASM:
            return GateName("runtime_wasm_plugins")
        case Kind.COMPONENT:
            return GateName("runtime_components")
        case Kind.CONTAINER:
            return GateName("runtime_container_plugins")
    assert_never(kind)
