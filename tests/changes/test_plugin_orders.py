"""Plugins through the kernel: registered from every source, switched, reloaded, rolled back, refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from neira.changes.entries import EntryFiles
from neira.changes.gates import SetGate
from neira.changes.plan import EntryFile
from neira.changes.plugins import Approve, Configure, Delete, Disable, Enable, Rollback, Unpin
from neira.changes.register import Register, Reload
from neira.changes.safe_mode import EnterSafeMode, LeaveSafeMode
from neira.errors.caller import NamespaceMismatch
from neira.errors.change import ToolGone, UnknownEvent
from neira.errors.disk import BadPath
from neira.errors.gate import CapabilityDisabled
from neira.errors.input import InvalidInput, InvalidParams
from neira.errors.registry import (
    ArtifactMissing,
    BadArtifact,
    NoArtifact,
    NotGrantable,
    PluginNotFound,
)
from neira.kernel import Kernel
from neira.model import Caller, GateName, GateState, PluginId, PluginState, Scope
from neira.parse import document
from neira.parse.event import EventForm
from neira.registry.artifacts import ArtifactStore, digest_of
from neira.settings import load
from tests.conftest import ADMIN

if TYPE_CHECKING:
    from neira.changes.plan import Change
    from neira.model import JsonObject

CODE = "fn handle(event) { () }"
EDITED = "fn handle(event) { [] } // by hand"
PENCIL = """
id: ui.pencil
version: 0.1.0
kind: script
entry: plugins/scripts/ui_pencil.rhai
permissions:
  scopes: [write]
ui:
  buttons:
    - id: pencil
      title: Карандаш
      icon: pencil
      event: ui.pencil.draw
      params_schema: { color: string?, size: int? }
