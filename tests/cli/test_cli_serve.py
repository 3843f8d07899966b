"""What `neira serve` hands to the server that it becomes."""

from __future__ import annotations

import ast
from pathlib import Path

from neira.cli.top.serve import METRICS, surroundings
from neira.home import Home

ROOT = Path(__file__).resolve().parents[2]


def _statements(path: Path) -> list[str]:
    """Read a page without its docstring."""
    return [ast.unparse(node) for node in ast.parse(path.read_text(encoding="utf-8")).body[1:]]


def test_the_packaged_settings_are_those_of_the_repo() -> None:
    """A server from the wheel and one from the checkout differ in nothing."""
    assert _statements(ROOT / "gunicorn.conf.py") == _statements(ROOT / "neira/cli/server/config.py")


def test_the_server_gets_its_home_its_flags_and_no_client_token(place: Path) -> None:
    """Flags become settings, the home is absolute, what a client uses stays out."""
    given = surroundings(Home(place), {"NEIRA_SERVER_PORT": "9"})
    assert (given["NEIRA_HOME"], given["NEIRA_SERVER_PORT"]) == (str(place.resolve()), "9")
    assert not {"NEIRA_URL", "NEIRA_TOKEN"} & set(given)


def test_counters_of_dead_workers_are_swept(place: Path) -> None:
    """The folder of counters is there and empty."""
    (place / ".neira" / "metrics" / "counter_1.db").write_bytes(b"old")
    folder = Path(surroundings(Home(place), {})[METRICS])
    assert list(folder.iterdir()) == []
