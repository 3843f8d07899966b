"""A thousand increments at once, over two workers: each is counted or says that it was not."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.system.served import PATIENT, Line, Served, lines, served

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow
SHIPPED = Path(__file__).parents[2] / "plugins/scripts"
COUNT = 1000
THREADS = 16


def _add(line: Line) -> tuple[str, int]:
    """Count once, and return how that ended and what was counted to."""
    reply = line.call("POST", "/ui/events", {"tool_id": "counter", "event": "counter.add", "params": {}})
    assert reply.status == 200, reply
    (result,) = reply.body["results"]
    if result["outcome"] == "ok":
        return "ok", result["result"]
    assert result["actions"] == []
    return f"{result['outcome']} {result['error']['code']}", 0


def _register(server: Served) -> None:
    manifest, source = ((SHIPPED / f"counter.{end}").read_text() for end in ("yaml", "rhai"))
    sent = {"manifest": manifest, "source": source, "enable": True}
    assert server.call("POST", "/api/neira/plugins", sent).status == 201


def test_a_thousand_increments_count_to_a_thousand_or_say_conflict(tmp_path: Path) -> None:
    """Every answer that says ok has a number of its own, the last of them is how many there are."""
    with served(tmp_path, settings=PATIENT) as server:
        _register(server)
        with lines(server, THREADS // 2) as kept:
            ended = _storm(kept)
            outcomes: Mapping[str, int] = Counter(outcome for outcome, _ in ended)
            print(dict(outcomes))
            counted = sorted(number for outcome, number in ended if outcome == "ok")
            assert outcomes.keys() <= {"ok", "error conflict"}
            assert counted == list(range(1, outcomes["ok"] + 1))
            assert _add(kept[0]) == ("ok", outcomes["ok"] + 1)


def _storm(kept: list[Line]) -> list[tuple[str, int]]:
    """Let all connections count at once."""

    def run(place: int) -> list[tuple[str, int]]:
        return [_add(kept[place]) for _ in range(place, COUNT, len(kept))]

    with ThreadPoolExecutor(len(kept)) as pool:
        ended = [one for each in pool.map(run, range(len(kept))) for one in each]
    assert len(ended) == COUNT
    return ended
