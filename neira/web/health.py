"""Whether the system lives, can serve, and how much it does: for load balancers and Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from neira.errors.web import NotReady
from neira.model import Scope
from neira.telemetry import METRICS_TYPE
from neira.web.caller import reader
from neira.web.current import kernel, telemetry
from neira.web.noun import Noun, Route
from neira.web.reply import answer
from neira.web.schemas import answers

if TYPE_CHECKING:
    from neira.model import Json

health = Noun("health", "Life signs.", prefix="")


@health.on("GET", "/healthz", Route(answer=answers.Alive))
def alive() -> Response:
    """Say that the process answers."""
    return answer({"status": "ok"})


@health.on("GET", "/readyz", Route(answer=answers.Ready))
def ready() -> Response:
    """Say whether requests can be served; a reader is told what is not as it should be."""
    found, known = kernel().health(), reader()
    told = list(found.reasons) if known else []
    if found.status == "unavailable":
        raise NotReady(told)
    body: dict[str, Json] = {"status": found.status}
    return answer({**body, "reasons": told} if known else body)


@health.on("GET", "/metrics", Route(needs=Scope.READ, media="text/plain"))
def metrics() -> Response:
    """Give all counters as Prometheus reads them."""
    return Response(telemetry().exposition(), content_type=METRICS_TYPE)
