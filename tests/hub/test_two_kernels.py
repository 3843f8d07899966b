"""One home opened twice, events sent to either in any order: both see what a plain model of it says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from neira.founding import found
from neira.journal.verify import verify
from neira.kernel import Kernel
from neira.settings import load
from neira.state.state import FILE
from tests.fakes import SteppedClock
from tests.hub.home_looks import items
from tests.hub.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = """
fn handle(event) {
    for each in event.params.ops {
        switch each.op {
            "set" => storage::set(each.key, each.value),
            "delete" => storage::delete(each.key),
            "save" => storage::save_annotation(#{ n: each.value }),
            "throw" => throw "enough"
        }
    }
    let found = [];
    for key in event.params.keys {
        found.push(storage::get(key));
    }
    #{ result: found }
}
"""
pytestmark = pytest.mark.slow
KEYS = ("a", "b", "ключ")
WHICH = st.integers(0, 1)
OPS = st.lists(
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(("set", "set", "delete", "save", "throw")),
            "key": st.sampled_from(KEYS),
            "value": st.integers(-5, 5) | st.text(max_size=5) | st.lists(st.booleans(), max_size=2),
        }
    ),
    max_size=4,
)


class TwoKernels(RuleBasedStateMachine):
    """A home, two openings of it, and what should be in its stores."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = SteppedClock()
        self.root = found(Path(self.folder.name) / "home", clock=self.clock, stage=1).root
        self.values: dict[str, Any] = {}
        self.saved: list[Any] = []
        self.kernels: list[Kernel] = []

    @initialize()
    def open_twice(self) -> None:
        """Open it, and register the plugin through one of the two."""
        self.kernels = [self._open(), self._open()]
        Tool(self.kernels[0]).register(SOURCE)

    @rule(which=WHICH, ops=OPS)
    def send(self, which: int, ops: Sequence[dict[str, Any]]) -> None:
        """Send an event that does several things, or throws and so does none."""
        before = dict(self.values)
        found = Tool(self.kernels[which]).send({"ops": ops, "keys": list(KEYS)})
        if any(each["op"] == "throw" for each in ops):
            assert found["outcome"] == "error"
            assert self.values == before
            return
        for each in ops:
            self._do(each)
        assert found["outcome"] == "ok"
        assert found["result"] == [self.values.get(key) for key in KEYS]

    @rule(which=WHICH)
    def recover(self, which: int) -> None:
        """Look for the dead, of whom there are none."""
        assert not self.kernels[which].recover()

    @rule(which=WHICH)
    def settle(self, which: int) -> None:
        """Make all of it certain on disk."""
        self.kernels[which].settle()

    @rule(which=WHICH)
    def open_again(self, which: int) -> None:
        """Close one of the two and open it anew."""
        self.kernels[which].close()
        self.kernels[which] = self._open()

    @rule(loses_context=st.booleans())
    def lose_what_is_derived(self, loses_context: bool) -> None:
        """Lose the database and shared memory, perhaps the context files too: the journal has it all."""
        for kernel in self.kernels:
            kernel.close()
        for path in (*(self.root / ".neira").glob(f"{FILE}*"), self.root / ".neira/shared"):
            path.unlink(missing_ok=True)
        if loses_context:
            for path in (self.root / "context").rglob("*.ndjson"):
                path.unlink()
        self.kernels = [self._open(), self._open()]

    @invariant()
    def everybody_sees_the_same(self) -> None:
        """Both kernels' values, and the lines of the session."""
        for kernel in self.kernels:
            assert Tool(kernel).values() == self.values
        path = self.root / "context/c1/s1.annotations.ndjson"
        assert [each["n"] for each in (items(path) if path.exists() else [])] == self.saved

    def teardown(self) -> None:
        """Close everything; the journal is whole."""
        for kernel in self.kernels:
            kernel.close()
        assert verify(self.root).is_clean
        self.folder.cleanup()

    def _do(self, op: dict[str, Any]) -> None:
        match op["op"]:
            case "set":
                self.values[op["key"]] = op["value"]
            case "delete":
                self.values.pop(op["key"], None)
            case "save":
                self.saved.append(op["value"])

    def _open(self) -> Kernel:
        return Kernel.open(self.root, load(self.root, {}), clock=self.clock)


TwoKernels.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestTwoKernels = TwoKernels.TestCase
