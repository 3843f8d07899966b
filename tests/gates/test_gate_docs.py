"""docs/gates.md names everything that the code knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from neira.errors import gate as errors
from neira.errors.base import NeiraError
from neira.gates.gate import SIGNALS
from neira.gates.phrases import parse
from neira.gates.safe_mode import Reason
from neira.model import GateState
from tests.gates.gate_worlds import SHIPPED

PAGE = (Path(__file__).parents[2] / "docs/gates.md").read_text(encoding="utf-8")
CODES = [
    kind.code
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, NeiraError) and kind.__module__ == errors.__name__
]
FACTS = [*CODES, *SIGNALS, *Reason, *GateState, *(gate.name for gate in SHIPPED)]


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_stands_in_the_docs(fact: str) -> None:
    """Gates, states, signals, reasons and error codes are all explained."""
    assert f"`{fact}`" in PAGE


def test_the_titles_in_the_docs_work_as_phrases() -> None:
    """What a newcomer reads is what can be said."""
    for gate in SHIPPED:
        assert f"{gate.title.en}, {gate.title.ru}" in PAGE
        for title in (gate.title.en, gate.title.ru):
            parse(f"unlock {title}", SHIPPED)
