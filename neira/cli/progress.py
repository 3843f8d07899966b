"""Progress of long work, drawn on stderr while somebody looks; nothing at all in a pipe."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from neira.cli.output import console_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def meter(title: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that takes how much is done, and of how much."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console_on(sys.stderr), transient=True) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total or None)
