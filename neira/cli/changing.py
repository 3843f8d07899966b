"""What all verbs that change something share: `--why`, `--if-match`, and how their answer looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from neira.cli.output import Answer, Facts, Note, cell, facts_of, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from neira.cli.client import Reply
    from neira.cli.output import View
    from neira.model import Json, JsonObject

F = TypeVar("F", bound="Callable[..., Any]")

SHOWN = ("id", "name", "version", "kind", "state", "reason", "pending", "digest", "revision", "journal_id")


def why(verb: F) -> F:
    """Take a reason for the journal."""
    return click.option("--why", default="", metavar="TEXT", help="The reason; it is kept in the journal.")(
        verb
    )


def if_match(verb: F) -> F:
    """Take the revision that the change is about."""
    words = "Change only if this is still its revision; somebody else's change in between is exit code 5."
    return click.option("--if-match", "revision", type=int, metavar="REVISION", help=words)(verb)


def precondition(revision: int | None) -> dict[str, str]:
    """Write the header that holds a change to a revision."""
    return {} if revision is None else {"If-Match": f'"{revision}"'}


def body(why: str, **fields: Json) -> dict[str, Json]:
    """Write the body of a change: the fields that were given, and the reason."""
    given: dict[str, Json] = {key: value for key, value in fields.items() if value is not None}
    return {**given, "why": why} if why else given


def changed(reply: Reply, *, keys: tuple[str, ...] = SHOWN) -> Answer:
    """Show what a change came to; one that changed nothing says why."""
    answered = as_object(reply.body)
    views: list[View] = [facts_of(answered, keys)]
    if answered.get("unchanged"):
        views.append(Note(plain(answered["unchanged"])))
    if answered.get("warning"):
        views.append(Note(plain(answered["warning"])))
    return Answer(reply.body, tuple(views))


def as_object(value: Json) -> JsonObject:
    """Take an answer as an object; another shape shows as an empty one."""
    return value if isinstance(value, dict) else {}


def objects(body: Json, key: str) -> tuple[JsonObject, ...]:
    """Take a list of objects out of an answer."""
    found = as_object(body).get(key)
    return tuple(each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()


def words_of(value: Json) -> list[str]:
    """Take a list of words out of an answer."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def all_facts(found: Mapping[str, Json]) -> Facts:
    """Show every key of an object."""
    return Facts(tuple((key, cell(value)) for key, value in found.items()))
