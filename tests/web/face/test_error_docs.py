"""docs/errors.md has a row with advice for every error code there is."""

from __future__ import annotations

from http import HTTPStatus

from tools.error_docs import HEAD, PAGE, Row, flaws, rows, written


def test_every_code_has_its_row() -> None:
    """`python -m tools.error_docs` makes the table; people write the last column."""
    assert flaws(PAGE.read_text(encoding="utf-8"), rows()) == []


def test_a_missing_row_is_found() -> None:
    """Also a row that nobody needs, and one that is no longer true."""
    found = {"a": Row("a", 400, "invalid", "An a")}
    page = written("# Errors\n\n" + HEAD, found)
    assert flaws(page, found) == ["a has no advice"]
    advised = page.replace("An a |  |", "An a | Send an a. |")
    assert flaws(advised, found) == []
    assert flaws(advised, {}) == ["a has no class", "the table is not as the classes say"]
    assert written(advised, found) == advised


def test_no_error_of_the_api_is_a_500() -> None:
    """A 500 is no answer, and neither is a 507."""
    statuses = {row.status for row in rows().values() if row.code != "internal"}
    assert not statuses & {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.INSUFFICIENT_STORAGE}
