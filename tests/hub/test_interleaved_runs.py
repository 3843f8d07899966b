"""Runs that something comes between: what they rest on is asked once more when nothing can come any more.

The randomness of a kernel is a parameter, and it is asked for salts after a run and before its commit: there
these tests let another process of the home do something.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from neira.changes.gates import SetGate
from neira.changes.plugins import Configure, Disable, Revoke
from neira.changes.safe_mode import EnterSafeMode
from neira.clock import SystemEntropy
from neira.founding import STAGE_ONE
from neira.hub.delivery import Receiver
from neira.hub.passages import Passage
from neira.journal.verify import verify
from neira.kernel import Kernel
from neira.model import GateName, GateState, Mode, PluginId
from neira.settings import load
from tests.conftest import ADMIN
from tests.hub.tool import ANOTHER, ID, READ_WRITE, SOMEONE, Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from neira.changes.plan import Order
    from tests.fakes import SteppedClock

SALT = 16  # bytes
SALTS = 2  # in the commit of an event that one plugin hears: that it came, and what came of it
COUNTS = """
fn handle(event) {
    let n = (storage::get("n") ?? 0) + 1;
    storage::set("n", n);
    storage::save_annotation(#{ n: n });
    #{ result: n }
}
"""
OUTSIDE = ("events:publish:weather.*",)


@dataclass
class Interloper:
    """Randomness that lets something happen between a run and its commit, so many times."""

    does: Callable[[], object] = lambda: None
    times: int = 0
    salts: int = 0
    entropy: SystemEntropy = field(default_factory=SystemEntropy)

    def bytes(self, count: int) -> bytes:
        """Return random bytes; before the first salt of a commit, do it."""
        if count == SALT:
            self.salts += 1
            if self.salts % SALTS == 1 and self.salts < self.times * SALTS:
                self.does()
        return self.entropy.bytes(count)

    def comes(self, does: Callable[[], object], times: int = 1) -> None:
        """Say what comes between, before how many commits."""
        self.does, self.times, self.salts = does, times, 0


@dataclass(frozen=True)
class Pair:
    """One home opened twice, as two processes do; something comes between the runs of the first."""

    here: Tool
    there: Tool
    interloper: Interloper


@pytest.fixture
def pair(live: Kernel, clock: SteppedClock) -> Iterator[Pair]:
    """Open the home twice."""
    root, interloper = live.home.root, Interloper()
    settings = load(root, {"NEIRA_TRUST_UNSIGNED": "approval"})
    live.close()
    with (
        Kernel.open(root, settings, clock=clock, entropy=interloper) as here,
        Kernel.open(root, settings, clock=clock) as there,
    ):
        yield Pair(Tool(here), Tool(there), interloper)


def test_a_run_that_has_read_something_old_runs_again(pair: Pair) -> None:
    """No increment is lost, nothing is written twice, and the journal has one result."""
    pair.here.register(COUNTS)
    pair.interloper.comes(lambda: pair.there.send({}, ANOTHER))
    assert pair.here.send({})["result"] == 2
    assert pair.here.values() == pair.there.values() == {"n": 2}
    assert [each.data["outcome"] for each in pair.here.results()] == ["ok", "ok"]


def test_a_run_that_is_overtaken_twice_is_a_conflict(pair: Pair) -> None:
    """It has no effects at all, and its sender may send it again."""
    pair.here.register(COUNTS)
    pair.interloper.comes(lambda: pair.there.send({}, ANOTHER), times=2)
    assert pair.here.ends({}) == "error/conflict"
    assert pair.here.values() == {"n": 2}
    assert pair.here.send({})["result"] == 3
    lines = (pair.here.kernel.home.context / "c1/s1.annotations.ndjson").read_text().splitlines()
    assert len(lines) == 3


def test_a_run_that_only_reads_is_not_held_up(pair: Pair) -> None:
    """What it has seen was true when it looked."""
    pair.here.register(
        'fn handle(event) { if event.params.write { storage::set("n", 1); } storage::get("n") ; () }'
    )
    pair.interloper.comes(lambda: pair.there.send({"write": True}, ANOTHER))
    assert pair.here.ends({"write": False}) == "ok"


def test_other_keys_and_other_plugins_are_no_conflict(pair: Pair) -> None:
    """Even if it could run but once more."""
    source = "fn handle(event) { let k = event.params.key; storage::set(k, (storage::get(k) ?? 0) + 1); }"
    pair.here.register(source)
    other = Tool(pair.there.kernel, PluginId("test.other"))
    other.register(source)
    pair.interloper.comes(
        lambda: (pair.there.send({"key": "b"}, ANOTHER), other.send({"key": "a"}, ANOTHER)), times=2
    )
    assert pair.here.ends({"key": "a"}) == "ok"
    assert (pair.here.values(), other.values()) == ({"a": 1, "b": 1}, {"a": 1})


def test_settings_that_two_runs_change_are_both_kept(pair: Pair) -> None:
    """Each rests on what the other has left."""
    source = "fn handle(event) { config::set(event.params.key, 1); }"
    pair.here.register(source, permissions=("config:write",))
    pair.interloper.comes(lambda: pair.there.send({"key": "b"}, ANOTHER))
    assert pair.here.ends({"key": "a"}) == "ok"
    assert pair.here.kernel.world.now().plugins.get(pair.here.id).config == {"a": 1, "b": 1}


PUBLISHES = 'fn handle(event) { storage::set("k", 1); events::publish("weather.changed"); }'
DRAWS = "fn handle(event) { storage::save_annotation(#{ n: 1 }); }"
GATE = GateName("annotations_pencil")


@pytest.mark.parametrize(
    ("comes", "source", "ends"),
    [
        (Revoke(ID, OUTSIDE[0]), PUBLISHES, "denied/not_granted"),
        (SetGate(GATE, GateState.EMBRYO), DRAWS, "denied/capability_disabled"),
        (Disable(ID), DRAWS, "denied/plugin_gone"),
        (EnterSafeMode("now"), DRAWS, "denied/safe_mode_active"),
        (Configure(ID, {"a": 1}), DRAWS, "ok"),
    ],
    ids=["revoked", "gate closed", "disabled", "safe mode", "something else"],
)
def test_a_power_that_is_taken_in_between_is_gone(pair: Pair, comes: Order, source: str, ends: str) -> None:
    """Nothing of the run happens, and its result names the authority; what does not concern it may come."""
    pair.here.register(source, permissions=(*READ_WRITE, *OUTSIDE))
    pair.interloper.comes(lambda: pair.there.kernel.change(comes, ADMIN, why="test"))
    assert pair.here.ends({}) == ends
    assert pair.here.values() == {}
    assert (pair.here.kernel.home.context / "c1").exists() == (ends == "ok")


def test_a_new_version_that_comes_in_between_is_the_one_that_counts(pair: Pair) -> None:
    """What rests on stored values runs again, as what is live now."""
    pair.here.register('fn handle(event) { storage::set("by", 1); }')
    pair.interloper.comes(
        lambda: pair.there.register('fn handle(event) { storage::set("by", 2); }', version="2.0.0")
    )
    assert pair.here.send({})["version"] == "2.0.0"
    assert pair.here.values() == {"by": 2}


def test_a_hook_that_was_run_before_its_event_is_held_against_the_same_world(pair: Pair) -> None:
    """What changes between the run of a tick and its commit counts as well."""
    source = 'fn handle(event) { () }\n fn on_tick(ms) { events::publish("weather.changed"); }'
    pair.here.register(source, permissions=OUTSIDE)
    stage, lifecycle = pair.here.kernel.movement.stage, pair.here.kernel.movement.lifecycle
    plugin = pair.here.kernel.world.now().plugins.get(pair.here.id)
    event, call = lifecycle.of(plugin, "on_tick", [100], {})
    tried = stage.attempt(plugin, plugin, call)
    assert (tried.finished.outcome, len(tried.finished.actions)) == ("ok", 1)
    pair.there.kernel.change(Revoke(pair.here.id, OUTSIDE[0]), ADMIN, why="test")
    pair.here.kernel.world.now()  # as any other thread of this process may do
    receiver = Receiver(plugin, Passage(Mode.LIVE))
    done = pair.here.kernel.movement.delivery.deliver(
        event, [receiver], call, top=receiver.passage, tried=tried
    )
    assert done.dones[0].finished.outcome == "denied"


@pytest.mark.slow
def test_increments_from_everywhere_count_or_say_conflict(home: Path) -> None:
    """Threads in two openings of a home: what says `ok` has counted, what says `conflict` has not."""
    ends: list[str] = []

    def sends(tool: Tool) -> None:
        ends.extend(tool.ends({}, SOMEONE) for _ in range(40))

    with Kernel.open(home, load(home, {})) as here, Kernel.open(home, load(home, {})) as there:
        for name in STAGE_ONE:
            here.change(SetGate(GateName(name), GateState.EXPERIMENTAL), ADMIN, why="test")
        Tool(here).register(COUNTS)
        threads = [threading.Thread(target=sends, args=(Tool(each),)) for each in (here, there) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(ends) <= {"ok", "error/conflict"}
        assert Tool(here).values() == {"n": ends.count("ok")}
        lines = (here.home.context / "c1/s1.annotations.ndjson").read_text().splitlines()
        assert len(lines) == ends.count("ok")
    assert verify(home).is_clean
