"""The REPL: state, unfinished lines, commands, history, and a terminal of its own."""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
import time
from typing import TYPE_CHECKING

import pytest
import rhai
from rhai.cli.history import history_file, remembered
from rhai.cli.repl import Repl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pty = pytest.importorskip("pty", reason="this system has no terminals")


def conversation(*lines: str | type[BaseException], engine: rhai.Engine | None = None) -> list[str]:
    """Say the lines, then end the input; answer what was said back."""
    left: Iterator[str | type[BaseException]] = iter(lines)

    def ask(prompt: str) -> str:
        line = next(left, EOFError)
        if isinstance(line, str):
            return line
        raise line

    out = io.StringIO()
    Repl(engine or rhai.Engine(), ask, out).talk()
    return out.getvalue().splitlines()


def test_state_stays_from_line_to_line() -> None:
    """Variables and functions are there for the next line; unit is not shown."""
    lines = ["let x = 20;", "fn twice(n) { n * 2 }", "x += 1", "twice(x)", "`text`", "[x, ()]"]
    assert conversation(*lines) == ["42", '"text"', "[21, ()]", ""]


def test_printed_lines_are_shown() -> None:
    """Those of print and those of debug."""
    assert conversation("print(`a`); debug(1); 2")[:3] == ["a", "session 1:13 1", "2"]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["fn f(n) {", "  n + 1", "}", "f(1)"], "2"),
        (["let a = [1,", "2", "];", "a"], "[1, 2]"),
        (["1 +", "2"], "3"),
        (["let s = `a", "b`;", "s"], '"a\\nb"'),
        (["if true {", "5 } else {", "6 }"], "5"),
        (["#{a:", "1}"], '#{"a": 1}'),
        (["switch 2 {", "2 => 7,", "_ => 8", "}"], "7"),
        (["let x =", "3;", "x"], "3"),
    ],
)
def test_an_unfinished_text_goes_on(lines: list[str], shown: str) -> None:
    """More lines are asked for until the text is a script."""
    assert conversation(*lines) == [shown, ""]


@pytest.mark.parametrize("line", ["let x = ;", "1 + * 2", '"abc', "}", "let 5"])
def test_a_wrong_text_is_told_at_once(line: str) -> None:
    """Where no further line could help, none is asked for."""
    said = conversation(line, "42")
    assert said[-2:] == ["42", ""]
    assert said[1].startswith(" 1 | ")


def test_an_empty_line_gives_an_unfinished_text_up() -> None:
    """The error is shown, and the next line is a new one."""
    said = conversation("fn f() {", "", "42")
    assert said[0].startswith("Expecting '}'")
    assert said[-2:] == ["42", ""]


def test_errors_keep_the_state() -> None:
    """A failed line has an excerpt and costs no variable."""
    said = conversation("let x = 5;", "x + nope", "x")
    assert said[0] == "Variable not found: nope (line 1, column 5 of session)"
    assert said[-2:] == ["5", ""]


def test_an_ended_world_is_told_and_begins_again() -> None:
    """After a trap the variables are gone: it says so."""
    engine = rhai.Engine(rhai.Limits(fuel=20_000_000, operations=0))
    said = conversation("let x = 5;", "loop { }", "x", "1 + 1", engine=engine)
    assert "variables and functions are gone" in "\n".join(said[:5])
    assert "Variable not found: x" in "\n".join(said)
    assert said[-2:] == ["2", ""]


def test_ctrl_c_drops_the_line() -> None:
    """At a new line and in the middle of an unfinished one."""
    assert conversation("let x = 1;", KeyboardInterrupt, "fn f() {", KeyboardInterrupt, "x") == [
        "",
        "",
        "1",
        "",
    ]


def test_commands() -> None:
    """Help, limits, reset, quit, and a word for what does not exist."""
    assert any(":reset" in line for line in conversation(":help"))
    assert "fuel 300,000,000" in conversation(":limits")
    assert "Variable not found: x" in conversation("let x = 1;", ":reset", "x")[0]
    assert conversation(":quit", "1") == []
    assert conversation(":nope")[0] == "there is no :nope; :help names what there is"


def test_the_history_lies_below_the_state_folder(tmp_path: Path) -> None:
    """XDG_STATE_HOME, or the usual place in the home."""
    assert history_file({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "rhai" / "history"
    assert history_file({}).parts[-4:] == (".local", "state", "rhai", "history")


def test_a_history_that_cannot_be_kept_is_no_failure(tmp_path: Path) -> None:
    """A read-only or strange home leaves the REPL usable."""
    (tmp_path / "rhai").write_text("a file, not a folder")
    with remembered(tmp_path / "rhai" / "history"):
        pass


class Terminal:
    """A `python -m rhai` with a terminal of its own."""

    def __init__(self, state: Path) -> None:
        self.child, self.end = pty.fork()
        if self.child == 0:  # pragma: no cover - another process
            path = os.pathsep.join(sys.path)
            environment = os.environ | {"XDG_STATE_HOME": str(state), "TERM": "dumb", "PYTHONPATH": path}  # noqa: TID251 - the child's own
            os.execve(sys.executable, [sys.executable, "-m", "rhai"], environment)

    def say(self, text: str, *ends: bytes) -> str:
        """Type something and answer what is on the screen when the next prompt, or another end, comes."""
        os.write(self.end, text.encode())
        return self.wait(*ends)

    def interrupt(self) -> str:
        """Press Ctrl-C, again if the terminal was just between two keys."""
        seen = ""
        for _ in range(30):
            os.write(self.end, b"\x03")
            if (seen := self.wait(patience=1)).endswith("rhai> "):
                break
        return seen

    def wait(self, *ends: bytes, patience: float = 30) -> str:
        """Read up to a prompt, another end, or the end of all."""
        seen, until = b"", time.monotonic() + patience
        # Not `select`: it takes no descriptor beyond 1,023, and a process full of tests has more.
        ready = select.poll()
        ready.register(self.end, select.POLLIN)
        while time.monotonic() < until and not seen.endswith(ends or (b"rhai> ", b"  ... ")):
            if ready.poll(200):
                try:
                    more = os.read(self.end, 4096)
                except OSError:
                    break
                if not more:
                    break
                seen += more
        return seen.decode()

    def close(self) -> int:
        """Wait for the end and answer the exit code."""
        _, status = os.waitpid(self.child, 0)
        with contextlib.suppress(OSError):
            os.close(self.end)
        return os.waitstatus_to_exitcode(status)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_real_terminal(tmp_path: Path) -> None:
    """Prompts, several lines, Ctrl-C, and a history that the next one finds."""
    first = Terminal(tmp_path)
    assert f"rhai-py {rhai.__version__}" in first.wait()
    first.say("let x = 20;\n")
    assert first.say("fn twice(n) {\n").endswith("  ... ")
    first.say("n * 2 }\n")
    # Only once the line is echoed is Ctrl-C a key of the line.
    first.say("half a line", b"half a line")
    assert first.interrupt().endswith("rhai> ")
    assert "\r\n40" in first.say("twice(x)\n")
    first.say(":quit\n")
    assert first.close() == 0
    history = tmp_path / "rhai" / "history"
    assert "twice(x)" in history.read_text().splitlines()
    assert history.stat().st_mode & 0o077 == 0
    second = Terminal(tmp_path)
    second.wait()
    second.say("\x04")
    assert second.close() == 0
    assert "twice(x)" in history.read_text().splitlines()
