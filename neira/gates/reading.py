"""From a parsed gates.yaml to gates: every key, type and bound is checked, every mistake is collected.

Called by the catalogue alone. Scalars arrive as the text that was written; this page types them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from neira.gates import gate as words
from neira.gates.gate import SIGNALS, AtLeast, AtMost, Criterion, Gate, Holds, Reached, Step, Title
from neira.gates.wording import key
from neira.model import GateName, GateState, Problem
from neira.parse import near
from neira.parse.fields import dotted, seen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from neira.gates.gate import Condition
    from neira.model import Json
    from neira.parse.placed import Document, Steps

FORMAT = "1"
MOST_GATES = 64
MOST_ITEMS = 16
LONGEST_TEXT = 500
LONGEST_NAME = 60

_NAME = re.compile(r"(?=.{1,48}\Z)[a-z][a-z0-9]*(?:_[a-z0-9]+)*")  # no two names with one spelling in words
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?")
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}
_TOP = ("format", "gates")
_KEYS = ("title", "aliases", "default", "notes", "guards", "signals", "safeguards", "criteria")
_CLOSED = (GateState.LOCKED, GateState.EMBRYO)
_CONDITION_KEYS = ("signal", "gate", "at_least", "at_most", "is")

_E = TypeVar("_E", bound=StrEnum)


@dataclass(slots=True)
class _Sheet:
    """A document being read, and the mistakes found so far."""

    document: Document
    gate_names: Collection[str]
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, at: Steps, found: object, allowed: str, suggestion: str | None = None) -> None:
        line = self.document.line_of(at)
        self.problems.append(Problem(dotted(at) or "(top)", seen(found), allowed, suggestion, line))

    def table(self, value: Json, at: Steps, keys: Sequence[str]) -> Mapping[str, Json]:
        """Take a map that has no keys but these."""
        if not isinstance(value, dict):
            self.wrong(at, value, f"a map with {', '.join(keys)}")
            return {}
        for unknown in [name for name in value if name not in keys]:
            self.wrong((*at, unknown), unknown, f"one of {', '.join(keys)}", near.nearest(unknown, keys))
        return value

    def items(self, value: Json, at: Steps) -> list[tuple[Json, Steps]]:
        """Take a list of bounded length; an absent one is empty."""
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            self.wrong(at, value, f"a list of at most {MOST_ITEMS}")
            return []
        return [(item, (*at, index)) for index, item in enumerate(value)]

    def text(self, value: Json, at: Steps, longest: int = LONGEST_TEXT) -> str:
        """Take words that people can read."""
        if isinstance(value, str) and value.strip() and len(value) <= longest and value.isprintable():
            return value.strip()
        self.wrong(at, value, f"1 to {longest} printable characters")
        return ""

    def one_of(self, value: Json, at: Steps, choices: Sequence[_E]) -> _E:
        """Take one word of a closed list; the first stands in for a wrong one."""
        for choice in choices:
            if value == choice.value:
                return choice
        self._not_among(value, at, [choice.value for choice in choices])
        return choices[0]

    def word(self, value: Json, at: Steps, choices: Collection[str]) -> str:
        """Take one word of an open list of names."""
        if isinstance(value, str) and value in choices:
            return str(value)
        self._not_among(value, at, sorted(choices))
        return ""

    def number(self, value: Json, at: Steps) -> float:
        """Take a plain decimal number from zero up."""
        if isinstance(value, str) and _NUMBER.fullmatch(value) and value.isascii():
            return float(value)
        self.wrong(at, value, "a decimal number from 0 up")
        return math.inf

    def _not_among(self, value: Json, at: Steps, choices: Sequence[str]) -> None:
        guess = near.nearest(value, choices) if isinstance(value, str) else None
        self.wrong(at, value, f"one of {', '.join(choices)}", guess)


def gates(document: Document, known: Sequence[Gate]) -> tuple[tuple[Gate, ...], tuple[Problem, ...]]:
    """Read all gates of a document, and all its mistakes."""
    sheet = _Sheet(document, {gate.name for gate in known})
    top = sheet.table(document.value, (), _TOP)
    if top and top.get("format") != FORMAT:
        sheet.wrong(("format",), top.get("format"), f"format {FORMAT}")
    entries = _entries(sheet, top.get("gates"))
    sheet.gate_names = {*sheet.gate_names, *entries}
    found = tuple(_gate(sheet, name, entry) for name, entry in entries.items())
    _check_names(sheet, (*known, *found))
    return found, tuple(sheet.problems)


def _entries(sheet: _Sheet, value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict) or not 0 < len(value) <= MOST_GATES:
        sheet.wrong(("gates",), value, f"a map of 1 to {MOST_GATES} gates")
        return {}
    for name in value:
        if not _NAME.fullmatch(name):
            sheet.wrong(("gates", name), name, "a name of a-z, 0-9 and _ that begins with a letter")
    return {name: entry for name, entry in value.items() if _NAME.fullmatch(name)}


def _gate(sheet: _Sheet, name: str, value: Json) -> Gate:
    at: Steps = ("gates", name)
    entry = sheet.table(value, at, _KEYS)
    title = sheet.table(entry.get("title"), (*at, "title"), ("en", "ru"))
    signals = sheet.items(entry.get("signals"), (*at, "signals"))
    declared = tuple(sheet.word(item, place, SIGNALS) for item, place in signals)
    return Gate(
        name=GateName(name),
        title=Title(
            sheet.text(title.get("en"), (*at, "title", "en"), LONGEST_NAME),
            sheet.text(title.get("ru"), (*at, "title", "ru"), LONGEST_NAME),
        ),
        aliases=_texts(sheet, entry.get("aliases"), (*at, "aliases"), LONGEST_NAME),
        default=sheet.one_of(entry.get("default"), (*at, "default"), _CLOSED),
        notes=sheet.text(entry.get("notes"), (*at, "notes")),
        guards=_texts(sheet, entry.get("guards"), (*at, "guards")),
        signals=declared,
        safeguards=_texts(sheet, entry.get("safeguards"), (*at, "safeguards")),
        criteria=_criteria(sheet, entry.get("criteria"), (*at, "criteria"), declared),
    )


def _texts(sheet: _Sheet, value: Json, at: Steps, longest: int = LONGEST_TEXT) -> tuple[str, ...]:
    return tuple(sheet.text(item, place, longest) for item, place in sheet.items(value, at))


def _criteria(sheet: _Sheet, value: Json, at: Steps, declared: Sequence[str]) -> tuple[Criterion, ...]:
    if value is None:
        return ()
    table = sheet.table(value, at, [step.value for step in Step])
    found: list[Criterion] = []
    for step in Step:
        for item, place in sheet.items(table.get(step.value), (*at, step.value)):
            condition = _condition(sheet, item, place, declared)
            if condition is not None:
                found.append(Criterion(step, condition))
    return tuple(found)


def _condition(sheet: _Sheet, value: Json, at: Steps, declared: Sequence[str]) -> Condition | None:
    entry = sheet.table(value, at, _CONDITION_KEYS)
    shape = frozenset(entry)
    if shape == {"gate", "at_least"}:
        return _reached(sheet, entry, at)
    if shape not in ({"signal", "at_least"}, {"signal", "at_most"}, {"signal", "is"}):
        if isinstance(value, dict) and shape <= set(_CONDITION_KEYS):  # else the table has complained
            sheet.wrong(at, value, "signal with at_least, at_most or is; or gate with at_least")
        return None
    signal = sheet.word(entry["signal"], (*at, "signal"), declared)
    if not signal:
        return None
    if (signal in words.FLAGS) != ("is" in shape):
        sheet.wrong(at, value, "`is` for yes or no, at_least or at_most for numbers")
        return None
    return _measured(sheet, signal, entry, at)


def _reached(sheet: _Sheet, entry: Mapping[str, Json], at: Steps) -> Reached:
    others = {name for name in sheet.gate_names if name != at[1]}
    gate = sheet.word(entry["gate"], (*at, "gate"), others)
    state = sheet.one_of(entry["at_least"], (*at, "at_least"), (GateState.STABLE, GateState.EXPERIMENTAL))
    return Reached(GateName(gate), state)


def _measured(sheet: _Sheet, signal: str, entry: Mapping[str, Json], at: Steps) -> Condition:
    if "is" in entry:
        return Holds(signal, _TRUTHS.get(sheet.word(entry["is"], (*at, "is"), _TRUTHS), True))
    if "at_least" in entry:
        return AtLeast(signal, sheet.number(entry["at_least"], (*at, "at_least")))
    return AtMost(signal, sheet.number(entry["at_most"], (*at, "at_most")))


def _check_names(sheet: _Sheet, everyone: Sequence[Gate]) -> None:
    """Refuse a gate that is called by another one's name; shared titles and aliases only make phrases ask."""
    owner = {key(gate.name): gate.name for gate in everyone}
    for gate in everyone:
        for called in gate.called[1:]:
            if owner.get(key(called), gate.name) != gate.name:
                sheet.wrong(("gates", gate.name, "aliases"), called, "no other gate's name")
