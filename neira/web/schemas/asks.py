"""What routes take: bodies and query strings, each loaded into a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from marshmallow import fields, validate

from neira.model import GateState, Kind, Mode, PluginState, Scope
from neira.web.schemas.fields import (
    Count,
    Moment,
    Schema,
    Text,
    Truth,
    WrittenCount,
    one_of,
)

if TYPE_CHECKING:
    from datetime import datetime

    from neira.model import JsonObject

MOST = 1000
USUAL = 100
_WHY = "Why; kept in the journal."


@dataclass(frozen=True, slots=True)
class Whyed:
    """A change that needs no more than a reason."""

    why: str = ""


class WhyBody(Schema):
    """A reason."""

    makes = Whyed
    why = Text(_WHY)


class WhyQuery(Schema):
    """A reason, where there is no body."""

    makes = Whyed
    why = Text(_WHY)


@dataclass(frozen=True, slots=True)
class Disabling:
    """A plugin is to stop."""

    why: str = ""
    reason: str = ""


class DisablingBody(Schema):
    """Why a plugin is to stop."""

    makes = Disabling
    why = Text(_WHY)
    reason = Text("What is shown beside the plugin's state.")


@dataclass(frozen=True, slots=True)
class RollingBack:
    """Which version to go back to; none: the one before."""

    why: str = ""
    version: str | None = None
    revision: int | None = None
    with_state: bool = False


class RollingBackBody(Schema):
    """Which version to go back to; none: the one before."""

    makes = RollingBack
    version = Text("The version to go back to.", most=256)
    revision = Count(metadata={"description": "The revision of that version."})
    with_state = Truth(
        metadata={"description": "Take the plugin's stored values back too, as that version had left them."}
    )
    why = Text(_WHY)


@dataclass(frozen=True, slots=True)
class Approving:
    """Which bytes may run, and with which powers; none named: all that are asked for."""

    digest: str
    why: str = ""
    permissions: tuple[str, ...] | None = None


class ApprovingBody(Schema):
    """Which bytes may run, and with which powers."""

    makes = Approving
    digest = Text("`pending.digest` of the plugin.", required=True, most=64)
    permissions = fields.List(Text("A permission.", most=512), metadata={"description": "What is granted."})
    why = Text(_WHY)


@dataclass(frozen=True, slots=True)
class Revoking:
    """Which power ends."""

    permission: str
    why: str = ""


class RevokingBody(Schema):
    """Which power ends."""

    makes = Revoking
    permission = Text("The permission to take away.", required=True, least=1, most=512)
    why = Text(_WHY)


@dataclass(frozen=True, slots=True)
class Configuring:
    """The whole configuration of a plugin."""

    config: JsonObject
    why: str = ""


class ConfiguringBody(Schema):
    """The whole configuration of a plugin."""

    makes = Configuring
    config = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "As the plugin's config_schema wants it."},
    )
    why = Text(_WHY)


@dataclass(frozen=True, slots=True)
class GateMove:
    """Where a gate goes."""

    state: GateState
    why: str = ""
    force: bool = False


class GateMoveBody(Schema):
    """Where a gate goes."""

    makes = GateMove
    state = one_of(GateState, "The new state.", required=True)
    why = Text(_WHY)
    force = Truth(metadata={"description": "Pass over missed criteria; needs a why."})


@dataclass(frozen=True, slots=True)
class Saying:
    """An owner's words about gates."""

    phrase: str
    why: str = ""
    force: bool = False


class SayingBody(Schema):
    """An owner's words about gates, in Russian or English."""

    makes = Saying
    phrase = Text("Such as `unlock NAME` or «Покажи статус способностей».", required=True, least=1)
    why = Text(_WHY)
    force = Truth(metadata={"description": "Pass over missed criteria; needs a why."})


@dataclass(frozen=True, slots=True)
class Braking:
    """Safe mode on or off."""

    enabled: bool
    why: str = ""
    disable: tuple[str, ...] = ()


class BrakingBody(Schema):
    """Safe mode on or off."""

    makes = Braking
    enabled = Truth(required=True, metadata={"description": "Whether safe mode is to be on."})
    why = Text(_WHY)
    disable = fields.List(
        Text("A plugin id.", most=64), metadata={"description": "Leave without these plugins."}
    )


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """A token to be made."""

    name: str
    scope: Scope
    why: str = ""
    namespace: str | None = None
    expires: datetime | None = None


