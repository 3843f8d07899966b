"""Write docs/settings.md from the settings themselves: `python -m tools.setting_docs`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args, get_origin

from neira.settings import FILE, Option, options

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"

HEAD = f"""# Settings

A setting `a.b` is written `[a]` `b` in `{FILE}` at the top of the home, and `NEIRA_A_B` in the environment.
The environment wins over the file, the file over the default. A name that nobody reads stops the start, with
the nearest known name. `neira settings` prints every value with its source.

Three variables say where to work and are no settings: `NEIRA_HOME` (the home; default: the current folder),
`NEIRA_URL` and `NEIRA_TOKEN` (a running server that the command line speaks to).

| setting | variable | default | allowed | meaning |
|---|---|---|---|---|
"""


def page() -> str:
    """Make the whole page."""
    return HEAD + "".join(_row(option) for option in options())


def _row(option: Option) -> str:
    default = ", ".join(option.default) if isinstance(option.default, tuple) else str(option.default)
    cells = (
        f"`{option.name}`",
        f"`{option.variable}`",
        f"`{default or 'none'}`",
        _allowed(option),
        option.meaning,
    )
    return f"| {' | '.join(cells)} |\n"


def _allowed(option: Option) -> str:
    if get_origin(option.type) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(option.type))
    if get_origin(option.type) is tuple:
        return "list of strings"
    bounds = [f"{option.least:g} or more"] if option.least is not None else []
    bounds += [f"{option.most:g} at most"] if option.most is not None else []
    return ", ".join([option.type.__name__, *bounds])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
