"""The journal over HTTP: read, verified, exported; for admins, since it tells of everybody."""

from __future__ import annotations

from flask import Response

from neira import facts
from neira.model import Scope
from neira.web.caller import whole_system
from neira.web.current import kernel
from neira.web.noun import Noun, Route
from neira.web.reply import answer
from neira.web.schemas import answers, asks

NDJSON = "application/x-ndjson"

journal = Noun("journal", "Everything that changed and every event that came.")


@journal.on(
    "GET", "/journal", Route(needs=Scope.ADMIN, query=asks.RecordsWantedQuery, answer=answers.RecordList)
)
def search(asked: asks.RecordsWanted) -> Response:
    """Find records, newest first."""
    whole_system()
    wanted = {name: getattr(asked, name) for name in ("since", "until", "plugin", "kind", "actor", "id")}
    return answer(facts.records(kernel(), limit=asked.limit, cursor=asked.cursor, text=asked.q, **wanted))


@journal.on("GET", "/journal/verify", Route(needs=Scope.ADMIN, answer=answers.Verdict))
def verify() -> Response:
    """Check every record against the chain and the checkpoints, and name the first that is bad."""
    whole_system()
    return answer(facts.verdict(kernel()))


@journal.on("GET", "/journal/export", Route(needs=Scope.ADMIN, media=NDJSON))
def export() -> Response:
    """Give the journal's lines as they are."""
    whole_system()
    return Response(facts.journal_lines(kernel()), mimetype=NDJSON)
