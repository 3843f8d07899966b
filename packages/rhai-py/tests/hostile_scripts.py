"""Hostile scripts as data: what each does, and how it must end with Rhai's own limits on and off.

An ending is the code of the error, or `= ` and the value where a script ends lawfully; `f` is what is called.
The endings hold for the limits `ON` and `OFF`, which differ in Rhai's own ones alone.
Scripts that somebody could write lie in `hostile/*.txt`; texts that only a program writes are made here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rhai

if TYPE_CHECKING:
    from collections.abc import Iterator

# Little fuel makes the tests quick; much time makes their endings the same on a busy machine.
ON: Final = rhai.Limits(
    fuel=60_000_000,
    timeout_ms=20_000,
    operations=100_000,
    string_size=1024 * 1024,
    array_size=100_000,
    map_size=10_000,
)
OFF: Final = rhai.Limits(
    fuel=60_000_000,
    timeout_ms=20_000,
    operations=0,
    call_depth=0,
    string_size=0,
    array_size=0,
    map_size=0,
    expr_depth=0,
    variables=0,
)

# Every script has it: what it answers after an attack tells whether the attack left anything.
SOUND: Final = "fn sound() { let list = [1, 2]; list.push(39); list.reduce(|sum, x| sum + x, 0) }\n"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One script and its two endings."""

    name: str
    on: str
    off: str
    source: str

    def __str__(self) -> str:
        """Name it in reports."""
        return self.name


@dataclass(frozen=True, slots=True)
class Attacked:
    """How an attack ended; `script` is there when the text compiled."""

    ending: str
    ms: float
    error: rhai.RhaiError | None
    script: rhai.Script | None


def attack(engine: rhai.Engine, source: str) -> Attacked:
    """Compile a text and call its `f`."""
    start = time.perf_counter()
    script = error = None
    try:
        script = engine.compile(SOUND + source, name="hostile.rhai")
        ending = f"= {script.call('f')!r}"
    except rhai.RhaiError as raised:
        ending, error = raised.code, raised
    return Attacked(ending, (time.perf_counter() - start) * 1000, error, script)


def read(table: str, group: str) -> Iterator[Hostile]:
    """Read `name: ending on | ending off`, the script indented below it, a blank line."""
    for entry in table.strip().split("\n\n"):
        head, _, body = entry.partition("\n")
        name, _, endings = head.partition(": ")
        on, _, off = endings.partition(" | ")
        yield Hostile(f"{group}: {name}", on, off or on, body)


SCRIPTS: Final = tuple(
    case
    for file in sorted((Path(__file__).parent / "hostile").glob("*.txt"))
    for case in read(file.read_text(encoding="utf-8"), file.stem)
)


def _nested(opening: str, closing: str, middle: str = "1", times: int = 20_000) -> str:
    return f"fn f() {{ let a = []; {opening * times}{middle}{closing * times} }}"


def _many(piece: str, times: int, joint: str = "") -> str:
    return joint.join(piece.replace("@", str(number)) for number in range(times))


