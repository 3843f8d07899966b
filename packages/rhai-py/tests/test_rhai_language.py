"""The language, chapter by chapter: each evaluation in `language/` ends as it says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rhai

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAPTERS = Path(__file__).parent / "language"
_ANSWER = re.compile(r"(.*?) ?//(=>|!) (.*)")
SHAPES = "export const SIDES = 4; fn area(w, h) { w * h } private fn hidden() { 0 }"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A text, and the value or the error that it ends in."""

    place: str
    text: str
    fails: bool
    answer: str

    def __str__(self) -> str:
        """Name it for the test report."""
        return self.place


def evaluations() -> Iterator[Evaluation]:
    """Read all chapters."""
    for path in sorted(CHAPTERS.glob("*.rhai")):
        lines: list[str] = []
        for number, line in enumerate(path.read_text().split("\n"), 1):
            answer = _ANSWER.fullmatch(line)
            if answer is None:
                lines = [*lines, line] if line.strip() else []
                continue
            text = "\n".join([*lines, answer[1]])
            yield Evaluation(f"{path.stem}:{number}", text, answer[2] == "!", answer[3])
            lines = []


def value_of(answer: str) -> object:
    """Read a value as Python writes it; the table is ours."""
    return eval(answer, {"__builtins__": {}, "range": range, "float": float})


@pytest.fixture(scope="module")
def host() -> rhai.Engine:
    """Make an engine with a constant, a library and a host module."""
    engine = rhai.Engine(scope={"GREETING": "hello", "NUMBERS": [10, 20]}, libraries={"shapes": SHAPES})
    engine.register("host", "add", lambda a, b: a + b)
    engine.register("host", "echo", lambda value: value)
    engine.register("host", "fail", fail)
    return engine


def fail(words: str) -> None:
    """Fail as a host function may."""
    raise ValueError(words)


@pytest.mark.parametrize("evaluation", list(evaluations()), ids=str)
def test_an_evaluation_ends_as_written(evaluation: Evaluation, host: rhai.Engine) -> None:
    """Value and type, or the words of the error."""
    if evaluation.fails:
        with pytest.raises(rhai.RhaiError, match=evaluation.answer):
            host.eval(evaluation.text)
        return
    expected = value_of(evaluation.answer)
    value = host.eval(evaluation.text)
    assert (type(value), value) == (type(expected), expected)


def test_the_chapters_are_full() -> None:
    """No file is left out and no answer is overlooked by a slip of its mark."""
    assert len(list(evaluations())) >= 300
