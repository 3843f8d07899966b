"""Write the tables of docs/actions.md and docs/host-functions.md: `python -m tools.host_docs`.

They are made of the actions and functions themselves; the words around them are written by people and stay.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from neira.host.catalogue import ACTIONS, FUNCTIONS
from neira.permissions.permission import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neira.host.action import Action

DOCS = Path(__file__).resolve().parent.parent / "docs"
ACTIONS_HEAD = (
    "| action | params | permission | asks of the caller | after a crash | does |\n" + "|---" * 6 + "|\n"
)
FUNCTIONS_HEAD = "| function | permission | is the same as | does |\n" + "|---" * 4 + "|\n"


def actions(page: str) -> str:
    """Write the page of actions anew with the table of today."""
    return _with_table(page, ACTIONS_HEAD, (_action(each) for each in ACTIONS))


def functions(page: str) -> str:
    """Write the page of host functions anew with the table of today."""
    return _with_table(page, FUNCTIONS_HEAD, sorted([*_reading(), *_writing()]))


def _with_table(page: str, head: str, rows: Iterator[str] | Sequence[str]) -> str:
    above, found, rest = page.partition(head)
    if not found:
        raise ValueError(f"the page has lost the head of its table: {head.splitlines()[0]}")
    _, _, below = rest.partition("\n\n")
    return above + head + "".join(rows) + "\n" + below


def _action(action: Action) -> str:
    permission = _permission(action.permission)
    if action.gate is not None:
        permission += f", and the gate `{action.gate}`"
    crash = "done again" if action.restart.value == "redo" else "not repeated"
    cells = (f"`{action.name}`", _params(action), permission, _asks(action), crash, action.docs.en)
    return _row(*cells)


def _reading() -> Iterator[str]:
    for each in FUNCTIONS:
        called = _called(each.name, each.parameters, each.optional)
        yield _row(called, _permission(each.permission), "—", each.docs.en)


def _writing() -> Iterator[str]:
    for action in ACTIONS:
        for each in action.spellings:
            called = _called(each.name, each.parameters, each.optional)
            yield _row(called, _permission(action.permission), f"`{action.name}`", action.docs.en)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _called(name: str, parameters: Sequence[str], optional: int) -> str:
    needed = len(parameters) - optional
    shown = [name if place < needed else f"{name}?" for place, name in enumerate(parameters)]
    return f"`{name}({', '.join(shown)})`"


def _params(action: Action) -> str:
    if action.schema is None:
        return "any object"
    return "<br>".join(f"`{key}: {kind}`" for key, kind in action.schema.items()).replace("|", "\\|")


def _permission(text: str | None) -> str:
    return "none" if text is None else f"`{text.replace('{', '<').replace('}', '>')}`"


def _asks(action: Action) -> str:
    if action.permission is None:
        return "nothing"
    asks = parse(action.permission.partition(":{")[0]).row.asks
    return asks.value if asks else "nothing"


if __name__ == "__main__":
    for name, write in (("actions.md", actions), ("host-functions.md", functions)):
        (DOCS / name).write_text(write((DOCS / name).read_text(encoding="utf-8")), encoding="utf-8")
