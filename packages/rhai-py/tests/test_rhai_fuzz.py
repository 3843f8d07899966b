"""A short fuzz run: the same properties that `fuzz/run.py` tries for longer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent.parent / "fuzz"))
from hostile_scripts import SCRIPTS
from rhai_grammar import mutated, nonsense, programs
from rhai_properties import Bench, documents, values

SEEDS = [case.source for case in SCRIPTS]
# Short and the same each time: new inputs are the long run's task.
quick = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Make the engines that all cases share: a case that hurts them shows in the next."""
    return Bench.new()


@quick
@given(programs)
def test_programs_end_in_values_or_documented_errors(bench: Bench, source: str) -> None:
    """Whatever the grammar makes."""
    bench.run(source)


@quick
@given(mutated(SEEDS))
def test_mutated_attacks_end_in_values_or_documented_errors(bench: Bench, source: str) -> None:
    """Hostile scripts, cut and doubled."""
    bench.run(source)


@quick
@given(nonsense)
def test_texts_of_no_sense_end_in_values_or_documented_errors(bench: Bench, source: str) -> None:
    """Tokens in no order, any characters."""
    bench.run(source)


@quick
@given(programs, st.integers(1, 3_000_000))
def test_programs_stop_anywhere_in_the_same_way(bench: Bench, source: str, fuel: int) -> None:
    """Twice the same fuel is twice the same ending."""
    bench.stop_anywhere(source, fuel)


@quick
@given(values)
def test_values_come_back_as_they_went(bench: Bench, value: object) -> None:
    """With their types, not-a-number and marks of our own included."""
    bench.round_trip(value)


@quick
@given(documents, st.booleans())
def test_the_bytes_road_says_what_json_says(bench: Bench, value: object, ascii_only: bool) -> None:
    """Both ways of writing a text included."""
    bench.json_road(value, ascii_only=ascii_only)


@quick
@given(st.binary(max_size=60) | st.text('[]{}",:0123456789.-+eEtrufalsn\\ ', max_size=30).map(str.encode))
def test_any_bytes_are_refused_or_read_as_json(bench: Bench, document: bytes) -> None:
    """The bytes road takes nothing that a strict reader would not."""
    bench.any_bytes(document)
