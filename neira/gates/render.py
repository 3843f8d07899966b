"""CAPABILITIES.md: the gates and where they stand, for people, one YAML record each.

`neira gates render` and every change of a gate write it. Foreign words stand in double quotes on one line,
with everything escaped that could end the quotes, the fence or the comment around them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neira import disk
from neira.gates.criteria import wanted
from neira.gates.gate import Step
from neira.gates.passage import passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from neira.gates.board import Board, Standing
    from neira.gates.catalogue import Catalogue
    from neira.gates.gate import Gate

FILE = "capabilities/CAPABILITIES.md"
_PLAIN = re.compile(r"[^\W_]| ", re.UNICODE)
_SAFE = frozenset("_-.,:;()/+*=@%!?'«»…→№")  # beside letters, digits and the space


def text(board: Board, catalogue: Catalogue) -> str:
    """Write the whole page; equal boards give equal pages."""
    return "\n".join([*_head(board, catalogue), *(line for gate in catalogue for line in _gate(gate, board))])


def write(home: Path, board: Board, catalogue: Catalogue) -> None:
    """Write the page into a home."""
    disk.write_atomic(home / FILE, text(board, catalogue).encode())


def quoted(words: str) -> str:
    """Put words between double quotes so that YAML, a fence and a comment all keep them inside."""
    return '"' + "".join(map(_escaped, words)) + '"'


def _escaped(char: str) -> str:
    if char in _SAFE or (_PLAIN.fullmatch(char) and char.isprintable()):
        return char
    if "\ud800" <= char <= "\udfff":
        return "\\uFFFD"  # half a character has no spelling
    return f"\\U{ord(char):08X}"


def _head(board: Board, catalogue: Catalogue) -> Iterator[str]:
    yield "<!-- neira:meta"
    yield "id: neira.capabilities"
    yield "intent: show which abilities are open, why, and what opens the others"
    yield "scope: capabilities"
    yield f"summary: {quoted(f'{len(catalogue.gates)} gates at journal record {board.seq}')}"
    yield 'links: ["file:capabilities/gates.yaml", "docs:gates.md", "docs:roadmap.md"]'
    yield f"feature_gate: [{', '.join(gate.name for gate in catalogue)}]"
    yield "-->"
    yield "# Capabilities"
    yield ""
    yield "Written by the system from gates.yaml and the journal; changes made here are lost."
    yield ""


def _gate(gate: Gate, board: Board) -> Iterator[str]:
    standing = board.standing(gate.name)
    yield f"## {gate.name}"
    yield ""
    yield "```yaml"
    yield f"capability: {gate.name}"
    yield f"title: {{en: {quoted(gate.title.en)}, ru: {quoted(gate.title.ru)}}}"
    yield f"state: {standing.state}"
    yield f"mode: {passage(standing.state)}"
    yield from _since(standing)
    yield f"notes: {quoted(gate.notes)}"
    yield from _list("guards", map(quoted, gate.guards))
    yield from _list("signals", gate.signals)
    yield from _list("safeguards", map(quoted, gate.safeguards))
    yield from _graduate(gate)
    yield "```"
    yield ""


def _since(standing: Standing) -> Iterator[str]:
    if standing.since is None:
        return
    yield f"since: {quoted(standing.since.isoformat())}"
    yield f"by: {quoted(standing.by)}"
    yield f"why: {quoted(standing.why)}"
    yield f"links: [{quoted(f'journal:{standing.record}')}]"


def _list(name: str, items: Iterable[str], indent: str = "") -> Iterator[str]:
    listed = tuple(items)
    yield f"{indent}{name}:" if listed else f"{indent}{name}: []"
    yield from (f"{indent}  - {item}" for item in listed)


def _graduate(gate: Gate) -> Iterator[str]:
    yield "graduate:"
    for step in Step:
        asked = (f"{each.name}: {wanted(each)}" for each in gate.criteria if each.step is step)
        yield from _list(step.value, map(quoted, asked), "  ")
