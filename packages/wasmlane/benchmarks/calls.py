"""What a call costs: isolated, warm, fresh, and through the wasmtime package's own classes.

Run from the package's folder: `python -m benchmarks.calls`, or as a file from anywhere.
"""

from __future__ import annotations

import random
import sys
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import wasmtime
from wasmlane import Image, Lane, Limits, Settings, Trapped

from benchmarks.guests import FRESH, SMALL
from benchmarks.measure import Timing, head, rate, row, timed

DATA = b'{"type":"pencil","size":4}'
LIMITS = Limits(timeout_ms=5000)


def load(lane: Lane, text: str = SMALL) -> Image:
    """Load a guest as its user would."""
    return lane.load(text, setup=["begin"], reserve=4096, limits=LIMITS)


class Classes:
    """The same guest, driven as the wasmtime package's documentation shows."""

    def __init__(self) -> None:
        config = wasmtime.Config()
        config.consume_fuel = config.epoch_interruption = True
        self.engine = wasmtime.Engine(config)
        self.module = wasmtime.Module(self.engine, SMALL)
        self.type = wasmtime.FuncType(
            [wasmtime.ValType.i32(), wasmtime.ValType.i32()], [wasmtime.ValType.i64()]
        )
        self.made = self.instance()

    def instance(self) -> tuple[wasmtime.Store, Any]:
        """Make a store and an instance, set up."""
        store = wasmtime.Store(self.engine)
        store.set_fuel(10**9)
        store.set_epoch_deadline(1000)
        host = wasmtime.Func(store, self.type, lambda *_: 0)
        exports: Any = wasmtime.Instance(store, self.module, [host]).exports(store)
        exports["begin"](store)
        return store, exports

    def call(self, store: wasmtime.Store, exports: Any) -> bytes:
        """Hand bytes in and take bytes out."""
        store.set_fuel(10**9)
        store.set_epoch_deadline(1000)
        memory = exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        at = exports["alloc"](store, len(DATA))
        memory.write(store, DATA, at)
        packed = exports["small"](store, at, len(DATA))
        return bytes(memory.read(store, packed >> 32, (packed >> 32) + (packed & 0xFFFFFFFF)))


def ways() -> None:
    """Compare the ways to make one call."""
    head("one small call, us", "p50", "p99", "ratio")
    warm = Timing(1, 1)
    with Lane() as lane, Lane(Settings(road="wrapped")) as wrapped:
        image, slow, fresh = load(lane), load(wrapped), load(lane, FRESH)
        with image.open() as live, slow.open() as slow_live:
            warm = timed(lambda: live.call("small", DATA))
            rows = [
                ("warm: state is kept", warm),
                ("isolated: memory put back", timed(lambda: image.call("small", DATA))),
                ("isolated: new instance and set-up", timed(lambda: fresh.call("small", DATA), 500)),
                ("warm, wrapped road", timed(lambda: slow_live.call("small", DATA))),
                ("isolated, wrapped road", timed(lambda: slow.call("small", DATA))),
            ]
    classes = Classes()
    rows += [
        ("the package's classes, one instance for all", timed(lambda: classes.call(*classes.made))),
        (
            "the package's classes, new instance and set-up",
            timed(lambda: classes.call(*classes.instance()), 300),
        ),
    ]
    for name, taken in rows:
        row(name, *taken, taken.p50 / warm.p50)


def hosts() -> None:
    """Measure a host call and a trap."""
    with Lane() as lane:
        image = load(lane)
        plain = timed(lambda: image.call("small", DATA))
        head("what else a call may do, us", "p50", "p99", "ratio")
        for name, taken in (
            ("nothing else", plain),
            ("ask the host once", timed(lambda: image.call("ask", DATA, host=lambda *_: DATA))),
            (
                "trap, so that the next call needs a new instance",
                timed(lambda: image.call("fail", DATA), 500),
            ),
            ("grow its memory, the same", timed(lambda: image.call("grow", DATA), 500)),
        ):
            row(name, *taken, taken.p50 / plain.p50)


def counting() -> None:
    """Measure what fuel and epochs cost a guest that works."""
    head("40,000 turns of a loop, us", "p50", "p99", "ratio")
    base = None
    for fuel, epochs in ((False, False), (False, True), (True, False), (True, True)):
        with Lane(Settings(fuel=fuel, epochs=epochs)) as lane:
            image = load(lane)
            taken = timed(partial(image.call, "work", DATA), 400)
            base = base or taken
            words = " and ".join(name for name, on in (("fuel", fuel), ("epochs", epochs)) if on) or "neither"
            row(words, *taken, taken.p50 / base.p50)


def threads() -> None:
    """Measure how calls of several threads add up."""
    head("calls a second, by threads", "1", "2", "4", "2 : 1")
    with Lane() as lane:
        image = load(lane)
        for name, words in (("small", "no turns"), ("work", "40,000 turns"), ("much", "200,000 turns")):
            rates = [rate(partial(image.call, name, DATA), count) for count in (1, 2, 4)]
            row(words, *(f"{each:,.0f}" for each in rates), rates[1] / rates[0])


def images(count: int = 10_000) -> None:
    """Measure many images, used at random."""
    with Lane() as lane:
        base = load(lane)
        made = []
        for number in range(count):
            step = base.advance("become", bytes([1 + number % 250]))
            assert not isinstance(step, Trapped)
            made.append(step[1])
        one = timed(lambda: made[0].call("small", DATA))
        chance = random.Random(1)
        many = timed(lambda: chance.choice(made).call("small", DATA), 10_000)
        picking = timed(lambda: chance.choice(made), 10_000)
        head(f"{count:,} images", "p50", "p99", "ratio")
        row("one image, us", *one, 1.0)
        row(
            "all at random, us",
            many.p50 - picking.p50,
            many.p99 - picking.p50,
            (many.p50 - picking.p50) / one.p50,
        )
        row("bytes held for each", sum(each.size for each in made) / count, "", "")


def main() -> None:
    """Print every table."""
    for table in (ways, hosts, counting, threads, images):
        table()


if __name__ == "__main__":
    main()
