"""JSON Schemas of what people write by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import facts
from neira.model import Scope
from neira.web.noun import Noun, Route
from neira.web.reply import answer
from neira.web.schemas import answers

if TYPE_CHECKING:
    from flask import Response

schemas = Noun("schemas", "JSON Schemas of what people write by hand.")


@schemas.on("GET", "/schemas/manifest", Route(needs=Scope.READ, answer=answers.SchemaDocument))
def manifest() -> Response:
    """Give the JSON Schema of the canonical manifest."""
    return answer(facts.manifest_schema())
