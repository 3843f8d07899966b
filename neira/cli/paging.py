"""Lists that come in pages: `--limit`, `--cursor`, and all of them with `--all`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from neira.cli.changing import as_object, objects
from neira.cli.output import Note, plain
from neira.cli.words import Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.cli.client import Client, Query
    from neira.cli.output import View
    from neira.cli.words import Language
    from neira.model import Json, JsonObject

F = TypeVar("F", bound="Callable[..., Any]")

PAGE = 100


def paged(verb: F) -> F:
    """Take the options of a list."""
    verb = click.option("--all", "whole", is_flag=True, help="Fetch every page.")(verb)
    verb = click.option("--cursor", metavar="CURSOR", help="Go on where the last page ended.")(verb)
    return click.option("--limit", type=click.IntRange(1, 1000), default=PAGE, help="Entries a page.")(verb)


def fetch(
    client: Client, path: str, key: str, *, query: Query, limit: int, cursor: str | None, whole: bool
) -> dict[str, Json]:
    """Fetch one page of a list, or all of them as one."""
    found: list[Json] = []
    while True:
        reply = client.call("GET", path, query={**query, "limit": limit, "cursor": cursor})
        page = as_object(reply.body)
        found += objects(page, key)
        cursor = _next(page)
        if cursor is None or not whole:
            return {**page, key: found, "next": cursor}


def more(page: JsonObject, language: Language) -> tuple[View, ...]:
    """Say how to read on, where there is more."""
    cursor = page.get("next")
    return (Note(f"{Word.MORE.say(language)} {plain(cursor)}"),) if cursor else ()


def _next(page: JsonObject) -> str | None:
    cursor = page.get("next")
    return cursor if isinstance(cursor, str) and cursor else None
