"""Hostile scripts end in their documented error, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import rhai
from hostile_scripts import OFF, ON, SCRIPTS, SOUND, TEXTS, Hostile, attack

# A ceiling that only a hang reaches: the limits end each attack in a tenth of a second.
CEILING_MS = 10_000
Engines = Mapping[str, rhai.Engine]

# They say how a value looks from outside: at compile time nobody looks.
OF_THE_ANSWER = ("= ", "conversion", "limit_output_size")
# Refused before a line is read, or a matter of the answer as a whole.
WITHOUT_LINE = ("no_function", "conversion", "limit_output_size", "limit_source_size")


@pytest.fixture(scope="module")
def engines() -> Engines:
    """Make one engine for each mode: every attack of this file runs in the same two."""
    return {"on": rhai.Engine(limits=ON), "off": rhai.Engine(limits=OFF)}


def expected(case: Hostile, mode: str) -> str:
    """Give the documented ending."""
    return case.on if mode == "on" else case.off


def assert_sound(engine: rhai.Engine, script: rhai.Script | None) -> None:
    """Ask the engine, and the attacked script if it compiled, for the next answer."""
    if script is not None:
        assert script.call("sound") == 42
    assert engine.eval("40 + 2") == 42


@pytest.mark.parametrize("mode", ["on", "off"])
@pytest.mark.parametrize("case", [*SCRIPTS, *TEXTS], ids=str)
def test_an_attack_ends_as_documented(case: Hostile, mode: str, engines: Engines) -> None:
    """The error is the documented one, no hang, and the next call is right."""
    seen = attack(engines[mode], case.source)
    assert seen.ending == expected(case, mode)
    assert seen.ms < CEILING_MS
    assert_sound(engines[mode], seen.script)


@pytest.mark.parametrize("mode", ["on", "off"])
@pytest.mark.parametrize("case", SCRIPTS, ids=str)
def test_an_attack_at_the_top_level_ends_while_compiling(case: Hostile, mode: str, engines: Engines) -> None:
    """Compiling is no way around the limits."""
    engine = engines[mode]
    wanted = expected(case, mode)
    if wanted.startswith(OF_THE_ANSWER):
        assert_sound(engine, engine.compile(f"{SOUND}{case.source}\nf();"))
        return
    with pytest.raises(rhai.RhaiError) as caught:
        engine.compile(f"{SOUND}{case.source}\nf();")
    assert caught.value.code == wanted
    assert_sound(engine, None)


@pytest.mark.parametrize("mode", ["on", "off"])
@pytest.mark.parametrize("case", SCRIPTS, ids=str)
def test_the_place_of_an_attack_is_told(case: Hostile, mode: str, engines: Engines) -> None:
    """Every error that a line causes names it."""
    error = attack(engines[mode], case.source).error
    if error is None or error.code.startswith(WITHOUT_LINE):
        return
    assert error.line is not None
    assert error.source_name == "hostile.rhai"


@pytest.mark.parametrize("mode", ["on", "off"])
@pytest.mark.parametrize("case", [case for case in SCRIPTS if "fn f()" in case.source], ids=str)
def test_a_limit_cannot_be_caught(case: Hostile, mode: str, engines: Engines) -> None:
    """What must end a run ends it, whatever the script tries."""
    wanted = expected(case, mode)
    seen = attack(engines[mode], f"{case.source}\nfn caught() {{ try {{ f() }} catch {{ }} 1 }}")
    if not wanted.startswith("limit") or seen.script is None or wanted == "limit_output_size":
        return
    with pytest.raises(rhai.LimitError) as caught:
        seen.script.call("caught")
    assert caught.value.code == wanted


def test_nothing_that_a_call_leaves_is_seen_by_the_next(engines: Engines) -> None:
    """State, memory and what was said belong to one call, also when a limit ended it."""
    script = engines["on"].compile(
        "let kept = [];"
        "fn f(n) { this.kept.push(n); print(n); if n > 1 { loop { this.kept.push(n); } } this.kept }"
    )
    for _ in range(20):
        assert script.run("f", 1).value == [1]
        with pytest.raises(rhai.LimitError) as caught:
            script.call("f", 2)
        assert [str(line) for line in caught.value.logs] == ["2"]
        again = script.run("f", 0)
        assert (again.value, [str(line) for line in again.logs]) == ([0], ["0"])


def test_the_defaults_end_every_attack() -> None:
    """Nobody has to choose limits to be safe: each attack ends as a documented error, or a value."""
    engine = rhai.Engine(diagnose=False)
    for case in (*SCRIPTS, *TEXTS):
        seen = attack(engine, case.source)
        assert seen.ms < CEILING_MS
        assert seen.ending != "internal", case
        assert seen.ending.startswith("= ") == case.on.startswith("= ") or "limit" in case.on, case
        assert_sound(engine, seen.script)
