"""What could kill or hang a whole process, tried in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent

BEGIN = """
import ctypes, os, signal, sys, threading, time
from wasmlane import Answer, Lane, Limits, Settings, Trapped
ROAD = sys.argv[1]
lane = Lane(Settings(road=ROAD))
image = lane.load('''(module
  (import "env" "ask" (func $ask (param i32 i32) (result i64)))
  (memory (export "memory") 1)
  (global $depth (mut i32) (i32.const 0))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $down (export "down") (param i32 i32) (result i64)
    (i64.add (i64.const 1) (call $down (local.get 0) (local.get 1))))
  (func $deep (param $n i32) (param f64 f64 f64 f64) (result i64)
    (if (i32.eqz (local.get $n)) (then (drop (call $ask (i32.const 0) (i32.const 1))) (return (i64.const 0))))
    (drop (call $deep (i32.sub (local.get $n) (i32.const 1))
      (local.get 1) (local.get 2) (local.get 3) (local.get 4)))
    (return (i64.const 0)))
  (func (export "deep") (param i32 i32) (result i64)
    (call $deep (i32.load (local.get 0)) (f64.const 0) (f64.const 0) (f64.const 0) (f64.const 0)))
  (func (export "loop") (param i32 i32) (result i64) (loop $l (br $l)) (i64.const 0))
  (func (export "ask") (param i32 i32) (result i64) (call $ask (local.get 0) (local.get 1)))
  (func (export "chat") (param i32 i32) (result i64) (local $n i32)
    (loop $l (drop (call $ask (i32.const 0) (i32.const 1)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $n) (i32.const 200))))
    (i64.const 0)))''', limits=Limits(timeout_ms=20_000, host_calls=1_000_000))
def kind(end): return str(end.kind) if isinstance(end, Trapped) else "answer"
def echo(module, name, data): return data
def ask(): return kind(image.call("ask", b"x", host=echo))
def loop(timeout_ms=50):
    return kind(image.call("loop", b"", limits=Limits(fuel=10**15, timeout_ms=timeout_ms)))
"""


def run(code: str, road: str) -> str:
    """Run a program after the common beginning; it must end well."""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", BEGIN + code, road],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},  # noqa: TID251 — the child needs what this process has
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout


both_roads = pytest.mark.parametrize("road", ["raw", "wrapped"])

STACKS = """
# The number of turns at which one level is nearly out of stack: a bit less than where it overflows.
def deepest():
    low, high = 1, 1 << 20
    while high - low > 8:
        middle = (low + high) // 2
        ended = image.call("deep", middle.to_bytes(4, "little"), host=echo)
        low, high = (middle, high) if isinstance(ended, Answer) else (low, middle)
    return low
LOW = deepest()
def level(depth, seen):
    def host(module, name, data):
        seen.append(level(depth + 1, seen))
        return data
    assert kind(image.call("down", b"")) in ("stack", "nesting")
    return kind(image.call("deep", LOW.to_bytes(4, "little"), host=host))
def try_here(name):
    seen = []
    first = level(1, seen)
    levels = [first, *seen].count("answer")
    print(name, levels, sorted(set([first, *seen])))
try_here("main")
for kilobytes in (256, 512, 1024, 2048, 4096, 8192):
    threading.stack_size(kilobytes * 1024)
    thread = threading.Thread(target=try_here, args=(kilobytes,))
    thread.start(); thread.join()
"""


@both_roads
def test_guests_nest_as_deep_as_the_stack_allows(road: str) -> None:
    """Each level goes to its own limit, with a host call at the bottom; no thread is too small to say no."""
    lines = [line.split(" ", 2) for line in run(STACKS, road).splitlines()]
    levels = {name: int(count) for name, count, _ in lines}
    assert levels["256"] == levels["512"] == 0
    assert levels["1024"] == 1
    assert 2 <= levels["2048"] <= 3
    assert levels["4096"] >= 5
    assert levels["main"] == levels["8192"] == 8
    assert all(kinds.endswith("'nesting']") or "nesting" in kinds for _, _, kinds in lines)


RECURSION = """
import functools
def down(levels, action):
    return action() if levels == 0 else functools.reduce(lambda *_: down(levels - 1, action), (1, 2))
ends = set()
def try_here():
    for levels in range(0, 400, 7):
        try:
            ends.add(down(levels, lambda: kind(image.call("down", b"")))[:7])
        except RecursionError:
            ends.add("recursion")
for kilobytes in (1024, 2048, 8192):
    threading.stack_size(kilobytes * 1024)
    thread = threading.Thread(target=try_here)
    thread.start(); thread.join()
print(sorted(ends))
"""


@both_roads
def test_python_may_have_used_the_stack_already(road: str) -> None:
    """What Python's own recursion took is counted."""
    ends = run(RECURSION, road)
    assert "stack" in ends
    assert "answer" not in ends


