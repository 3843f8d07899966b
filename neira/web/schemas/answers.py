"""What routes answer, written down for the OpenAPI document; the kernel's own views make the values."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from neira.errors.base import Fault
from neira.model import GateState, Kind, Mode, PluginState, Scope, TaskState


class Open(ma.Schema):
    """An answer that may carry more than is written here."""

    class Meta:
        """Let later versions add members."""

        unknown = ma.INCLUDE


def _word(meaning: str, **rest: object) -> fields.String:
    return fields.String(required=True, metadata={"description": meaning, **rest})


def _maybe(meaning: str) -> fields.String:
    return fields.String(required=True, allow_none=True, metadata={"description": meaning})


class Problem(Open):
    """Every refusal (RFC 9457)."""

    type = _word("about:blank; `code` tells the kind.")
    title = _word("The status in words.")
    status = fields.Integer(required=True)
    detail = _word("What went wrong.")
    code = _word("Stable name of the error; docs/errors.md lists them.")
    fault = fields.Enum(Fault, by_value=True, required=True)
    retryable = fields.Boolean(
        required=True, metadata={"description": "Whether the same request may succeed later."}
    )
    request_id = _word("The name of this request in the log and the journal.")
    hint = _word("What to do next.")


class Plugin(Open):
    """A plugin."""

    id = _word("The id.")
    version = _word("The live version.")
    kind = fields.Enum(Kind, by_value=True, required=True)
    state = fields.Enum(PluginState, by_value=True, required=True)
    revision = fields.Integer(
        required=True, metadata={"description": "Number of the last record about it; its ETag."}
    )


class Changed(Open):
    """What a change came to."""

    journal_id = _maybe("Where the journal holds it; null if nothing changed.")
    revision = fields.Integer(allow_none=True)
    unchanged = fields.String(metadata={"description": "Why there was nothing to do."})


class PluginChanged(Changed):
    """The plugin after a change; several as `plugins` when an index was registered."""

    id = fields.String(metadata={"description": "The id."})
    version = fields.String(metadata={"description": "The live version."})
    kind = fields.Enum(Kind, by_value=True)
    state = fields.Enum(PluginState, by_value=True)
    digest = fields.String(metadata={"description": "SHA-256 of the live artifact."})
    pending = fields.Dict(
        allow_none=True, metadata={"description": "What waits: version, digest, asks, why."}
    )
    plugins = fields.List(fields.Nested(Plugin))


class PluginList(Open):
    """Plugins, by id."""

    plugins = fields.List(fields.Nested(Plugin), required=True)
    next = _maybe("The cursor of the next page.")


class VersionList(Open):
    """The versions of a plugin, newest first."""

    versions = fields.List(fields.Dict(), required=True)
    next = _maybe("The cursor of the next page.")


class PluginConfig(Open):
    """The configuration of a plugin."""

    config = fields.Dict(required=True)
    config_schema = fields.Raw(allow_none=True, metadata={"description": "What the plugin allows."})


class PluginPermissions(Open):
    """What a plugin asks for and what it was granted."""

    requested = fields.List(fields.Raw(), required=True)
    granted = fields.List(fields.Raw(), required=True)


class Tool(Open):
    """What a frontend draws of one plugin."""

    id = _word("The plugin's id: the tool_id of its events.")
    version = _word("The live version.")
    title = fields.Raw(metadata={"description": "Text, or text by language."})
    buttons = fields.List(fields.Dict(), required=True)
    menus = fields.List(fields.Dict(), required=True)


class ToolList(Open):
    """The tools, by id."""

    tools = fields.List(fields.Nested(Tool), required=True)
    next = _maybe("The cursor of the next page.")


class EventAnswer(Open):
    """What became of an event."""

    request_id = _word("The name of the request.")
    event_id = _word("The id that the host gave the event.")
    mode = fields.Enum(Mode, by_value=True, required=True)
    reason = fields.String(metadata={"description": "Why it went no further."})
    capability = fields.String(metadata={"description": "The gate that holds it."})
    results = fields.List(fields.Dict(), required=True)
    journal_id = _word("Where the journal holds it.")


class Capability(Open):
    """A gate."""

    name = _word("The name.")
    state = fields.Enum(GateState, by_value=True, required=True)


class CapabilityList(Open):
    """Every gate."""

    capabilities = fields.List(fields.Nested(Capability), required=True)


class Said(Open):
    """What a phrase came to: a gate that moved, or the status that was asked for."""

    capabilities = fields.List(fields.Nested(Capability))


class SafeModeReason(Open):
    """One reason for safe mode."""

    reason = _word("The reason.")
    why = _word("What somebody said about it.")
    clears_by_leaving = fields.Boolean(required=True)


class SafeMode(Open):
    """Whether safe mode is on, and why."""

    enabled = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(SafeModeReason), required=True)
    how_to_leave = fields.List(fields.String(), required=True)
    suspects = fields.List(
        fields.Dict(),
        metadata={"description": "After crashes: plugins that may be the cause, likeliest first."},
    )


class Record(Open):
    """One record of the journal."""

    seq = fields.Integer(required=True)
    id = _word("The readable id.")
    ts = _word("When.", format="date-time")
    kind = _word("What kind of record.")
    actor = _word("Who.")
    change = fields.Dict(required=True, metadata={"description": "what, why, verify, impact"})
    links = fields.List(fields.String(), required=True)
    data = fields.Dict(required=True)
    prev = _word("The hash of the record before.")
    hash = _word("The hash of this one.")


class RecordList(Open):
    """Records, newest first."""

    records = fields.List(fields.Nested(Record), required=True)
    next = _maybe("The cursor of the next page.")


class Verdict(Open):
    """What a verification of the journal found."""

    clean = fields.Boolean(required=True)
    records = fields.Integer(required=True)
    damage = fields.Dict(required=True, allow_none=True)
    notes = fields.List(fields.String(), required=True)


class Token(Open):
    """A token, without its secret."""

    id = _word("The id by which it is revoked.")
    name = _word("Who holds it.")
    scope = fields.Enum(Scope, by_value=True, required=True)
    namespace = _maybe("The plugin ids it is bound to.")
    expires = _maybe("When it ends.")


class TokenMade(Token):
    """A new token; the secret is shown this once, and not again to a repeated request."""

    token = fields.String(metadata={"description": "The secret."})
    journal_id = _word("Where the journal holds it.")


class TokenList(Open):
    """Every live token."""

    tokens = fields.List(fields.Nested(Token), required=True)
    next = _maybe("The cursor of the next page.")


class Session(Open):
    """Who asks, and what that may do now."""

    actor = _word("Who.")
    scope = fields.Enum(Scope, by_value=True, required=True)
    namespace = _maybe("The plugin ids it is bound to.")
    gates = fields.Dict(required=True, metadata={"description": "The state of every gate."})
    safe_mode = fields.Boolean(required=True)


class ItemList(Open):
    """What plugins saved for a session, oldest first."""

    items = fields.List(fields.Dict(), required=True)
    next = _maybe("The cursor of the next page.")


class ItemsFound(ItemList):
    """What plugins saved for all sessions, by chat, session and type, oldest first."""

    skipped = fields.Integer(
        required=True, metadata={"description": "Lines and files on this page that could not be read."}
    )


class Task(Open):
    """Work for later that a plugin has started."""

    id = _word("The id.")
    plugin = _word("Who started it.")
    name = _word("What it is called.")
    state = fields.Enum(TaskState, by_value=True, required=True)
    params = fields.Dict(required=True)
    created = _word("When it was started.", format="date-time")
    changed = _word("When it came to its state.", format="date-time")
    note = fields.String(metadata={"description": "What was said about its end."})


class TaskList(Open):
    """Tasks, newest first."""

    tasks = fields.List(fields.Nested(Task), required=True)
    next = _maybe("The cursor of the next page.")


class Notification(Open):
    """Something that people should see."""

    id = _word("The id.")
    ts = _word("When.", format="date-time")
    plugin = _maybe("Who says it; null: the system.")
    title = _word("The title.")
    message = fields.String(required=True)


class NotificationList(Open):
    """Notifications, newest first."""

    notifications = fields.List(fields.Nested(Notification), required=True)
    next = _maybe("The cursor of the next page.")


class Attachment(Open):
    """A part of a saved item that was too large for its line."""

    value = fields.Raw(required=True, allow_none=True)


class ItemsRemoved(Open):
    """Saved items are gone."""

    removed = fields.Boolean(required=True)
    journal_id = _word("Where the journal holds it.")


class Alive(Open):
    """The process answers."""

    status = _word("ok")


class Ready(Open):
    """Whether requests can be served; reasons are for readers."""

    status = _word("ready, degraded or safe_mode")
    reasons = fields.List(fields.String())


class SchemaDocument(Open):
    """A JSON Schema (2020-12)."""
