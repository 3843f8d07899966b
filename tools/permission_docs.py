"""Write the table of docs/permissions.md from the permissions themselves: `python -m tools.permission_docs`.

The words around the table are written by people and stay.
"""

from __future__ import annotations

from pathlib import Path

from neira.permissions.table import TABLE, Row, Takes

PAGE = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"
HEAD = "| permission | power | risk | asks of the caller | also spelled |\n|---|---|---|---|---|\n"


def written(page: str) -> str:
    """Write a page anew with the table of today."""
    above, _, rest = page.partition(HEAD)
    _, _, below = rest.partition("\n\n")
    return above + HEAD + "".join(map(_line, TABLE)) + "\n" + below


def _line(row: Row) -> str:
    spelled = ", ".join(f"`{name}`" for name in row.spellings) or "—"
    asks = row.asks.value if row.asks else "nothing"
    return f"| `{_name(row)}` | {row.docs.en} | {_risk(row)} | {asks} | {spelled} |\n"


def _name(row: Row) -> str:
    if row.takes is Takes.NOTHING:
        return row.name
    return f"{row.name}:{row.takes}" if row.needs_object else f"{row.name}[:{row.takes}]"


def _risk(row: Row) -> str:
    risk = row.risk.value.replace("_", " ")
    if row.own_is_low:
        return f"low below its own id, else {risk}"
    return f"{risk}, verified publishers only" if row.verified_only else risk


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
