"""What only a process of its own can show: memory of the host, stacks of threads, equal answers elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rhai

HERE = Path(__file__).parent


def answer_of(program: str, *arguments: str) -> Any:
    """Run a program that prints JSON; a crash of the process fails the test with its words."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return json.loads(done.stdout)


RSS = """
import gc, json, re, pathlib
import rhai

def rss_mb():
    gc.collect()
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) / 1024
"""

FLOOD = f"""{RSS}
import dataclasses, itertools
from hostile_scripts import OFF, ON, SCRIPTS, SOUND, attack
quick = [dataclasses.replace(limits, fuel=10_000_000) for limits in (ON, OFF)]
engines = [rhai.Engine(limits=limits, diagnose=False) for limits in quick]
attacks = itertools.cycle([(engine, case.source) for case in SCRIPTS for engine in engines])
run = lambda count: [attack(*next(attacks)).ms for _ in range(count)]
run(2 * len(SCRIPTS))
before = rss_mb()
run(1_000)
after = rss_mb()
sound = [engine.compile(SOUND).call("sound") for engine in engines]
print(json.dumps([before, after, sound]))
"""

SIZES = f"""{RSS}
engine = rhai.Engine(limits=rhai.Limits(array_size=0))
engine.eval("1")
before = rss_mb()
for pages in range(1, 110):
    engine.compile(f"let b = blob({{pages * 65_536}}); fn f() {{{{ this.b.len() }}}}").call("f")
print(json.dumps([before, rss_mb()]))
"""

NESTED = """
import itertools, json, sys, threading
import rhai
depths = itertools.count(1)
engine = rhai.Engine(limits=rhai.Limits(timeout_ms=20_000, fuel=2_000_000_000, call_depth=0, operations=0))
# Each script stands at the end of its own stack when it calls the next one.
engine.register("host", "again", lambda: [next(depths), script.call("down", 60)])
script = engine.compile("fn down(n) { if n > 0 { down(n - 1) } else { host::again() } }")
endings = []

def run():
    for _ in range(3):
        try:
            script.call("down", 60)
        except rhai.RhaiError as error:
            while error.__cause__:
                error = error.__cause__
            endings.append(error.code)

if sys.argv[1] == "main":
    run()
else:
    threading.stack_size(int(sys.argv[1]) * 1024)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
print(json.dumps([next(depths) - 1, endings]))
"""

FIRST = """
import json, sys, threading
import rhai
endings = []

def run():
    try:
        endings.append(rhai.Engine().eval("40 + 2"))
    except rhai.RhaiError as error:
        endings.append(error.code)

threading.stack_size(int(sys.argv[1]) * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
print(json.dumps([*endings, rhai.Engine().eval("40 + 2")]))
"""

OVERFLOW = """
import json, sys, threading
import rhai
engine = rhai.Engine(limits=rhai.Limits(call_depth=0, fuel=2_000_000_000, timeout_ms=20_000), diagnose=False)
script = engine.compile("fn f() { f() } fn sound() { 42 }")
endings = []

def run():
    for _ in range(20):
        try:
            script.call("f")
        except rhai.RhaiError as error:
            endings.append(error.code)

threading.stack_size(int(sys.argv[1]) * 1024)
threads = [threading.Thread(target=run) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps([sorted(set(endings)), script.call("sound")]))
"""

SAME = """
let seed = 7;
fn next(n) { (n * 1103515245 + 12345) % 2147483648 }
fn f(words) {
    let seen = #{};
    for word in words { for i in 0..5 {
        this.seed = next(this.seed);
        seen[word + (this.seed % 50)] = [this.seed / 7.0, word.len, #{ at: i }];
    } }
    let keys = seen.keys(); keys.sort(); print(keys);
    let wide = "é"; wide.pad(5, "x");
    [seen, keys, keys.map(|key| key.to_upper()), sin(1.5), 2.0 ** 0.5, wide]
}
"""
WORDS = b'[["one", "two", "three"]]'

ELSEWHERE = """
import json, sys
import rhai
script = rhai.Engine().compile(sys.argv[1])
done = script.run_json("f", sys.argv[2].encode())
words = [str(line) for line in done.logs]
print(json.dumps([done.value.decode(), done.cost.fuel, done.cost.operations, words]))
"""


def test_the_memory_of_the_host_stays_bounded() -> None:
    """After a thousand attacks the process holds a few megabytes more at most."""
    before, after, sound = answer_of(FLOOD)
    assert sound == [42, 42]
    assert after - before < 32


def test_scripts_of_many_sizes_leave_no_memory_behind() -> None:
    """What a script made its memory grow to is given back when the script is gone."""
    before, after = answer_of(SIZES)
    assert after - before < 128


@pytest.mark.parametrize("stack", ["256", "512", "1024", "2048", "8192", "main"])
def test_scripts_call_scripts_as_deep_as_the_stack_allows(stack: str) -> None:
    """Eight deep on an ordinary stack, less on a small one, and the next is always a clean refusal."""
    deepest, endings = answer_of(NESTED, stack)
    assert endings == ["limit_nesting"] * 3
    assert deepest <= 3 * 8
    if stack in {"8192", "main"}:
        assert deepest == 3 * 8


@pytest.mark.parametrize("stack", ["256", "512", "1024", "2048"])
def test_the_first_engine_may_be_made_on_any_thread(stack: str) -> None:
    """It works, or the thread's small stack is named as the reason; other threads are not touched."""
    first, second = answer_of(FIRST, stack)
    assert first in {42, "limit_nesting"}
    assert second == 42


@pytest.mark.parametrize("stack", ["256", "1024", "8192"])
def test_endless_recursion_ends_on_any_thread(stack: str) -> None:
    """A guest's stack has its own bound: the thread's is never reached."""
    endings, sound = answer_of(OVERFLOW, stack)
    assert sound == 42
    assert set(endings) <= {"limit_stack", "limit_nesting"}


def test_equal_calls_have_equal_answers_and_costs() -> None:
    """A thousand times here, and once in another process: value, fuel, operations and words are the same."""
    script = rhai.Engine().compile(SAME)
    seen = set()
    for _ in range(1_000):
        done = script.run_json("f", WORDS)
        seen.add((done.value, done.cost.fuel, done.cost.operations, done.logs))
    assert len(seen) == 1
    value, fuel, operations, logs = seen.pop()
    elsewhere = answer_of(ELSEWHERE, SAME, WORDS.decode())
    assert elsewhere == [value.decode(), fuel, operations, [str(line) for line in logs]]


def test_equal_failures_are_equal() -> None:
    """Where a limit stops a script is repeatable too."""
    script = rhai.Engine().compile("fn f() { let a = []; loop { a.push(a.len()); print(a.len()); } }")
    seen = set()
    for _ in range(30):
        with pytest.raises(rhai.LimitError) as caught:
            script.call("f", limits=rhai.Limits(fuel=5_000_000))
        seen.add((caught.value.code, caught.value.logs))
    assert len(seen) == 1