TEXTS: Final = (
    Hostile("text: parentheses", "limit_expr_depth", "limit_stack", _nested("(", ")")),
    Hostile("text: arrays", "limit_expr_depth", "limit_stack", _nested("[", "]")),
    Hostile("text: maps", "limit_expr_depth", "limit_stack", _nested("#{ a: ", "}")),
    Hostile("text: blocks", "limit_expr_depth", "limit_stack", _nested("{", "}")),
    Hostile("text: conditions", "limit_expr_depth", "limit_stack", _nested("if true {", "}")),
    Hostile("text: switches", "limit_expr_depth", "limit_stack", _nested("switch 1 { 1 => ", "}")),
    Hostile("text: closures", "limit_expr_depth", "limit_stack", _nested("|x| ", "")),
    Hostile("text: negations", "limit_expr_depth", "limit_stack", _nested("!", "", "true")),
    Hostile("text: calls", "limit_expr_depth", "limit_stack", _nested("g(", ")")),
    Hostile("text: indices", "limit_expr_depth", "limit_stack", _nested("a[", "]")),
    Hostile("text: index after index", "limit_expr_depth", "limit_stack", _nested("", "[0]", "a")),
    Hostile("text: property after property", "limit_expr_depth", "limit_stack", _nested("", ".b", "a")),
    Hostile("text: method after method", "limit_expr_depth", "limit_stack", _nested("", ".abs()", "a")),
    Hostile("text: sum", "limit_expr_depth", "limit_fuel", _nested("", " + 1")),
    Hostile("text: power", "limit_expr_depth", "limit_stack", _nested("", " ** 1")),
    Hostile("text: interpolations", "limit_expr_depth", "limit_stack", _nested("`${", "}`")),
    Hostile(
        "text: else if",
        "limit_expr_depth",
        "limit_stack",
        _nested("", " else if false { 1 }", "if false { 1 }"),
    ),
    Hostile("text: try", "limit_expr_depth", "limit_stack", _nested("try {", "} catch {}")),
    Hostile("text: functions in functions", "syntax", "syntax", "fn f() {" * 10_000),
    Hostile("text: many functions", "limit_fuel", "limit_fuel", _many("fn f@() {}\n", 30_000)),
    Hostile(
        "text: many closures", "limit_fuel", "limit_fuel", f"fn f() {{ {_many('let g = |x| x; ', 20_000)} }}"
    ),
    Hostile(
        "text: many variables", "limit_fuel", "limit_fuel", f"fn f() {{ {_many('let g@ = 1; ', 20_000)} }}"
    ),
    Hostile("text: many constants", "limit_fuel", "limit_fuel", _many("const G@ = 1; ", 20_000)),
    Hostile(
        "text: many statements", "limit_fuel", "limit_fuel", f"fn f() {{ let x = 1; {'x += 1; ' * 120_000} }}"
    ),
    Hostile("text: many parameters", "limit_fuel", "limit_fuel", f"fn f({_many('a@', 20_000, ',')}) {{ 1 }}"),
    Hostile("text: many arguments", "runtime", "runtime", f"fn f() {{ g({'1, ' * 2_000}1) }}"),
    Hostile("text: many imports", "runtime", "runtime", _many('import "x@" as x@; ', 1_000)),
    Hostile(
        "text: many cases",
        "limit_fuel",
        "limit_fuel",
        f"fn f() {{ switch 1 {{ {_many('@ => 1', 90_000, ',')} }} }}",
    ),
    Hostile(
        "text: many ranges of cases",
        "limit_fuel",
        "limit_fuel",
        f"fn f() {{ switch 1 {{ {_many('@..=@ => 1', 20_000, ',')} }} }}",
    ),
    Hostile("text: many elements", "limit_fuel", "limit_fuel", f"fn f() {{ [{'1,' * 300_000}] }}"),
    Hostile(
        "text: many entries", "limit_fuel", "limit_fuel", f"fn f() {{ #{{ {_many('k@: 1', 50_000, ',')} }} }}"
    ),
    Hostile("text: many interpolations", "limit_fuel", "limit_fuel", f"fn f() {{ `{'${1}' * 100_000}` }}"),
    Hostile("text: long string", "limit_fuel", "limit_fuel", f'fn f() {{ "{"x" * 1_000_000}" }}'),
    Hostile("text: long name", "limit_fuel", "limit_fuel", f"fn f() {{ let {'x' * 1_000_000} = 1; }}"),
    Hostile("text: long number", "limit_fuel", "limit_fuel", f"fn f() {{ {'1' * 1_000_000} }}"),
    Hostile("text: long comment", "limit_fuel", "limit_fuel", f"//{'x' * 1_000_000}\nfn f() {{ 1 }}"),
    Hostile("text: comment never closed", "no_function", "no_function", "/*" * 100_000),
    Hostile(
        "text: comments in comments",
        "limit_fuel",
        "limit_fuel",
        f"{'/*' * 200_000}{'*/' * 200_000} fn f() {{ 1 }}",
    ),
    Hostile("text: blanks", "limit_fuel", "limit_fuel", f"{' ' * 1_000_000} fn f() {{ 1 }}"),
    Hostile("text: too long a text", "limit_source_size", "limit_source_size", " " * (1024 * 1024 + 1)),
    Hostile("text: half a character", "syntax", "syntax", 'fn f() { "\ud800" }'),
    Hostile("text: escape of half a character", "syntax", "syntax", r'fn f() { "\ud800" }'),
    Hostile("text: escape beyond Unicode", "syntax", "syntax", r'fn f() { "\U00110000" }'),
    Hostile("text: string never closed", "syntax", "syntax", 'fn f() { "abc'),
    Hostile("text: no text at all", "syntax", "syntax", "\x00\x01\x02\x7f"),
    Hostile("text: mark of byte order", "syntax", "syntax", "\ufefffn f() { 1 }"),
)
