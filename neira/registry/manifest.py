"""A manifest as the hub and the faces ask it, read from its canonical form when somebody first asks.

The canonical form was checked when it was registered and is sealed by digests since; so nothing is checked
here again, and an index of ten thousand plugins loads without looking into any manifest.
"""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from neira.errors.input import InvalidInput
from neira.model import Kind, PluginId
from neira.parse import params

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from neira.model import Json, JsonObject
    from neira.parse.params import ParamsSchema


class Manifest:
    """A manifest as the hub and the faces ask it."""

    def __init__(self, canonical: JsonObject) -> None:
        self.canonical = canonical

    @property
    def id(self) -> PluginId:
        """Say whose manifest it is."""
        return PluginId(str(self.canonical["id"]))

    @property
    def version(self) -> str:
        """Give its version as it is written."""
        return str(self.canonical["version"])

    @property
    def kind(self) -> Kind:
        """Say which engine it needs."""
        return Kind(str(self.canonical["kind"]))

    @property
    def title(self) -> Json:
        """Give its title, a string or one a language; the id stands in for a missing one."""
        return self.canonical.get("title", self.canonical["id"])

    @property
    def entry(self) -> str | None:
        """Name the file below `plugins/` that people edit."""
        return cast("str | None", self.canonical.get("entry"))

    @property
    def permissions(self) -> tuple[str, ...]:
        """List the permissions that it asks for."""
        return tuple(cast("Sequence[str]", self.canonical.get("permissions", ())))

    @cached_property
    def ui_events(self) -> Mapping[str, ParamsSchema | None]:
        """Give the events of its ui block with the schema of their params."""
        closed = bool(self.canonical.get("params_closed"))
        return MappingProxyType(
            {
                str(item["event"]): params.compile(item["params_schema"], closed=closed)
                if "params_schema" in item
                else None
                for item in self._ui_items()
                if "event" in item
            }
        )

    @cached_property
    def events(self) -> tuple[str, ...]:
        """List the patterns of events that it hears; by default those of its own ui block."""
        asked = cast("Sequence[str] | None", self.canonical.get("events"))
        return tuple(self.ui_events) if asked is None else tuple(asked)

    @property
    def addresses(self) -> tuple[str, ...]:
        """List the names under which its functions are called: `<plugin id>:<function>`."""
        functions = cast("Sequence[JsonObject]", self.canonical.get("functions", ()))
        return tuple(f"{self.id}:{function['name']}" for function in functions)

    def check_config(self, config: JsonObject) -> None:
        """Refuse settings that its `config_schema` does not allow."""
        schema = self.canonical.get("config_schema")
        if schema is None:
            return
        problems = params.compile(schema, root="config_schema").problems(config, root="config")
        if problems:
            raise InvalidInput(problems)

    def ui_view(self) -> JsonObject:
        """Show its ui block as a frontend draws it."""
        ui = cast("JsonObject", self.canonical.get("ui", {}))
        return {"title": self.title, "buttons": ui.get("buttons", []), "menus": ui.get("menus", [])}

    def _ui_items(self) -> Iterator[JsonObject]:
        ui = cast("JsonObject", self.canonical.get("ui", {}))
        for group in ("buttons", "menus"):
            yield from cast("Sequence[JsonObject]", ui.get(group, []))
