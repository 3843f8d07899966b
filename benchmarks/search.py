"""What an append costs, and what a search costs with the index against reading every line.

`python -m benchmarks.search [ITEMS]` fills a scratch folder with made-up notes in Russian and English, and
prints each figure with its ratio. A search goes page by page to its end, as `neira search` does; the pages
found in both ways are compared as well.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from neira.clock import SystemClock
from neira.model import Seq
from neira.storage.context_files import Position, Wanted
from neira.storage.context_index import ContextIndex
from neira.storage.context_search import Search, search
from neira.storage.context_writer import ContextWriter, Item, Place

if TYPE_CHECKING:
    from neira.model import JsonObject

ITEMS, SESSIONS, SEED = 100_000, 1_000, 20
LETTERS = ("абвгдежзиклмнопрстуфхцчшщэюя", "abcdefghijklmnopqrstuvwxyz")
EVENT = "01890000-0000-7000-8000-000000000000"
RARE, COMMON, ABSENT = "Иголка", "remark", "nowhere at all"


def said(count: int) -> list[str]:
    """Make up texts: one in a thousand holds the rare word, one in two the common one."""
    chance = random.Random(SEED)
    words = ["".join(chance.choices(LETTERS[number % 2], k=chance.randint(3, 9))) for number in range(6_000)]
    return [
        " ".join([*chance.choices(words, k=12), *(["иголка"] * (not n % 1000)), *(["Remark"] * (n % 2))])
        for n in range(count)
    ]


def filled(context: Path, private: Path, texts: list[str]) -> float:
    """Write the items and return the microseconds of one append."""
    writer = ContextWriter(context, private)
    host: JsonObject = {
        "id": f"{EVENT}.0",
        "ts": "2026-01-02T03:04:05.000006Z",
        "plugin": "bench.notes",
        "version": "1.0.0",
        "actor": "token:bench",
        "event_id": EVENT,
    }
    places = [Place(f"chat{n // 10}", f"session{n % 10}", "note") for n in range(SESSIONS)]
    begun = time.perf_counter()
    for number, text in enumerate(texts):
        item = Item(Seq(number + 1), 0, host, {"text": text, "color": "red"})
        writer.append(places[number % SESSIONS], item)
    return (time.perf_counter() - begun) / len(texts) * 1e6


def found(context: Path, words: str, index: ContextIndex | None) -> tuple[list[JsonObject], float, float]:
    """Search page by page to the end; return the items, and the seconds of the first page and of all."""
    asked = Search(words=words, wanted=Wanted(), is_seen=lambda _: True)
    items: list[JsonObject] = []
    start: Position | None = Position()
    begun, first = time.perf_counter(), 0.0
    while start is not None:
        page = search(context, asked, start, limit=100, index=index)
        items += page.items
        start = page.next
        first = first or time.perf_counter() - begun
    return items, first, time.perf_counter() - begun


def main() -> None:
    """Fill, index, search both ways, print."""
    texts = said(int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS)
    with tempfile.TemporaryDirectory() as folder:
        context, private = Path(folder) / "context", Path(folder) / "private"
        private.mkdir()
        print(f"append, µs: {filled(context, private, texts):.1f}")
        index = ContextIndex(private, context, SystemClock())
        begun = time.perf_counter()
        made = index.rebuild(lambda _done, _total: None)
        print(f"rebuild of {made.items} items, s: {time.perf_counter() - begun:.1f}")
        index.refresh()
        print(f"{'search, ms':28}{'items':>8}{'reading':>10}{'index':>10}{'ratio':>8}{'first page':>12}")
        for words in (RARE, COMMON, ABSENT):
            plain, _, slow = found(context, words, None)
            quick, first, fast = found(context, words, index)
            assert plain == quick
            cells = f"{len(plain):8}{slow * 1e3:10.1f}{fast * 1e3:10.1f}{slow / fast:8.1f}{first * 1e3:12.1f}"
            print(f"{words:28}{cells}")


if __name__ == "__main__":
    main()
