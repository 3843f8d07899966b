"""What `neira serve` hands to the server that it becomes."""

from __future__ import annotations

import ast
from pathlib import Path

from neira.cli.top.serve import METRICS, surroundings
from neira.home import Home

ROOT = Path(__file__).resolve().parents[2]


def test_the_checkout_serves_as_the_package_does() -> None:
    """The pages at the top of the repo hold nothing of their own."""
    for page in ("gunicorn.conf.py", "wsgi.py"):
        kept = ast.parse((ROOT / page).read_text(encoding="utf-8")).body[1:]
        assert all(isinstance(node, (ast.ImportFrom, ast.Assign)) for node in kept)


def test_the_server_gets_its_home_its_flags_and_no_client_token(place: Path) -> None:
    """Flags become settings, the home is absolute, what a client uses stays out."""
    given = surroundings(Home(place), {"NEIRA_SERVER_PORT": "9"})
    assert (given["NEIRA_HOME"], given["NEIRA_SERVER_PORT"]) == (str(place.resolve()), "9")
    assert not {"NEIRA_URL", "NEIRA_TOKEN"} & set(given)


def test_counters_of_dead_servers_are_swept_and_those_of_others_stay(place: Path) -> None:
    """Each server has a folder of its own, named after its process."""
    metrics = place / ".neira" / "metrics"
    for name in ("999999999", "1"):
        (metrics / name).mkdir(parents=True)
    mine = Path(surroundings(Home(place), {})[METRICS])
    assert list(mine.iterdir()) == []
    assert sorted(each.name for each in metrics.iterdir()) == sorted({"1", mine.name})
