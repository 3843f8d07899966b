"""The command line: run, check, exit codes, streams."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import rhai
from rhai.cli import main
from rhai.cli.notation import shown

if TYPE_CHECKING:
    from pathlib import Path

Said = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a script that prints, debugs and answers."""
    path = tmp_path / "add.rhai"
    path.write_text(
        "#!/usr/bin/env -S python -m rhai\n/// Adds.\nfn add(a, b) { a + b }\n"
        "print(ARGS);\ndebug(`seen`);\nadd(20, 22)\n"
    )
    return path


def test_a_script_is_run(file: Path, capsys: Said) -> None:
    """`print` and the value go to the output, `debug` to the error stream; later words are its own."""
    assert main([str(file), "one", "--two", "-e"]) == 0
    said = capsys.readouterr()
    assert said.out == '["one", "--two", "-e"]\n42\n'
    assert said.err == f'{file} 5:1 "seen"\n'


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("40 + 2", "42\n"),
        ("`text`", "text\n"),
        ("let a = 1;", ""),
        ("print(`a`)", "a\n"),
        ("ARGS", '["x", "y"]\n'),
        ("#{a: [1.5, (), true], b: `q`}", '#{"a": [1.5, (), true], "b": "q"}\n'),
        ("exit(5)", "5\n"),
    ],
)
def test_a_text_is_run(text: str, out: str, capsys: Said) -> None:
    """`-e` takes a text; unit is not printed, a string is printed as it is."""
    assert main(["-e", text, "x", "y"]) == 0
    assert capsys.readouterr() == (out, "")


def test_the_standard_input_is_run(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    """`-` reads a script, and so does no file at all where nobody types."""
    for words in (["-", "x"], []):
        monkeypatch.setattr(sys, "stdin", io.StringIO("ARGS.len + 1"))
        assert main(words) == 0
        assert capsys.readouterr().out == f"{len(words[1:]) + 1}\n"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("let a = ;", "Unexpected ';' (line 1, column 9 of -e)"),
        ("print(1); nope", "Variable not found: nope (line 1, column 11 of -e)"),
        ("throw `no`", "no (line 1, column 1 of -e)"),
        ("|x| x", "a function pointer or closure cannot leave the script: call it there (at result) (in -e)"),
    ],
)
def test_a_script_at_fault_ends_with_1(text: str, first: str, capsys: Said) -> None:
    """Its error goes to the error stream, with the excerpt."""
    assert main(["-e", text]) == 1
    said = capsys.readouterr()
    assert said.err.splitlines()[0] == first
    assert said.out == ("1\n" if "print" in text else "")


