"""Examples inside Rust: the evaluations of tests and of documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from . import literals
from .model import Example, Fails, Origin
from .rust_expectations import expectation, says_failure
from .rust_text import Token, built, end_of, joined, split, string, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EVALUATE = re.compile(r"(eval|run)(_ast|_expression|_with_scope|_ast_with_scope|_expression_with_scope)?$")
_COMPILE = re.compile(r"compile(_with_scope)?$")
# What an author may do to an engine before running a text on it.
_PREPARE = re.compile(
    r"(register|set|on|disable|load|def)_|build_type$|new_raw$|combine|insert$|\w+_as_new$|compile_(with|into)_"
)


@dataclass(slots=True)
class _Known:
    """What a function's text has said so far: named texts, and for each scope the texts that made it."""

    texts: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prepared: bool = False


def examples(source: str, origin: Origin) -> Iterator[Example]:
    """Read all examples of one text."""
    group = built(tokens(source, origin.line))
    shared: dict[str, str] = {}
    bodies = list(_bodies(group))
    for body in bodies or [group]:
        known = _Known(texts=shared)
        for statement in _statements(body):
            yield from _read(statement, known, origin)


def _bodies(group: Sequence[Token]) -> Iterator[Sequence[Token]]:
    index = 0
    while index < len(group):
        if group[index].text == "fn":
            start = next((at for at in range(index, len(group)) if group[at].text in "{;"), len(group) - 1)
            end = end_of(group, start) if group[start].text == "{" else start
            yield group[start + 1 : end]
            index = end
        index += 1


def _statements(body: Sequence[Token]) -> Iterator[list[Token]]:
    """Cut at every semicolon and block, however deep: an assertion is never cut, being in parentheses."""
    statement: list[Token] = []
    index = 0
    while index < len(body):
        text = body[index].text
        if text in "([":
            end = end_of(body, index)
            statement += body[index : end + 1]
            index = end + 1
            continue
        if text in ";{}":
            yield statement
            statement = []
        else:
            statement.append(body[index])
        index += 1
    yield statement


def _read(statement: list[Token], known: _Known, origin: Origin) -> Iterator[Example]:
    if not statement:
        return
    known.prepared |= _prepares(statement)
    _remember(statement, known)
    for at, end in _calls(statement, _EVALUATE):
        example = _example(statement, at, end, known, replace(origin, line=statement[at].line))
        if example:
            yield example
    for at, end in _calls(statement, _COMPILE):
        text = _text(split(statement[at + 1 : end]), known)
        if text is not None and says_failure(statement):
            yield Example(replace(origin, line=statement[at].line), text, Fails(), prepared=known.prepared)


def _prepares(statement: Sequence[Token]) -> bool:
    methods = [b.text for a, b in pairwise(statement) if a.text in {".", "::"}]
    return any(_PREPARE.match(name) for name in methods)


def _remember(statement: list[Token], known: _Known) -> None:
    written = joined(statement)
    if named := re.match(r"(?:let(?:mut)?|const|static)(\w+)(?::[^=]*)?=", written):
        _remember_text(named[1], statement, known)
    pushed = re.match(r"(\w+)\.(push|push_constant|push_dynamic|clear|set_value)\(", written)
    if pushed:
        _push(known, pushed[1], pushed[2], split(statement[4:-1]))


def _remember_text(name: str, statement: list[Token], known: _Known) -> None:
    kinds = [token for token in statement if token.kind in {"string", "raw"}]
    compiled = any(_calls(statement, _COMPILE))
    if len(kinds) == 1 and (compiled or statement[-1] is kinds[0]):
        known.texts[name] = string(kinds[0])
    elif compiled:
        inner = next(
            (known.texts[token.text] for token in reversed(statement) if token.text in known.texts), None
        )
        if inner is not None:
            known.texts[name] = inner


def _push(known: _Known, name: str, method: str, arguments: list[list[Token]]) -> None:
    if method == "clear":
        known.scopes[name] = ()
        return
    try:
        key, held = (literals.value(argument) for argument in arguments)
        word = "const" if method == "push_constant" else "let"
        known.scopes[name] = (*known.scopes.get(name, ()), f"{word} {key} = {literals.in_rhai(held)};")
    except ValueError:
        known.prepared = True


def _calls(statement: Sequence[Token], names: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Find method calls: the places of the brackets around their arguments."""
    for index in range(1, len(statement)):
        if statement[index - 1].text != "." or not names.match(statement[index].text):
            continue
        at = index + 1
        while at < len(statement) and statement[at].text != "(":
            at += 1
        if at < len(statement):
            yield at, end_of(statement, at)


def _example(statement: list[Token], at: int, end: int, known: _Known, origin: Origin) -> Example | None:
    arguments = split(statement[at + 1 : end])
    text = _text(arguments, known)
    expects = expectation(statement, at, end)
    if text is None or expects is None:
        return None
    name, kept = _scope(arguments)
    earlier = known.scopes.get(name, ())
    if kept:
        known.scopes[name] = (*earlier, text)
    return Example(origin, text, expects, earlier, prepared=known.prepared)


def _text(arguments: list[list[Token]], known: _Known) -> str | None:
    if not arguments:
        return None
    last = arguments[-1]
    if len(last) == 1 and last[0].kind in {"string", "raw"}:
        return string(last[0])
    return known.texts.get(last[-1].text) if len(last) <= 2 else None  # noqa: PLR2004 - a name, perhaps borrowed


def _scope(arguments: list[list[Token]]) -> tuple[str, bool]:
    """Tell which scope a call uses, and whether it changes it."""
    named = re.match(r"&(?:mut)?(\w+)(\.clone\(\))?$", joined(arguments[0]))
    if len(arguments) == 1 or not named:
        return "", False
    return named[1], named[2] is None
