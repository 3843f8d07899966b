"""Hooks that no event calls: ticks and their roll-up, and what stands around a switch of what is live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from neira.changes.gates import SetGate
from neira.changes.plugins import Delete, Disable, Enable, Rollback
from neira.changes.register import Reload
from neira.changes.safe_mode import EnterSafeMode
from neira.errors.code import InitFailed
from neira.hub.lifecycle import ROLLED_UP
from neira.model import NEVER, GateName, GateState, PluginId, PluginState
from tests.conftest import ADMIN
from tests.hub import home_looks
from tests.hub.tool import READ_WRITE, Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.kernel import Kernel
    from neira.model import JsonObject

ENTRY = "plugins/scripts/tool.rhai"
HANDLES = "fn handle(event) { () }\n"
SETS = 'fn {hook}() {{ storage::set("{hook}", (storage::get("{hook}") ?? 0) + 1); }}\n'
THROWS = 'fn {hook}() {{ storage::set("{hook}", "half"); throw "not today"; }}\n'
TICKS = "fn on_tick(ms) { if ms > 1000 { storage::set(`tick`, ms); } }\n"


@pytest.fixture
def tool(live: Kernel) -> Tool:
    """Give a plugin that is not registered yet."""
    return Tool(live)


def lines(kernel: Kernel, since: int) -> list[str]:
    """Tell what was journaled since a record."""
    return [home_looks.line(each) for each in kernel.journal.after(since)]  # type: ignore[arg-type]  # a Seq


def live_of(tool: Tool) -> tuple[str, PluginState]:
    """Say which version is live, and whether it is on."""
    plugin = tool.kernel.world.now().plugins.get(tool.id)
    return plugin.live.version, plugin.state


def test_ticks_that_ask_for_nothing_are_counted_and_rolled_up(tool: Tool) -> None:
    """One record a minute says how many there were; they leave none of their own."""
    tool.register(HANDLES + TICKS)
    lifecycle, before = tool.kernel.movement.lifecycle, tool.kernel.journal.tail()
    assert lifecycle.listeners("on_tick") == (tool.id,)
    for _ in range(3):
        finished = lifecycle.call(tool.id, "on_tick", [100])
        assert finished is not None
        assert finished.outcome == "ok"
    assert tool.kernel.journal.tail() == before
    for _ in range(2):
        tool.kernel.settle()
    (record,) = tool.kernel.journal.after(before[0])
    assert record.kind == ROLLED_UP
    assert record.data["calls"] == [{"plugin": tool.id, "function": "on_tick", "calls": 3}]


def test_a_tick_that_does_something_has_a_full_record(tool: Tool) -> None:
    """The plugin itself is its actor, and the admin's grant stands in for a caller's scope."""
    tool.register(HANDLES + TICKS)
    before = tool.kernel.journal.tail()[0]
    tool.kernel.movement.lifecycle.call(tool.id, "on_tick", [2000])
    assert tool.values() == {"tick": 2000}
    came, result = tool.kernel.journal.after(before)
    assert (came.kind, came.data["event"], came.actor) == ("event.received", "on_tick", "plugin:test.tool")
    assert (result.data["outcome"], result.actor) == ("ok", "plugin:test.tool")


def test_nothing_ticks_behind_a_gate_in_safe_mode_or_without_the_hook(tool: Tool) -> None:
    """No run, no record, no count."""
    tool.register(HANDLES + TICKS)
    lifecycle = tool.kernel.movement.lifecycle
    assert lifecycle.call(tool.id, "on_profile_switch", ["night"]) is None
    assert lifecycle.call(PluginId("no.such"), "on_tick", [100]) is None
    tool.kernel.change(EnterSafeMode("drill"), ADMIN)
    assert lifecycle.call(tool.id, "on_tick", [100]) is None
    tool.kernel.safety.leave()
    gate = SetGate(GateName("runtime_scripting_rhai"), GateState.EMBRYO)
    tool.kernel.change(gate, ADMIN, why="test")
    assert lifecycle.call(tool.id, "on_tick", [100]) is None
    assert lifecycle.listeners("on_tick") == ()


def test_a_broadcast_reaches_whoever_has_the_hook(live: Kernel) -> None:
    """And nobody else; one that fails takes nobody along."""
    tools = [Tool(live, PluginId(name)) for name in ("a.first", "b.failing", "c.last", "d.deaf")]
    hook = "fn on_memory_pressure(level) { storage::set(`level`, level); }"
    for tool, source in zip(
        tools, (hook, "fn on_memory_pressure(level) { throw level; }", hook, ""), strict=True
    ):
        tool.register(HANDLES + source)
    live.movement.lifecycle.broadcast("on_memory_pressure", [2])
    assert [tool.values() for tool in tools] == [{"level": 2}, {}, {"level": 2}, {}]


def test_on_init_belongs_to_the_change_that_switches(tool: Tool) -> None:
    """What it asks for is committed with the change, in one go."""
    before = tool.kernel.journal.tail()[0]
    tool.register(HANDLES + SETS.format(hook="on_init"))
    assert tool.values() == {"on_init": 1}
    assert lines(tool.kernel, before) == ["plugin.registered", "received live", "result ok"]
    tool.kernel.change(Disable(tool.id), ADMIN)
    assert tool.values() == {"on_init": 1}
    tool.kernel.change(Enable(tool.id), ADMIN)
    assert tool.values() == {"on_init": 2}
    assert tool.kernel.change(Enable(tool.id), ADMIN).unchanged
    assert tool.values() == {"on_init": 2}


def test_a_version_whose_on_init_fails_changes_nothing_at_all(tool: Tool) -> None:
    """Neither first registration nor update nor reload: no record, no value, the old one stays."""
    with pytest.raises(InitFailed) as caught:
        tool.register(HANDLES + THROWS.format(hook="on_init"))
    assert (caught.value.details["outcome"], caught.value.details["version"]) == ("error", "1.0.0")
    assert tool.kernel.world.now().plugins.ids == ()
    good = HANDLES + SETS.format(hook="on_init")
    tool.register(good, entry=ENTRY)
    before = tool.kernel.journal.tail()
    bad = HANDLES + THROWS.format(hook="on_init")
    entry = tool.kernel.home.root / ENTRY
    with pytest.raises(InitFailed):
        tool.register(bad, version="2.0.0", entry=ENTRY)
    assert entry.read_text() == good
    entry.write_text(bad)
    with pytest.raises(InitFailed):
        tool.kernel.change(Reload(tool.id), ADMIN)
    assert tool.kernel.journal.tail() == before
    assert (live_of(tool), tool.values()) == (("1.0.0", PluginState.ENABLED), {"on_init": 1})
    assert tool.ends({}) == "ok"


@pytest.mark.parametrize("bad", ["0.0 / 0.0", "0..9000000000", "blob(3, 65)"])
def test_an_on_init_that_says_what_has_no_json_form_has_failed(tool: Tool, bad: str) -> None:
    """It is refused as any other that does not end well."""
    source = 'fn on_init() { storage::create_note(#{ chat_id: "c1", session_id: "s1", n: BAD }); }'
    with pytest.raises(InitFailed) as caught:
        tool.register(HANDLES + source.replace("BAD", bad))
    assert caught.value.details["outcome"] == "bad_output"
    assert tool.kernel.world.now().plugins.ids == ()


def test_an_enable_whose_on_init_fails_leaves_it_disabled(tool: Tool) -> None:
    """It fails by what it had stored itself."""
    source = 'fn on_init() { storage::set("n", 1); if storage::get("broken") == true { throw "no"; } }\n'
    tool.register(HANDLES.replace("()", 'storage::set("broken", true)') + source)
    tool.send({})
    tool.kernel.change(Disable(tool.id), ADMIN)
    before = tool.kernel.journal.tail()
    with pytest.raises(InitFailed):
        tool.kernel.change(Enable(tool.id), ADMIN)
    assert live_of(tool)[1] is PluginState.DISABLED
    assert tool.kernel.journal.tail() == before


def reloaded(tool: Tool) -> None:
    """Edit its file and reload it."""
    (tool.kernel.home.root / ENTRY).write_text(HANDLES)
    assert not tool.kernel.change(Reload(tool.id), ADMIN).unchanged


@pytest.mark.parametrize(
    ("switch", "after"),
    [
        (lambda tool: tool.register(HANDLES, version="2.0.0"), {"on_cleanup": 1}),
        (reloaded, {"on_cleanup": 1}),
        (lambda tool: tool.kernel.change(Disable(tool.id), ADMIN), {"on_cleanup": 1}),
        (lambda tool: tool.kernel.change(Rollback(tool.id), ADMIN), {"on_cleanup": 1}),
    ],
    ids=["update", "reload", "disable", "rollback"],
)
def test_on_cleanup_follows_whatever_ends_it(
    tool: Tool, switch: Callable[[Tool], Any], after: JsonObject
) -> None:
    """Once, after the change."""
    tool.register(HANDLES, version="0.1.0", entry=ENTRY)
    tool.register(HANDLES + SETS.format(hook="on_cleanup"), entry=ENTRY)
    assert tool.values() == {}
    switch(tool)
    assert tool.values() == after


def test_a_cleanup_that_fails_changes_nothing_about_the_switch(tool: Tool) -> None:
    """It is journaled as what it was."""
    tool.register(HANDLES + THROWS.format(hook="on_cleanup"))
    tool.register(HANDLES, version="2.0.0")
    assert (live_of(tool), tool.values()) == (("2.0.0", PluginState.ENABLED), {})
    assert tool.results()[-1].data["outcome"] == "error"


def test_a_deleted_plugin_leaves_nothing_behind_whatever_its_cleanup_stores(tool: Tool) -> None:
    """Another plugin of the same id begins with nothing."""
    tool.register(HANDLES + SETS.format(hook="on_cleanup"))
    tool.kernel.change(Delete(tool.id), ADMIN)
    assert tool.values() == {}


def test_settings_that_on_init_makes_are_kept(tool: Tool) -> None:
    """As those of any other run are."""
    source = 'fn on_init() { config::set("made", "at start"); }\n'
    tool.register(HANDLES + source, permissions=("config:write",))
    assert tool.kernel.world.now().plugins.get(tool.id).config == {"made": "at start"}


def test_events_that_a_hook_publishes_are_heard(tool: Tool) -> None:
    """Those of `on_init` when it is live, those of `on_cleanup` while it still is somebody."""
    handle = 'fn handle(event) { if event.event == "test.tool.woke" { storage::set("woke", true); } }\n'
    source = handle + 'fn on_init() { events::publish("test.tool.woke"); }\n'
    tool.register(source, permissions=(*READ_WRITE, "events:publish"), events=["test.tool.*"])
    assert tool.values() == {"woke": True}
    assert home_looks.waiting(tool.kernel) == []


def test_a_rollback_with_state_takes_the_values_back_before_on_init(tool: Tool) -> None:
    """What that version had left, and then what its `on_init` makes of it."""
    first = 'fn handle(event) { storage::set("by", "first"); }\n' + SETS.format(hook="on_init")
    tool.register(first)
    tool.send({})
    assert tool.values() == {"by": "first", "on_init": 1}
    tool.register('fn handle(event) { storage::set("on_init", 100); }\n', version="2.0.0")
    tool.send({})
    tool.kernel.change(Rollback(tool.id, with_state=True), ADMIN)
    assert tool.values() == {"by": "first", "on_init": 2}


def test_a_rollback_without_state_keeps_what_is_stored(tool: Tool) -> None:
    """Only the code goes back."""
    tool.register('fn handle(event) { storage::set("by", "first"); }\n')
    tool.register('fn handle(event) { storage::set("by", "second"); }\n', version="2.0.0")
    tool.send({})
    tool.kernel.change(Rollback(tool.id), ADMIN)
    assert tool.values() == {"by": "second"}
    assert [each.kind for each in tool.kernel.journal.after(NEVER, kinds=("plugin.rolled_back",))]
