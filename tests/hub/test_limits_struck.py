"""Plugins that strike their limits: backed off pair by pair, stopped when it is not one caller alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from neira.changes.plugins import Enable
from neira.errors.change import ToolGone
from neira.kernel import Kernel
from neira.model import Mode, PluginId, PluginState
from neira.settings import load
from neira.state import notices, strikes
from tests.conftest import ADMIN
from tests.hub.tool import ANOTHER, SOMEONE, Tool

if TYPE_CHECKING:
    from neira.model import JsonObject
    from tests.fakes import SteppedClock

SOURCE = """
fn handle(event) {
    if event.params.way != "idle" {
        storage::set("last", event.params.way);
    }
    switch event.params.way {
        "loop" => loop {},
        "throw" => throw "no",
        _ => ()
    }
}

fn on_tick(ms) {
    loop {}
}
"""
LOOP, WELL = {"way": "loop"}, {"way": "well"}
SMALL = {"operations": 1_000}


@pytest.fixture
def tool(live: Kernel) -> Tool:
    """Register a plugin that loops when it is told to."""
    tool = Tool(live)
    tool.register(SOURCE, limits=SMALL, tick={"every_ms": 100})
    return tool


def state(tool: Tool) -> PluginState:
    """Say what became of it."""
    return tool.kernel.world.now().plugins.get(tool.id).state


def tick(tool: Tool) -> str | None:
    """Let a moment pass for it, and say what its error was."""
    found = tool.kernel.movement.lifecycle.call(tool.id, "on_tick", [100])
    return found.error.code if found is not None and found.error is not None else None


def test_a_violation_costs_and_leaves_nothing(tool: Tool) -> None:
    """The answer names limit and line; the record says what it cost; the next run is as good as ever."""
    found = tool.send(LOOP)
    assert (found["outcome"], found["error"]["limit"], found["error"]["line"]) == ("limit", "operations", 7)
    assert found["cost"]["operations"] >= SMALL["operations"]
    (record,) = tool.results()
    assert (record.data["outcome"], record.data["effects"]) == ("limit", 0)
    assert tool.values() == {}
    assert tool.ends(WELL, ANOTHER) == "ok"
    assert tool.values() == {"last": "well"}


def test_a_pair_is_backed_off_longer_each_time(tool: Tool, clock: SteppedClock) -> None:
    """One second, ten, sixty, and sixty from then on; others are served meanwhile."""
    for pause in (1, 10, 60, 60):
        assert tool.ends(LOOP) == "limit/limit"
        assert tool.ends(WELL) == "denied/backoff"
        clock.step(pause - 0.5)
        assert tool.ends(WELL) == "denied/backoff"
        clock.step(0.6)
    assert tool.ends(WELL, ANOTHER) == "ok"


def test_what_was_backed_off_did_not_run_and_does_not_count(tool: Tool, clock: SteppedClock) -> None:
    """The pause does not grow by trying."""
    assert tool.ends(LOOP) == "limit/limit"
    for _ in range(5):
        assert tool.ends(LOOP) == "denied/backoff"
    clock.step(1.1)
    assert tool.ends(LOOP) == "limit/limit"
    clock.step(10.1)
    assert tool.ends(WELL) == "ok"


def test_what_went_well_ends_the_row(tool: Tool, clock: SteppedClock) -> None:
    """The pair begins anew with one second."""
    for _ in range(4):
        assert tool.ends(LOOP) == "limit/limit"
        clock.step(1.1)
        assert tool.ends(WELL) == "ok"
    assert state(tool) is PluginState.ENABLED


def test_other_failures_neither_count_nor_end_the_row(tool: Tool, clock: SteppedClock) -> None:
    """A script that throws is no violation, and no good run either."""
    for caller in (SOMEONE, ANOTHER):
        assert tool.ends(LOOP, caller) == "limit/limit"
        clock.step(1.1)
        assert tool.ends({"way": "throw"}, caller) == "error/script_thrown"
    assert state(tool) is PluginState.ENABLED
    assert tool.ends(LOOP, ADMIN) == "limit/limit"
    assert state(tool) is PluginState.DISABLED


def test_one_caller_alone_cannot_stop_a_plugin(tool: Tool, clock: SteppedClock) -> None:
    """However often it tries."""
    for _ in range(6):
        assert tool.ends(LOOP) == "limit/limit"
        clock.step(61)
    assert state(tool) is PluginState.ENABLED


def test_the_third_by_another_token_stops_it_and_people_are_told(tool: Tool, clock: SteppedClock) -> None:
    """A notice, a record with the reason, and the tool is gone from the list."""
    for _ in range(2):
        assert tool.ends(LOOP) == "limit/limit"
        clock.step(61)
    assert tool.ends(LOOP, ANOTHER) == "limit/limit"
    plugin = tool.kernel.world.now().plugins.get(tool.id)
    assert (plugin.state, plugin.reason) == (PluginState.DISABLED, "three limit violations in a row")
    assert not list(tool.kernel.tools(ADMIN))
    with pytest.raises(ToolGone):
        tool.send(WELL, ADMIN)
    (notice,) = notices.newest(tool.kernel.movement.database.reading(), before=None, limit=10)
    assert (notice.plugin, notice.title) == (tool.id, "test.tool was disabled")
    record = tool.kernel.journal.get(plugin.seq)
    assert (record.kind, record.actor, record.change.why) == (
        "plugin.disabled",
        "system:limits",
        "three limit violations in a row",
    )


def test_enabling_it_again_is_a_clean_slate(tool: Tool, clock: SteppedClock) -> None:
    """Nobody is backed off any more, and it takes three again."""
    for caller in (SOMEONE, ANOTHER, ADMIN):
        assert tool.ends(LOOP, caller) == "limit/limit"
    assert state(tool) is PluginState.DISABLED
    tool.kernel.change(Enable(tool.id), ADMIN, why="mended")
    assert tool.ends(WELL) == "ok"
    for caller in (SOMEONE, ANOTHER):
        assert tool.ends(LOOP, caller) == "limit/limit"
    assert state(tool) is PluginState.ENABLED
    assert tool.ends(LOOP, ADMIN) == "limit/limit"
    assert state(tool) is PluginState.DISABLED


def test_its_own_ticks_stop_it_alone(tool: Tool, clock: SteppedClock) -> None:
    """Nobody else has caused them; they are backed off like everybody's runs, and end with the plugin."""
    for pause in (1, 10, 60):
        assert tick(tool) == "limit"
        assert tick(tool) == ("backoff" if pause < 60 else None)
        clock.step(pause + 0.1)
    assert state(tool) is PluginState.DISABLED
    assert [each.data["outcome"] for each in tool.results()] == [
        "limit",
        "denied",
        "limit",
        "denied",
        "limit",
    ]


