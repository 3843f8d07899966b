"""Schemathesis over the whole OpenAPI document: no 5xx, no undocumented status, nothing unlike its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from neira.model import Scope
from tests.web.face.web_worlds import UNMETERED, World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import BaseSchema, Case

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # schemathesis and its plugins warn of themselves
]

EXAMPLES = 25

# What a schema cannot say: ids, manifests, phrases and cursors have grammars of their own, and the home has a
# state. All other checks run with their defaults.
ACCEPTED = [
    "2xx", "304", "400", "401", "403", "404", "409", "412", "413", "422", "429",
]  # fmt: skip
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}}


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Open a home whose gates let changes through, without rates."""
    made = make_world(tmp_path_factory.mktemp("schemathesis") / "home", UNMETERED)
    made.open_gates()
    made.pencil(enable=True)
    yield made
    made.app.close()
    made.kernel.close()


@pytest.fixture(scope="module")
def document(open_world: World) -> BaseSchema:
    """Read the document as any client would; an event stream never ends, so it is listened to elsewhere."""
    config = schemathesis.Config.from_dict(CONFIG)
    found = schemathesis.openapi.from_wsgi("/openapi.json", open_world.app, config=config)
    return found.exclude(path="/api/neira/ui/stream")


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_every_route_answers_as_documented(case: Case[Any], open_world: World) -> None:
    """Whatever is sent, valid or not."""
    token = open_world.tokens[f"{Scope.ADMIN}:None:None"]
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
