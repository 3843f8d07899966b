"""How a failure is shown: the sentence, every mistake with its place, and what to do next, on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.output import document, note, plain
from neira.cli.words import Word
from neira.errors.cli import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.cli.words import Language
    from neira.errors import NeiraError
    from neira.model import Json


def show(error: NeiraError, language: Language) -> None:
    """Tell a person why it was refused."""
    for line in lines(error, language):
        note(line)


def lines(error: NeiraError, language: Language) -> Iterator[str]:
    """Word a failure."""
    yield f"{Word.ERROR.say(language)}: {plain(error.sentence)} [{code(error)}]"
    problems = error.details.get("problems")
    if isinstance(problems, list | tuple):
        yield from (_problem(each) for each in problems)
    if error.hint:
        yield f"{Word.HINT.say(language)}: {plain(error.hint)}"
    yield from _ways(error, language)


def problem_document(error: NeiraError) -> str:
    """Write a failure for programs: the server's own problem document, or the same shape."""
    if isinstance(error, Refused):
        return document({**error.problem, "status": error.http_status})
    return document(
        {
            **error.details,
            "code": error.code,
            "detail": error.sentence,
            "fault": error.fault.value,
            "hint": error.hint,
            "retryable": error.retryable,
            "status": int(error.status),
        }
    )


def code(error: NeiraError) -> str:
    """Name a failure as its origin does."""
    if isinstance(error, Refused):
        return plain(error.problem.get("code") or error.http_status)
    return error.code


def _problem(problem: Json) -> str:
    if not isinstance(problem, dict):
        return f"  {plain(problem)}"
    line = f" (line {problem['line']})" if problem.get("line") is not None else ""
    guess = f"; did you mean {problem['suggestion']}?" if problem.get("suggestion") else ""
    words = f"  {problem.get('path') or '(top)'}{line}: found {problem.get('found')}"
    return plain(f"{words}, allowed is {problem.get('allowed')}{guess}")


def _ways(error: NeiraError, language: Language) -> Iterator[str]:
    ways = error.details.get("suggestions")
    if not isinstance(ways, list | tuple) or not ways:
        return
    others = [plain(way) for way in ways if str(way) not in error.hint]
    if others:
        yield f"{Word.SUGGESTIONS.say(language)}:"
        yield from (f"  {way}" for way in others)