def test_what_stands_against_a_plugin_outlives_the_process(tool: Tool, clock: SteppedClock) -> None:
    """It is derived from the results in the journal."""
    for caller in (SOMEONE, ANOTHER):
        assert tool.ends(LOOP, caller) == "limit/limit"
    tool.kernel.close()
    root = tool.kernel.home.root
    for path in (root / ".neira").glob("state.sqlite*"):
        path.unlink()
    with Kernel.open(root, load(root, {}), clock=clock) as again:
        later = Tool(again)
        assert later.ends(WELL) == "denied/backoff"
        assert later.ends(LOOP, ADMIN) == "limit/limit"
        assert state(later) is PluginState.DISABLED


def test_what_stands_against_a_plugin_is_the_same_whoever_counts(tool: Tool, clock: SteppedClock) -> None:
    """One by one, as it happened, or all at once, from the journal."""
    for caller in (SOMEONE, ANOTHER, ADMIN):
        assert tool.ends(LOOP, caller) == "limit/limit"
        clock.step(1.1)
        assert tool.ends({"way": "idle"}, caller) == "ok"
    assert strikes.row_of(tool.kernel.movement.database.reading(), tool.id).count == 0
    tool.kernel.close()
    root = tool.kernel.home.root
    for path in (root / ".neira").glob("state.sqlite*"):
        path.unlink()
    with Kernel.open(root, load(root, {}), clock=clock) as again:
        assert strikes.row_of(again.movement.database.reading(), tool.id).count == 0
        assert Tool(again).ends(LOOP) == "limit/limit"
        assert state(Tool(again)) is PluginState.ENABLED


@pytest.mark.slow
def test_the_third_strike_may_come_in_the_middle_of_a_change(tool: Tool) -> None:
    """Another plugin's `on_init` publishes what makes it loop; both changes are made, one after the other."""
    tool.kernel.close()
    root = tool.kernel.home.root
    settings = load(root, {"NEIRA_TRUST_UNSIGNED": "approval"})
    with Kernel.open(root, settings, clock=tool.kernel.clock) as kernel:
        looping, caller = Tool(kernel), Tool(kernel, PluginId("test.caller"))
        permissions = ("storage:write", "events:subscribe:test.caller.*")
        looping.register(
            SOURCE, version="2.0.0", limits=SMALL, permissions=permissions, events=["test.caller.*"]
        )
        for each in (SOMEONE, ANOTHER):
            assert looping.ends(LOOP, each) == "limit/limit"
        publishes = 'fn on_init() { events::publish("test.caller.loop", #{ way: "loop" }); }\n'
        caller.register("fn handle(event) { () }\n" + publishes, permissions=("events:publish",))
        assert looping.results()[-1].data["outcome"] == "limit"
        assert state(caller) is PluginState.ENABLED
        assert state(looping) is PluginState.DISABLED


def test_a_preview_that_strikes_its_limits_counts_too(tool: Tool) -> None:
    """It has cost as much as any other run."""
    found = tool.send(LOOP, asked=Mode.PREVIEW)
    assert (found["mode"], found["outcome"]) == ("preview", "limit")
    assert tool.ends(WELL) == "denied/backoff"


def test_floods_end_at_their_bounds(live: Kernel) -> None:
    """Lines beyond the limit are dropped and the run goes on; the worker lives and serves."""
    tool = Tool(live)
    source = 'fn handle(event) { for n in 0..2000 { print("0123456789".to_upper()); } #{ result: "done" } }'
    tool.register(source, limits={"logs_kb": 1})
    found = tool.send({})
    assert (found["outcome"], found["result"]) == ("ok", "done")
    (record,) = tool.results()
    logs = cast("list[str]", cast("JsonObject", record.payload)["logs"])
    assert sum(map(len, logs)) <= 1024
    assert logs[0] == "0123456789"