"""
ID = PluginId("ui.pencil")


def register(
    kernel: Kernel,
    manifest: str = PENCIL,
    source: str | None = CODE,
    *,
    enable: bool = False,
    caller: Caller = ADMIN,
) -> Change:
    """Register a manifest with source."""
    readings = kernel.manifests.read(document.read(manifest.encode()))
    return kernel.change(Register(readings, source=source, enable=enable), caller, why="test")


def test_in_embryo_every_change_of_a_plugin_names_the_gate(kernel: Kernel) -> None:
    """The door first, then the gate of the kind."""
    with pytest.raises(CapabilityDisabled) as caught:
        register(kernel)
    assert caught.value.details["capability"] == "ui_tools_registry"
    kernel.change(SetGate(GateName("ui_tools_registry"), GateState.EXPERIMENTAL), ADMIN)
    with pytest.raises(CapabilityDisabled) as caught:
        register(kernel)
    assert caught.value.details["capability"] == "runtime_scripting_rhai"
    assert not list((kernel.home.plugins / "store").iterdir())


def test_sent_source_is_stored_and_written_to_its_entry(live: Kernel) -> None:
    """The store has it by digest, the file is there to be edited, the journal has the record."""
    change = register(live)
    assert change.created
    assert (change.body["state"], change.body["kind"]) == ("disabled", "script")
    assert (live.home.root / "plugins/scripts/ui_pencil.rhai").read_text() == CODE
    digest = str(change.body["digest"])
    assert (live.home.plugins / "store" / digest[:2] / digest).read_text() == CODE


def test_a_file_below_plugins_is_registered_as_it_lies_there(live: Kernel) -> None:
    """Without source the entry is read; without either there is nothing to run."""
    with pytest.raises(BadPath):
        register(live, source=None)
    (live.home.root / "plugins/scripts/ui_pencil.rhai").write_text(EDITED)
    assert register(live, source=None).body["size"] == len(EDITED)
    with pytest.raises(NoArtifact):
        register(live, "id: a.b\nversion: 1.0.0\nkind: script\n", source=None)


def test_inline_source_in_the_manifest_is_enough_and_two_sources_are_too_many(live: Kernel) -> None:
    """Exactly one place has the bytes."""
    inline = "id: a.b\nversion: 1.0.0\nkind: script\nsource: |\n  fn handle(e) { 1 }\n"
    assert register(live, inline, source=None).created
    with pytest.raises(NoArtifact):
        register(live, inline.replace("1.0.0", "1.0.1"), source=CODE)


@pytest.mark.parametrize("source", ["", "  \n", "a\0b", "x" * (257 * 1024)])
def test_a_script_is_bounded_text(live: Kernel, source: str) -> None:
    """Empty, binary and huge ones are refused, and nothing is left of them."""
    with pytest.raises(BadArtifact):
        register(live, source=source)
    assert not (live.home.root / "plugins/scripts/ui_pencil.rhai").exists()


def test_the_same_again_is_unchanged(live: Kernel) -> None:
    """No record, and the answer says so."""
    register(live)
    before = live.journal.tail()
    again = register(live)
    assert again.unchanged
    assert (again.body["journal_id"], live.journal.tail()) == (None, before)


def test_an_edited_file_is_reloaded_as_a_revision_and_rolled_back(live: Kernel) -> None:
    """The version stays, the revision moves; a rollback leaves the file alone."""
    register(live, enable=True)
    entry = live.home.root / "plugins/scripts/ui_pencil.rhai"
    assert live.change(Reload(ID), ADMIN).unchanged
    entry.write_text(EDITED)
    reloaded = live.change(Reload(ID), ADMIN)
    assert (reloaded.body["version"], reloaded.body["size"]) == ("0.1.0", len(EDITED))
    back = live.change(Rollback(ID), ADMIN)
    assert (back.body["size"], back.body["pinned"]) == (len(CODE), True)
    assert entry.read_text() == EDITED
    assert live.change(Reload(ID), ADMIN).unchanged
    assert live.change(Unpin(ID), ADMIN).body["pinned"] is False


def test_a_rollback_to_lost_bytes_is_refused_and_nothing_switches(live: Kernel) -> None:
    """The store is checked before the record."""
    first = str(register(live).body["digest"])
    register(live, PENCIL.replace("0.1.0", "0.2.0"), EDITED)
    (live.home.plugins / "store" / first[:2] / first).unlink()
    with pytest.raises(ArtifactMissing):
        live.change(Rollback(ID), ADMIN)
    assert live.world.now().plugins.get(ID).live.version == "0.2.0"


def test_tools_are_the_enabled_plugins_and_the_tag_changes_with_them(live: Kernel) -> None:
    """Disabled, deleted, or with the door closed: not in the list."""
    tags = [live.tools_etag(ADMIN)]
    register(live, enable=True)
    assert [tool["id"] for tool in live.tools(ADMIN)] == ["ui.pencil"]
    tags.append(live.tools_etag(ADMIN))
    live.change(Disable(ID, "pause"), ADMIN)
    assert not list(live.tools(ADMIN))
    tags.append(live.tools_etag(ADMIN))
    live.change(Enable(ID), ADMIN)
    live.change(SetGate(GateName("ui_tools_registry"), GateState.EMBRYO), ADMIN)
    assert not list(live.tools(ADMIN))
    tags.append(live.tools_etag(ADMIN))
    assert len(set(tags)) == len(tags)


def test_an_event_for_a_registered_tool_is_checked_and_runs(live: Kernel) -> None:
    """A stroke with points passes the schema; what it names must fit; without its tool it is gone."""
    register(live, enable=True)
    stroke: JsonObject = {"color": "red", "size": 3, "points": [{"x": 1.5, "y": 2}] * 50}
    answer = live.hub.handle(EventForm(ID, "ui.pencil.draw", stroke, {}), ADMIN, request_id="r").body
    (result,) = cast("list[JsonObject]", answer["results"])
    assert (answer["mode"], result["outcome"], result["actions"]) == ("live", "ok", [])
    with pytest.raises(InvalidParams):
        live.hub.handle(EventForm(ID, "ui.pencil.draw", {"size": True}, {}), ADMIN, request_id="r")
    with pytest.raises(UnknownEvent):
        live.hub.handle(EventForm(ID, "ui.pencil.drow", {}, {}), ADMIN, request_id="r")
    live.change(Delete(ID), ADMIN)
    with pytest.raises(ToolGone):
        live.hub.handle(EventForm(ID, "ui.pencil.draw", {}, {}), ADMIN, request_id="r")


def test_what_needs_approval_waits_for_it(live: Kernel) -> None:
    """The answer names what it asks and the digest to approve; trust says what can be given at all."""
    manifest = "id: a.b\nversion: 1.0.0\nkind: script\npermissions: ['http:outbound:example.org']\n"
    waits = register(live, manifest, enable=True).body
    assert waits["state"] == "pending_approval"
    pending = waits["pending"]
    assert isinstance(pending, dict)
    approve = Approve(PluginId("a.b"), str(pending["digest"]))
    with pytest.raises(NotGrantable):
        live.change(approve, ADMIN, why="read it")
    live.close()
    root = live.home.root
    with Kernel.open(root, load(root, {"NEIRA_TRUST_UNSIGNED": "approval"}), clock=live.clock) as trusting:
        done = trusting.change(approve, ADMIN, why="read it")
        assert (done.body["state"], done.body["granted"]) == ("disabled", ["http:outbound:example.org"])


def test_settings_of_a_plugin_fit_its_schema(live: Kernel) -> None:
    """What does not fit is refused with its path."""
    manifest = "id: a.b\nversion: 1.0.0\nkind: script\nconfig_schema: {max_tabs: 'int 1..50'}\n"
    register(live, manifest)
    live.change(Configure(PluginId("a.b"), {"max_tabs": 30}), ADMIN)
    with pytest.raises(InvalidInput):
        live.change(Configure(PluginId("a.b"), {"max_tabs": 99}), ADMIN)
    assert live.world.now().plugins.get(PluginId("a.b")).config == {"max_tabs": 30}


def test_a_namespace_ends_at_the_dot(live: Kernel) -> None:
    """`acme` covers acme.x, and neither acmeevil.x nor anything else."""
    acme = Caller("token:acme", Scope.ADMIN, "acme")
    assert register(live, "id: acme.x\nversion: 1.0.0\nkind: script\n", caller=acme).created
    for other in ("acmeevil.x", "ui.pencil"):
        with pytest.raises(NamespaceMismatch):
            register(live, f"id: {other}\nversion: 1.0.0\nkind: script\n", caller=acme)
    register(live)
    with pytest.raises(NamespaceMismatch):
        live.change(Delete(ID), acme)


def test_an_index_registers_all_or_none(live: Kernel) -> None:
    """One record for all; one bad entry and nothing is registered."""
    live.change(
        SetGate(GateName("runtime_wasm_plugins"), GateState.EXPERIMENTAL, "test", force=True), ADMIN, why="t"
    )
    index = (
        "version: '1.0'\nnamespace: myns\nentries:\n"
        "  - {name: answer_wat, kind: function.wat, source: '(module)', method: answer}\n"
        "  - {name: second, kind: function.wat, source: '(module)'}\n"
    )
    done = register(live, index, source=None)
    assert done.created
    assert live.world.now().plugins.ids == ("myns.answer_wat", "myns.second")
    bad = index.replace("myns", "other").replace(
        "name: second, kind: function.wat", "name: second, kind: function.lua"
    )
    with pytest.raises(InvalidInput):
        register(live, bad, source=None)
    with pytest.raises(PluginNotFound):
        live.world.now().plugins.get(PluginId("other.answer_wat"))


def test_a_process_that_died_before_the_entry_was_written_is_finished_by_the_next(live: Kernel) -> None:
    """The record is on disk, the file is not: the intention says what is missing."""
    register(live)
    path = live.home.root / "plugins/scripts/ui_pencil.rhai"
    path.write_text("// half")
    files = EntryFiles(live.home, ArtifactStore(live.home.root))
    files.intend([EntryFile("plugins/scripts/ui_pencil.rhai", digest_of(CODE.encode()))])
    files.intend([EntryFile("plugins/scripts/never.rhai", digest_of(b"never committed"))])
    live.change(Enable(ID), ADMIN)
    assert path.read_text() == CODE
    assert not (live.home.root / "plugins/scripts/never.rhai").exists()


def test_the_registry_comes_back_as_it_was(live: Kernel) -> None:
    """From the index, and from the journal alone when the index is lost, damaged, or edited."""
    register(live, enable=True)
    register(live, PENCIL.replace("0.1.0", "0.2.0"), EDITED)
    before = live.world.now().plugins
    live.close()
    root = live.home.root
    index = root / "plugins/index.json"
    good = index.read_bytes()
    for damage in (good, b"", good[: len(good) // 2], b"{}", good.replace(b"enabled", b"disable")):
        index.write_bytes(damage)
        (root / ".neira/safe-mode.json").unlink(missing_ok=True)
        with Kernel.open(root, load(root, {}), clock=live.clock) as again:
            assert again.world.now().plugins.plugins == before.plugins
            assert again.safety.now().active == (damage is not good)


def test_a_manifest_that_pins_its_bytes_takes_no_others(live: Kernel) -> None:
    """Neither at registration nor by a reload."""
    pinned = PENCIL + f"sha256: {digest_of(CODE.encode())}\n"
    with pytest.raises(InvalidInput):
        register(live, pinned, "// other")
    register(live, pinned)
    (live.home.root / "plugins/scripts/ui_pencil.rhai").write_text("// edited")
    with pytest.raises(InvalidInput):
        live.change(Reload(ID), ADMIN)


def test_safe_mode_is_left_without_the_plugins_that_are_named(live: Kernel) -> None:
    """They are disabled by the same record, and a rebuild says the same; an unknown one stops the leaving."""
    register(live, enable=True)
    live.change(EnterSafeMode("drill"), ADMIN)
    with pytest.raises(PluginNotFound):
        live.change(LeaveSafeMode((PluginId("no.such"),)), ADMIN)
    left = live.change(LeaveSafeMode((ID,)), ADMIN, why="start without it")
    assert (left.body["enabled"], left.body["disabled"]) == (False, ["ui.pencil"])
    plugin = live.world.now().plugins.get(ID)
    assert (plugin.state, plugin.seq) == (PluginState.DISABLED, left.revision)
    assert '"disabled"' in (live.home.root / "plugins/index.json").read_text()
    assert live.projections.fold_all().plugins == live.world.now().plugins
