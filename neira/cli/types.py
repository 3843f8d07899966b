"""Arguments that are checked before anything is opened: a malformed one is wrong usage, exit code 2."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neira.errors.input import BadId, BadJson, BadVersion
from neira.model import GateState
from neira.parse import ids, semver, strict_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from neira.model import Json, PluginId

LARGEST_TEXT = 16 * 1024 * 1024  # bytes of a file that an option names; the server has its own limits


class Parsed(click.ParamType[str]):
    """A text that one of the parsers of `parse/` takes."""

    def __init__(self, name: str, parse: Callable[[str], object]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the text as it is, or say what is allowed."""
        try:
            self._parse(str(value))
        except (BadId, BadVersion) as error:
            self.fail(f"{error.sentence}; {error.hint}", param, ctx)
        return str(value)


class JsonText(click.ParamType["Mapping[str, Json]"]):
    """A JSON object, or `@FILE` with one in it."""

    name = "JSON|@FILE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Mapping[str, Json]:
        """Read the object."""
        if isinstance(value, dict):
            return value
        raw = read_file(Path(value[1:]), self, param, ctx) if value.startswith("@") else value.encode()
        try:
            found = strict_json.loads(raw)
        except BadJson as error:
            self.fail(error.sentence, param, ctx)
        if not isinstance(found, dict):
            self.fail('give a JSON object, such as \'{"color": "red"}\'', param, ctx)
        return found


class Moment(click.ParamType[str]):
    """A time with its zone, in the form that the journal uses."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take a time, or a date as its first moment in UTC."""
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("give a time such as 2030-01-31 or 2030-01-31T12:00:00Z", param, ctx)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def read_file(
    path: Path, kind: click.ParamType[Any], param: click.Parameter | None, ctx: click.Context | None
) -> bytes:
    """Read a file that an argument names; one that cannot be read is wrong usage."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_TEXT + 1)
    except OSError as error:
        kind.fail(f"{path}: {error.strerror}", param, ctx)
    if len(raw) > LARGEST_TEXT:
        kind.fail(f"{path} is larger than {LARGEST_TEXT} bytes", param, ctx)
    return raw


def _plugin(text: str) -> PluginId:
    return ids.plugin_id(text)


PLUGIN = Parsed("PLUGIN", _plugin)
VERSION = Parsed("VERSION", semver.parse)
DIGEST = Parsed("DIGEST", ids.digest)
CHAT = Parsed("CHAT", ids.chat_id)
SESSION = Parsed("SESSION", ids.session_id)
EVENT = Parsed("EVENT", ids.event_name)
STATE = click.Choice([state.value for state in GateState])
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
