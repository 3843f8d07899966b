"""The criteria section of docs/roadmap.md, rendered from gates.yaml between two markers.

A test holds the page current; `refreshed` is what brings it up to date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.gates.criteria import wanted
from neira.gates.gate import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.gates.catalogue import Catalogue
    from neira.gates.gate import Gate

BEGIN = "<!-- criteria: rendered from gates.yaml -->"
END = "<!-- criteria: end -->"


def criteria(catalogue: Catalogue) -> str:
    """Write one table of all gates and what they ask for."""
    head = ("| gate | starts as | to open | to become stable |", "|---|---|---|---|")
    return "\n".join([*head, *(_row(gate) for gate in catalogue)])


def refreshed(page: str, catalogue: Catalogue) -> str:
    """Put the current table between the markers of a page."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{criteria(catalogue)}\n{END}{after}"


def _row(gate: Gate) -> str:
    return f"| `{gate.name}` | {gate.default} | {_asked(gate, Step.OPEN)} | {_asked(gate, Step.STABLE)} |"


def _asked(gate: Gate, step: Step) -> str:
    return ", ".join(_words(gate, step)) or "nothing"


def _words(gate: Gate, step: Step) -> Iterator[str]:
    for each in gate.criteria:
        if each.step is step:
            yield f"`{each.name}` {wanted(each)}"
