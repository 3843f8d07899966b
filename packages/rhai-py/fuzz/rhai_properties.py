"""What must hold for every input: a value or a documented error, and a right answer to the next call."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import rhai
from hypothesis import strategies as st

_ANSWER = 42
_LIMITS = rhai.Limits(fuel=8_000_000, timeout_ms=20_000, memory_mb=6, operations=50_000)
_BARE = rhai.Limits(
    fuel=8_000_000,
    timeout_ms=20_000,
    memory_mb=6,
    operations=0,
    call_depth=0,
    string_size=0,
    array_size=0,
    map_size=0,
    expr_depth=0,
    variables=0,
)

integers = st.integers(-(2**63), 2**63 - 1) | st.sampled_from(
    [0, -1, 2**63 - 1, -(2**63), 2**31, -(2**31) - 1]
)
strings = st.text(st.characters(codec="utf-8"), max_size=20)
_PLAIN = st.none() | st.booleans() | integers | st.floats() | strings | st.binary(max_size=20)
values = st.recursive(
    _PLAIN,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(strings | st.sampled_from(["\0", "v", "bytes"]), inner, max_size=5)
    ),
    max_leaves=20,
)
"""What has a counterpart in Rhai."""

documents = st.recursive(
    st.none() | st.booleans() | integers | st.floats(allow_nan=False, allow_infinity=False) | strings,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(strings, inner, max_size=5),
    max_leaves=20,
)
"""What JSON can say."""


class Broken(AssertionError):
    """Something that must never happen did."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The engines that all cases of a run share."""

    engines: tuple[rhai.Engine, rhai.Engine]
    same: rhai.Script

    @classmethod
    def new(cls) -> Bench:
        """Make them, with one host function."""
        engines = rhai.Engine(limits=_LIMITS), rhai.Engine(limits=_BARE, diagnose=False)
        for engine in engines:
            engine.register("host", "echo", lambda *given: given)
        return cls(engines, rhai.Engine().compile("fn same(x) { x }"))

    def run(self, source: str) -> None:
        """Compile a text, call its functions: nothing but values and documented errors."""
        for engine in self.engines:
            try:
                script = engine.compile(source)
                for function in script.functions:
                    script.call(function.name, *[41, "é", [1.5]][: len(function.parameters)])
            except rhai.InternalError as error:
                raise Broken(f"internal: {error}") from error
            except rhai.RhaiError as error:
                str(error)
            if engine.eval("[40 + 2]") != [_ANSWER]:
                raise Broken("the next answer is wrong")

    def stop_anywhere(self, source: str, fuel: int) -> None:
        """Stop a text after some fuel: the same error and the same cost each time."""
        endings = {self._ending(source, fuel) for _ in range(2)}
        if len(endings) > 1 or "internal" in next(iter(endings)):
            raise Broken(f"stopped differently: {sorted(endings)}")

    def _ending(self, source: str, fuel: int) -> str:
        try:
            done = self.engines[1].run(source, limits=rhai.Limits(fuel=fuel))
        except rhai.RhaiError as error:
            return f"{error.code}: {error.message}"
        return f"{done.cost.fuel}: {done.value!r}"

    def round_trip(self, value: object) -> None:
        """Send a value there and back: only tuples become lists."""
        if not equal(self.same.call("same", value), value):
            raise Broken("the value came back changed")

    def json_road(self, value: object, *, ascii_only: bool) -> None:
        """Send a document there and back: the answer says what `json` says."""
        sent = json.dumps([value], ensure_ascii=ascii_only).encode()
        if not equal(json.loads(self.same.call_json("same", sent)), value):
            raise Broken("the document came back changed")

    def any_bytes(self, document: bytes) -> None:
        """Send bytes: they are refused, or they are a JSON array of one whose element comes back."""
        try:
            answer = self.same.call_json("same", document)
        except rhai.InternalError as error:
            raise Broken(f"internal: {error}") from error
        except rhai.RhaiError:
            return
        if not equal([json.loads(answer)], json.loads(document.decode())):
            raise Broken("taken, but not as JSON is read")


def equal(one: object, two: object) -> bool:
    """Compare with types, where not-a-number equals itself and a tuple its list."""
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)):
        return len(one) == len(two) and all(map(equal, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(equal(one[key], two[key]) for key in one)
    if isinstance(one, float) and isinstance(two, float):
        return (math.isnan(one) and math.isnan(two)) or (
            one == two and math.copysign(1, one) == math.copysign(1, two)
        )
    return type(one) is type(two) and one == two
