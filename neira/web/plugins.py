"""Plugins over HTTP: registered, shown, switched, rolled back, approved, configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import facts
from neira.changes.plugins import (
    Approve,
    Configure,
    Delete,
    Disable,
    Enable,
    Revoke,
    Rollback,
    Unpin,
)
from neira.changes.register import Register, Reload
from neira.model import Scope
from neira.parse import ids
from neira.web.caller import touching
from neira.web.current import caller, kernel
from neira.web.noun import CHANGES, Noun, Route
from neira.web.paging import page_of
from neira.web.registering import RegistrationBody
from neira.web.reply import answer, carry_out, news
from neira.web.schemas import answers, asks

if TYPE_CHECKING:
    from flask import Response

    from neira.model import JsonObject, PluginId
    from neira.web.registering import Registering
    from neira.web.schemas.fields import Schema

plugins = Noun("plugins", "What can be registered and run.")

_SHOWN = Route(needs=Scope.READ, answer=answers.Plugin, tagged=True, missing=True)


def _named(text: str) -> PluginId:
    return touching(ids.plugin_id(text))


def _change(body: type[Schema]) -> Route:
    return Route(needs=Scope.ADMIN, rate=CHANGES, body=body, answer=answers.PluginChanged)


@plugins.on(
    "GET",
    "/plugins",
    Route(needs=Scope.READ, query=asks.PluginsWantedQuery, answer=answers.PluginList, tagged=True),
)
def list_all(asked: asks.PluginsWanted) -> Response:
    """List plugins by id."""

    def body() -> JsonObject:
        found = facts.plugins(kernel(), caller(), state=asked.state, kind=asked.kind, words=asked.q)
        page = page_of(found, lambda plugin: plugin.id, limit=asked.limit, cursor=asked.cursor)
        return {"plugins": facts.plugin_views(kernel(), page.items), "next": page.next}

    return news(facts.plugins_tag(kernel(), caller()), body)


@plugins.on(
    "POST",
    "/plugins",
    Route(
        needs=Scope.ADMIN,
        rate=CHANGES,
        body=RegistrationBody,
        answer=answers.PluginChanged,
        creates=True,
    ),
)
def register(asked: Registering) -> Response:
    """Register a plugin, or a new version of one; it stays as it was unless `enable` is asked for."""
    readings = facts.readings(kernel(), asked.manifest)
    return carry_out(Register(readings, asked.file, asked.source, asked.enable), asked.why)


@plugins.on("GET", "/plugins/<plugin_id>", _SHOWN)
def show(plugin_id: str) -> Response:
    """Show a plugin with its manifest and versions."""
    plugin = _named(plugin_id)
    revision = facts.revision(kernel(), plugin)
    if facts.is_troubled(kernel(), plugin):  # what is wrong with its file is no part of its revision
        return answer(facts.plugin(kernel(), plugin), tag=revision)
    return news(revision, lambda: facts.plugin(kernel(), plugin))


@plugins.on(
    "DELETE",
    "/plugins/<plugin_id>",
    Route(needs=Scope.ADMIN, rate=CHANGES, query=asks.WhyQuery, answer=answers.Changed),
)
def delete(asked: asks.Whyed, plugin_id: str) -> Response:
    """Take a plugin out of the registry; the journal and the store keep what it was."""
    return carry_out(Delete(_named(plugin_id)), asked.why)


@plugins.on(
    "GET",
    "/plugins/<plugin_id>/versions",
    Route(needs=Scope.READ, query=asks.PagesQuery, answer=answers.VersionList, missing=True),
)
def versions(asked: asks.Pages, plugin_id: str) -> Response:
    """List the kept versions, newest first."""
    found = enumerate(facts.versions(kernel(), _named(plugin_id)))
    page = page_of(found, lambda each: f"{each[0]:06}", limit=asked.limit, cursor=asked.cursor)
    return answer({"versions": [version for _, version in page.items], "next": page.next})


@plugins.on("POST", "/plugins/<plugin_id>/enable", _change(asks.WhyBody))
def enable(asked: asks.Whyed, plugin_id: str) -> Response:
    """Let a plugin receive events."""
    return carry_out(Enable(_named(plugin_id)), asked.why)


@plugins.on("POST", "/plugins/<plugin_id>/disable", _change(asks.DisablingBody))
def disable(asked: asks.Disabling, plugin_id: str) -> Response:
    """Stop a plugin from receiving events."""
    return carry_out(Disable(_named(plugin_id), asked.reason), asked.why or asked.reason)


@plugins.on("POST", "/plugins/<plugin_id>/reload", _change(asks.WhyBody))
def reload(asked: asks.Whyed, plugin_id: str) -> Response:
    """Read a plugin's file again; changed bytes become the next revision of its version."""
    return carry_out(Reload(_named(plugin_id)), asked.why)


@plugins.on("POST", "/plugins/<plugin_id>/rollback", _change(asks.RollingBackBody))
def rollback(asked: asks.RollingBack, plugin_id: str) -> Response:
    """Go back to the version before, or to a named one, and stay there until unpinned."""
    order = Rollback(_named(plugin_id), asked.version, asked.revision, asked.with_state)
    return carry_out(order, asked.why)


@plugins.on("POST", "/plugins/<plugin_id>/unpin", _change(asks.WhyBody))
def unpin(asked: asks.Whyed, plugin_id: str) -> Response:
    """Let a plugin move on to newer versions again."""
    return carry_out(Unpin(_named(plugin_id)), asked.why)


@plugins.on("POST", "/plugins/<plugin_id>/approve", _change(asks.ApprovingBody))
def approve(asked: asks.Approving, plugin_id: str) -> Response:
    """Let the reviewed bytes run, with the powers that are named."""
    order = Approve(_named(plugin_id), ids.digest(asked.digest), asked.permissions)
    return carry_out(order, asked.why)


@plugins.on("POST", "/plugins/<plugin_id>/revoke", _change(asks.RevokingBody))
def revoke(asked: asks.Revoking, plugin_id: str) -> Response:
    """Take a power away, at once."""
    return carry_out(Revoke(_named(plugin_id), asked.permission), asked.why)


@plugins.on(
    "GET",
    "/plugins/<plugin_id>/config",
    Route(needs=Scope.READ, answer=answers.PluginConfig, tagged=True, missing=True),
)
def show_config(plugin_id: str) -> Response:
    """Show a plugin's configuration."""
    plugin = _named(plugin_id)
    return news(facts.revision(kernel(), plugin), lambda: facts.config(kernel(), plugin))


@plugins.on("PUT", "/plugins/<plugin_id>/config", _change(asks.ConfiguringBody))
def configure(asked: asks.Configuring, plugin_id: str) -> Response:
    """Replace a plugin's configuration."""
    return carry_out(Configure(_named(plugin_id), asked.config), asked.why)


@plugins.on(
    "GET",
    "/plugins/<plugin_id>/permissions",
    Route(needs=Scope.READ, answer=answers.PluginPermissions, tagged=True, missing=True),
)
def permissions(plugin_id: str) -> Response:
    """Show what a plugin asks for, what it was granted, and what waits."""
    plugin = _named(plugin_id)
    return news(facts.revision(kernel(), plugin), lambda: facts.permissions(kernel(), plugin))
