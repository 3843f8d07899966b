"""Following the journal as it grows: `neira journal tail` and the streams of events read through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.journal.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from pathlib import Path

    from neira.model import Record, Seq


def follow(
    home: Path, seq: Seq, wait: Callable[[], bool], *, kinds: Container[str] | None = None
) -> Iterator[Record]:
    """Read the records behind a number and those to come; `wait` sleeps, and says whether to go on."""
    reader = Reader(home)
    while True:
        committed = reader.committed()
        if committed is not None and committed > seq:
            yield from reader.after(seq, kinds=kinds, upto=committed)
            seq = committed
        elif not wait():
            return