LIMIT = """
lost = []
sys.unraisablehook = lost.append  # a hook in Python would not fit any more
seen = set()
def down(level):
    try:
        down(level + 1)
    finally:
        try:
            seen.add(ask())
        except Exception as error:
            seen.add(type(error).__name__)
try:
    down(0)
except RecursionError:
    pass
callbacks = [each for each in lost if "callback" in str(each.err_msg)]
print("answer" in seen, "RecursionError" in seen, callbacks, ask())
"""


@both_roads
def test_the_recursion_limit_never_reaches_the_engine(road: str) -> None:
    """At each depth a call answers or Python's own error is seen; no callback fails to begin."""
    assert run(LIMIT, road).strip() == "True True [] answer"


INTERRUPTS = """
class Alarm(BaseException): pass
armed = lost = 0
def ring(*_):
    global armed
    if armed:
        armed = 0
        raise Alarm
def note(lost_one):
    global lost
    lost += "callback" in str(lost_one.err_msg)
sys.unraisablehook = note
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for _ in range(1500):
    try:
        armed = 1
        while armed:
            image.call("chat", b"", host=echo)
    except Alarm:
        pass
armed = 0
signal.setitimer(signal.ITIMER_REAL, 0)
print(lost, kind(image.call("ask", b"fine", host=echo)))
"""


def test_signals_in_host_calls_never_reach_the_engine() -> None:
    """A handler that raises, at any instruction of a host call, ends the call and nothing else."""
    assert run(INTERRUPTS, "raw").strip() == "0 answer"


FORKS = """
assert isinstance(image.call("ask", b"x", host=echo), Answer)
live = image.open()
def child():
    ends = [ask(), loop(), kind(live.call("ask", b"x", host=echo))]
    live.reset()
    return [*ends, kind(live.call("ask", b"x", host=echo)), ask()]
def forked(action):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, repr(action()).encode())
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
    return os.read(reader, 10_000).decode()
print(forked(child))
print(forked(lambda: [forked(child), loop()]))
def inside(module, name, data):
    print(forked(lambda: [ask(), loop()]))
    pid = os.fork()
    if pid == 0:
        return b"child"  # works on in the guest that its parent began
    os.waitpid(pid, 0)
    return b"parent"
ended = image.call("ask", b"x", host=inside)
sys.stdout.write(f"{ended.data}\\n"); sys.stdout.flush()
if ended.data == b"child":
    os._exit(0)
stop = []
def busy():
    while not stop: assert isinstance(image.call("ask", b"x", host=echo), Answer)
thread = threading.Thread(target=busy); thread.start()
for _ in range(5): assert forked(child).startswith("['answer'")
stop.append(1); thread.join()
print(loop(), kind(live.call("ask", b"x", host=echo)))
"""


@both_roads
def test_forked_children_make_lanes_of_their_own(road: str) -> None:
    """Children answer and time out, and theirs, even forked by a host function or beside running threads."""
    lines = run(FORKS, road).splitlines()
    child = "['answer', 'time', 'ended', 'answer', 'answer']"
    assert lines[0] == child
    assert lines[1] == repr([child, "time"]).replace("\\", "")
    assert lines[2] == "['answer', 'time']"
    assert sorted(lines[3:5]) == ["b'child'", "b'parent'"]
    assert lines[5] == "time answer"


POOLS = """
import multiprocessing
def work(number):
    return [image.call("ask", bytes([number]), host=echo).data, loop()]
assert isinstance(image.call("ask", b"x", host=echo), Answer)
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(work, range(3)))
"""


def test_pools_of_forked_workers_work() -> None:
    """As servers and test runners fork."""
    assert run(POOLS, "raw").strip() == "[[b'\\x00', 'time'], [b'\\x01', 'time'], [b'\\x02', 'time']]"


@both_roads
@pytest.mark.parametrize(
    "end", ["", "lane.close()", "live = image.open()", "del lane, image", "os._exit(0)", "sys.exit(0)"]
)
def test_a_process_that_has_called_ends(road: str, end: str) -> None:
    """No thread of ours keeps it alive, whatever is left open."""
    assert run(f"print(ask(), flush=True)\n{end}", road).strip() == "answer"


DAEMONS = """
def busy():
    while True: image.call("loop", b"", limits=Limits(timeout_ms=20))
for _ in range(3): threading.Thread(target=busy, daemon=True).start()
time.sleep(0.1)
print("over")
"""


def test_a_process_ends_while_daemon_threads_call() -> None:
    """Their guests go with it."""
    assert run(DAEMONS, "raw").strip() == "over"


CLOSED = """
ends = []
thread = threading.Thread(target=lambda: ends.append(loop(300)))
thread.start(); time.sleep(0.05); lane.close(); thread.join()
print(ends)
"""


@both_roads
def test_closing_a_lane_lets_running_calls_end_in_time(road: str) -> None:
    """The clock goes on for as long as somebody runs."""
    assert run(CLOSED, road).strip() == "['time']"
