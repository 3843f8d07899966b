"""Schemathesis over the whole OpenAPI document: no 5xx, no undocumented status, nothing unlike its schema."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.engine import events
from werkzeug.serving import make_server

from neira.model import Scope
from tests.web.face.web_worlds import UNMETERED, World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # schemathesis and what it stands on warn of themselves
]

EXAMPLES = 25  # a route and phase

# What a schema cannot say: ids, manifests, phrases and cursors have grammars of their own, and the home has a
# state. All other checks run with their defaults.
ACCEPTED = ["2xx", "304", "400", "401", "403", "404", "409", "412", "413", "422", "429"]


@pytest.fixture
def served(tmp_path: Any) -> Iterator[tuple[World, str]]:
    """Serve a home whose gates let changes through, without rates."""
    made = make_world(tmp_path / "home", UNMETERED)
    made.open_gates()
    assert made.pencil(enable=True).status_code == 201
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, made.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    made.app.close()
    made.kernel.close()


def test_every_route_answers_as_documented(served: tuple[World, str]) -> None:
    """Whatever is sent, valid or not; an event stream never ends, so it is listened to elsewhere."""
    world, url = served
    config = schemathesis.Config.from_dict(settings_for(world.tokens[f"{Scope.ADMIN}:None:None"]))
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=config)
    assert flaws(schema.exclude(path="/api/neira/ui/stream")) == []


def settings_for(token: str) -> dict[str, Any]:
    """Say how the run goes: always the same examples, no chains of calls."""
    return {
        "seed": 7,
        "headers": {"Authorization": f"Bearer {token}"},
        "generation": {"max-examples": EXAMPLES, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
    }


def flaws(schema: Any) -> list[str]:
    """Run everything, and say what did not hold and how to see it again."""
    found: dict[tuple[str, str], str] = {}
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            found[event.label, str(event.info)] = ""
        elif isinstance(event, events.FatalError):
            found["all", str(event.exception)] = ""
        elif isinstance(event, events.ScenarioFinished):
            for check in (each for checks in event.recorder.checks.values() for each in checks):
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    key = (str(failure.operation), failure.title)
                    found.setdefault(key, f"{failure.message}\n{check.failure_info.code_sample}")
    return [f"{operation}: {title}\n{words}" for (operation, title), words in found.items()]