def test_options_are_limits(capsys: Said) -> None:
    """Fuel, memory and time can be given, less and more than usual."""
    assert main(["--fuel", "5000000", "-e", "loop { }"]) == 1
    assert "fuel of 5,000,000" in capsys.readouterr().err
    assert main(["--memory-mb", "2", "-e", "let s = `x`; loop { s += s; }"]) == 1
    assert "2 MB" in capsys.readouterr().err
    assert main(["--timeout-ms", "5000", "-e", "1"]) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--fuel", "0", "-e", "1"],
        ["--fuel", "much", "-e", "1"],
        ["--nope"],
        ["--library", "util", "-e", "1"],
        ["--library", "util=/does/not/exist", "-e", "1"],
        ["check"],
        ["check", "--timeout-ms", "-1", "-"],
    ],
)
def test_a_command_at_fault_ends_with_2(words: list[str], capsys: Said) -> None:
    """Bad options are told with the usage."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: python -m rhai" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["check"]])
def test_a_file_that_cannot_be_read_ends_with_2(words: list[str], tmp_path: Path, capsys: Said) -> None:
    """No such file, a folder, no text."""
    (tmp_path / "raw").write_bytes(b"let a = `\xff`;")
    for name, why in (("nowhere", "No such file"), (".", "directory"), ("raw", "no UTF-8 text")):
        assert main([*words, str(tmp_path / name)]) == 2
        said = capsys.readouterr()
        assert said.err.startswith("rhai: cannot read ")
        assert why in said.err


def test_libraries_are_given_by_name(file: Path, capsys: Said) -> None:
    """`--library` may be repeated."""
    file.write_text("fn add(a, b) { a + b }")
    words = ["--library", f"sums={file}", "--library", f"more={file}"]
    text = 'import "sums" as s; import "more" as m; s::add(1, 2) * m::add(1, 1)'
    assert main([*words, "-e", text]) == 0
    assert capsys.readouterr().out == "6\n"


def test_lines_beyond_the_quota_are_told(capsys: Said) -> None:
    """Nobody wonders where the output went."""
    assert main(["-e", "let s = ``; s.pad(60000, 'x'); print(s); print(s);"]) == 0
    assert capsys.readouterr().err == "rhai: 1 more lines were not kept\n"


def test_check_tells_what_a_script_is_made_of(file: Path, capsys: Said) -> None:
    """Functions with their first line of documentation, host calls, imports; nothing is run."""
    file.write_text(
        "/// Saves.\n/// Twice.\nfn f(x) { store::put(x); store::put(x); private_one() }\n"
        'private fn private_one() { import "store" as s; }'
    )
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}: ok",
        "  fn f(x)  // Saves.",
        "  fn private_one() private",
        "  calls store::put at line 3, 3",
        '  imports "store"',
    ]


def test_check_shows_every_broken_script(file: Path, tmp_path: Path, capsys: Said) -> None:
    """One at fault makes it 1; the others are told all the same."""
    bad = tmp_path / "bad.rhai"
    bad.write_text("fn f() {\n  let x = ;\n}")
    file.write_text("fn ok() { }")
    assert main(["check", str(bad), str(file)]) == 1
    said = capsys.readouterr()
    assert said.out == f"{file}: ok\n  fn ok()\n"
    assert (
        said.err
        == f"{bad}: Unexpected ';' (line 2, column 11 of {bad})\n 2 |   let x = ;\n   |           ^\n"
    )


def test_check_speaks_json(file: Path, tmp_path: Path, capsys: Said) -> None:
    """One document, a report for each file."""
    bad = tmp_path / "bad.rhai"
    bad.write_text("let x = ;")
    file.write_text("/// Saves.\nfn f(x) { store::put(x) }")
    assert main(["check", "--json", str(file), str(bad)]) == 1
    good, broken = json.loads(capsys.readouterr().out)
    assert good == {
        "file": str(file),
        "ok": True,
        "functions": [{"name": "f", "parameters": ["x"], "doc": "Saves.", "line": 2, "private": False}],
        "host_calls": {"store::put": [[2, 18]]},
        "imports": [],
    }
    assert (broken["ok"], broken["code"], broken["line"], broken["column"]) == (False, "syntax", 1, 9)


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the shells expect."""

    class Interrupted(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())
    assert main(["-"]) == 130


def test_the_module_is_a_command() -> None:
    """`python -m rhai` works as a process, with its exit codes."""
    command = [sys.executable, "-m", "rhai"]
    # What makes the package importable here must reach the child.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}  # noqa: TID251 - same
    run = [
        subprocess.run(
            [*command, *words], check=False, capture_output=True, text=True, env=environment, timeout=60
        )
        for words in (["-e", "40 + 2"], ["-e", "throw 1"], ["--version"], ["--fuel", "x"])
    ]
    assert [each.returncode for each in run] == [0, 1, 0, 2]
    assert run[0].stdout == "42\n"
    assert run[2].stdout == f"rhai-py {rhai.__version__}\n"


@pytest.mark.parametrize(
    "text", ["1", "-1.5", "true", "()", '"a\\"b\\n"', "[1, [2, ()]]", '#{"a b": #{"c": [true]}}', "0..5"]
)
def test_values_are_shown_as_a_script_would_write_them(text: str) -> None:
    """What is shown evaluates to the same value."""
    assert shown(rhai.Engine().eval(text)) == text
