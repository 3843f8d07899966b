"""Manifest YAML, read as the events of libyaml: what was written, without the machinery nobody needs here.

Called by `document`. Anchors, aliases, tags, merge keys, directives, further documents, repeated keys and
keys that are not text are refused with their line. A scalar stays the text written: `PlainText` without
quotes, `str` with them, None where nothing stands. No resolver runs, so `1.10`, `no` and `12:30` are never
anything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from neira.errors.input import BadYaml
from neira.parse.fields import quoted
from neira.parse.placed import DEPTH, NODES, Document, PlainText, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event

    from neira.model import Json

_DIRECTIVE = re.compile("(?:\\A|[\r\n\x85\u2028\u2029])%")
MERGE = "<<"


def require_libyaml() -> None:
    """Refuse to go on with a PyYAML that was built without libyaml; called once at start-up."""
    if not yaml.__with_libyaml__:
        raise BadYaml("this PyYAML was built without libyaml, which manifests need")


def load(raw: bytes, *, depth: int = DEPTH, nodes: int = NODES) -> Document:
    """Read one YAML document, or refuse it with the line of the flaw."""
    tree = _Tree(depth, nodes)
    for event in _events(_text(raw)):
        tree.take(event)
    if not tree.done:
        raise BadYaml("it is empty", 1)
    return Document(tree.value, tree.lines.get)


def _text(raw: bytes) -> str:
    """Decode, and refuse what libyaml would accept or be slow about."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadYaml("it is not UTF-8", raw.count(b"\n", 0, error.start) + 1) from None
    if (at := text.find("\ufeff")) >= 0:
        raise BadYaml("it holds a byte order mark", _line(text, at))
    if (at := text.find("\0")) >= 0:
        raise BadYaml("it holds U+0000; send UTF-8", _line(text, at))
    if directive := _DIRECTIVE.search(text):
        raise BadYaml("a line begins with %, and directives are not read", _line(text, directive.end()))
    return text


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _events(text: str) -> Iterator[Event]:
    from yaml._yaml import CParser  # noqa: PLC0415  (absent without libyaml, which require_libyaml reports)

    parser = CParser(text)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise BadYaml(error.problem or "it is broken", line) from None
    except yaml.YAMLError as error:
        raise BadYaml(f"it is broken: {type(error).__name__}") from None
    finally:
        parser.dispose()


@dataclass(slots=True)
class _Frame:
    """A map or list that is still open, and the key whose value comes next."""

    held: dict[str, Json] | list[Json]
    key: str | None = None
    key_line: int = 0


@dataclass(slots=True)
class _Tree:
    """Grows the value from events, without recursion and within bounds."""

    depth: int
    nodes: int
    value: Json = None
    done: bool = False
    lines: dict[Steps, int] = field(default_factory=dict)
    open: list[_Frame] = field(default_factory=list)
    path: list[str | int] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Take the next event."""
        line = 1 + (event.start_mark.line if event.start_mark else 0)
        if isinstance(event, DocumentStartEvent):
            self._begin(event, line)
        elif isinstance(event, NodeEvent):
            self._node(event, line)
        elif isinstance(event, CollectionEndEvent):
            self.open.pop()
            self._leave()

    def _begin(self, event: DocumentStartEvent, line: int) -> None:
        if self.done:
            raise BadYaml("a second document begins", line)
        if event.version or event.tags:
            raise BadYaml("it holds a directive", line)

    def _node(self, event: NodeEvent, line: int) -> None:
        self._check(event, line)
        frame = self.open[-1] if self.open else None
        if frame and isinstance(frame.held, dict) and frame.key is None:
            self._take_key(frame, event, line)
            return
        self._enter(frame, line)
        if isinstance(event, CollectionStartEvent):
            held: dict[str, Json] | list[Json] = {} if isinstance(event, MappingStartEvent) else []
            self._put(frame, held)
            self.open.append(_Frame(held))
        else:
            assert isinstance(event, ScalarEvent)
            self._put(frame, _scalar(event))
            self._leave()

    def _check(self, event: NodeEvent, line: int) -> None:
        self.nodes -= 1
        if self.nodes < 0:
            raise BadYaml("it has too many parts", line)
        if isinstance(event, AliasEvent):
            raise BadYaml("an alias stands here", line)
        if event.anchor is not None:
            raise BadYaml(f"an anchor &{event.anchor[:40]} stands here", line)
        if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag is not None:
            raise BadYaml(f"a tag {event.tag[:40]} stands here", line)
        if isinstance(event, CollectionStartEvent) and len(self.open) >= self.depth:
            raise BadYaml(f"it is nested deeper than {self.depth} levels", line)

    def _take_key(self, frame: _Frame, event: NodeEvent, line: int) -> None:
        if not isinstance(event, ScalarEvent):
            raise BadYaml("a key is a map or a list, and keys are text", line)
        key = str(event.value)
        if not key and not event.style:
            raise BadYaml("a key is missing", line)
        if key == MERGE:
            raise BadYaml("a merge key << stands here", line)
        if "\0" in key:
            raise BadYaml("a key holds U+0000", line)
        if key in frame.held:
            raise BadYaml(f"the key {quoted(key)} stands twice", line)
        frame.key, frame.key_line = key, line

    def _enter(self, frame: _Frame | None, line: int) -> None:
        """Note where the value that now begins stands."""
        if frame is None:
            self.lines[()] = line
            return
        if isinstance(frame.held, list):
            self.path.append(len(frame.held))
        else:
            assert frame.key is not None
            self.path.append(frame.key)
            line = frame.key_line
        self.lines[tuple(self.path)] = line

    def _put(self, frame: _Frame | None, value: Json) -> None:
        if frame is None:
            self.value, self.done = value, True
        elif isinstance(frame.held, list):
            frame.held.append(value)
        else:
            assert frame.key is not None
            frame.held[frame.key], frame.key = value, None

    def _leave(self) -> None:
        if self.path:
            self.path.pop()


def _scalar(event: ScalarEvent) -> str | None:
    """Keep the text written; nothing at all is None."""
    if event.style:
        return str(event.value)
    return PlainText(event.value) if event.value else None
