"""The counter: it counts, begins anew, keeps its number, and loses none to a run beside it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from neira.kernel import Kernel
from neira.model import Caller, Mode, PluginId, Scope
from neira.parse.event import EventForm
from neira.settings import load
from tests.examples.shown import Shown, show

if TYPE_CHECKING:
    from typing import Any

ADD, RESET = "counter.add", "counter.reset"


def test_it_counts_and_begins_anew(live: Kernel) -> None:
    """The number is the result, and lies under the key `count`."""
    counter = show(live, "counter")
    assert [counter.send(ADD, {})["result"] for _ in range(3)] == [1, 2, 3]
    assert counter.send(RESET, {})["result"] == 0
    assert counter.send(ADD, {})["result"] == 1
    assert counter.value("count") == 1


def test_its_number_outlives_the_process(live: Kernel) -> None:
    """Another kernel on the same home goes on counting."""
    show(live, "counter").send(ADD, {})
    live.close()
    with Kernel.open(live.home.root, load(live.home.root, {}), clock=live.clock) as again:
        assert Shown(again, PluginId("counter")).send(ADD, {})["result"] == 2


def test_a_preview_counts_nothing(live: Kernel) -> None:
    """The answer shows what would be stored; the number stays."""
    counter = show(live, "counter")
    form = EventForm(counter.id, ADD, {}, {})
    caller = Caller("test:writer", Scope.WRITE)
    body: Any = live.hub.handle(form, caller, request_id="test", asked=Mode.PREVIEW).body
    assert (body["mode"], body["results"][0]["result"]) == ("preview", 1)
    assert counter.value("count") is None


def test_a_reader_cannot_count(live: Kernel) -> None:
    """Writing asks for the scope write, and the refusal is the script's line."""
    counter = show(live, "counter")
    form = EventForm(counter.id, ADD, {}, {})
    body: Any = live.hub.handle(form, Caller("test:reader", Scope.READ), request_id="test").body
    (result,) = body["results"]
    assert (result["outcome"], result["error"]["code"]) == ("denied", "scope_missing")
    assert result["error"]["line"] > 0


def test_runs_at_once_lose_no_count(live: Kernel) -> None:
    """Eight threads: what answered `ok` was counted, what did not said `conflict`."""
    counter = show(live, "counter")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: counter.send(ADD, {}), range(80)))
    counted = [result["result"] for result in results if result["outcome"] == "ok"]
    assert sorted(counted) == list(range(1, len(counted) + 1))
    assert counter.value("count") == len(counted)
    assert {result["error"]["code"] for result in results if result["outcome"] != "ok"} <= {"conflict"}