class TokenOrderBody(Schema):
    """A token to be made."""

    makes = TokenOrder
    name = Text("Who will hold it: letters, digits, . _ @ -", required=True, least=1, most=64)
    scope = one_of(Scope, "What it may do.", required=True)
    namespace = Text("The plugin ids it is bound to; none: all.", least=1, most=64, allow_none=True)
    expires = Moment("When it ends; none: when it is revoked.", allow_none=True)
    why = Text(_WHY)


@dataclass(frozen=True, slots=True)
class Pages:
    """Which part of a list."""

    limit: int = USUAL
    cursor: str | None = None


class PagesQuery(Schema):
    """Which part of a list."""

    makes = Pages
    limit = WrittenCount("How many.", least=1, most=MOST)
    cursor = Text("`next` of the page before.", least=1, most=1000)


class ToolsQuery(PagesQuery):
    """Which part of the tools; a frontend that says nothing gets as many as fit on a page."""

    limit = WrittenCount("How many.", least=1, most=MOST, load_default=MOST)


@dataclass(frozen=True, slots=True)
class PluginsWanted(Pages):
    """Which plugins."""

    state: PluginState | None = None
    kind: Kind | None = None
    q: str = ""


class PluginsWantedQuery(PagesQuery):
    """Which plugins."""

    makes = PluginsWanted
    state = one_of(PluginState, "Only those in this state.")
    kind = one_of(Kind, "Only those of this kind.")
    q = Text("Words of the id or the title.", most=200)


@dataclass(frozen=True, slots=True)
class RecordsWanted(Pages):
    """Which records of the journal."""

    since: datetime | None = None
    until: datetime | None = None
    plugin: str | None = None
    kind: str | None = None
    actor: str | None = None
    id: str | None = None
    q: str | None = None


class RecordsWantedQuery(PagesQuery):
    """Which records of the journal."""

    makes = RecordsWanted
    since = Moment("Not before this time.", data_key="from")
    until = Moment("Before this time.", data_key="to")
    plugin = Text("About this plugin.", most=64)
    kind = Text("Of this kind, such as plugin.enabled.", most=64)
    actor = Text("By this actor.", most=200)
    id = Text("The record with this id.", most=200)
    q = Text("Words of what was done and why.", most=200)


@dataclass(frozen=True, slots=True)
class ItemsWanted(Pages):
    """Which saved items of a session."""

    type: str | None = None
    q: str = ""


class ItemsWantedQuery(PagesQuery):
    """Which saved items of a session."""

    makes = ItemsWanted
    type = fields.String(
        validate=validate.OneOf(("annotation", "message", "note")),
        metadata={"description": "Only items of this type."},
    )
    q = Text("Words of the item.", most=200)


@dataclass(frozen=True, slots=True)
class ItemsSought(ItemsWanted):
    """Which saved items of all sessions."""

    chat_id: str | None = None


class ItemsSoughtQuery(ItemsWantedQuery):
    """Which saved items of all sessions."""

    makes = ItemsSought
    chat_id = Text("Only items of this chat.", most=128)


class ExportForm(StrEnum):
    """What an export is written in."""

    NDJSON = "ndjson"
    MARKDOWN = "md"


@dataclass(frozen=True, slots=True)
class ItemsExported:
    """Which saved items to give out, and how written."""

    format: ExportForm = ExportForm.NDJSON
    chat_id: str | None = None
    session_id: str | None = None


class ItemsExportedQuery(Schema):
    """Which saved items to give out, and how written."""

    makes = ItemsExported
    format = one_of(ExportForm, "Lines of JSON, or Markdown for reading.")
    chat_id = Text("Only items of this chat.", most=128)
    session_id = Text("Only items of sessions with this id.", most=128)


@dataclass(frozen=True, slots=True)
class Going:
    """How far an event may go at most."""

    mode: Mode = Mode.LIVE


class EventQuery(Schema):
    """How far an event may go at most."""

    makes = Going
    mode = one_of(Mode, "preview: run it and show what would happen; dry_run: check it alone.")


class EventBody(Schema):
    """An event; its parser is `neira.parse.event`, this is how it is documented."""

    read_by_parser = False  # the door reads it by hand, thousands a second

    tool_id = fields.String(required=True, metadata={"description": "The plugin whose button it was."})
    event = fields.String(required=True, metadata={"description": "The event that the button names."})
    params = fields.Dict(metadata={"description": "As the button's params_schema wants them."})
    context = fields.Dict(metadata={"description": "Where it happened: chat_id, session_id and more."})
