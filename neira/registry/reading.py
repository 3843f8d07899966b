"""From a parsed document to canonical manifests: dialects, the form, the rules; all mistakes at once.

Called when something is registered; what is stored has been through here, and is believed ever after.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from marshmallow import ValidationError

from neira.errors.input import InvalidManifest
from neira.errors.plugin import UnknownPermission
from neira.model import Digest, Problem
from neira.parse import semver, strict_json
from neira.parse.fields import dotted, seen
from neira.registry import rules
from neira.registry.dialects import DIALECTS, SEVERAL
from neira.registry.dialects.sheet import Sheet
from neira.registry.form import problems
from neira.registry.form.problems import Flaw, Wrong
from neira.registry.form.schema import ManifestForm
from neira.registry.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from neira.model import JsonObject
    from neira.parse.document import Document, Steps


@dataclass(frozen=True, slots=True)
class Reading:
    """A manifest that may be registered, and what its author should know about how it was read."""

    manifest: Manifest
    digest: Digest
    notes: tuple[str, ...] = ()


class Asked(Protocol):
    """A permission as the registry knows it: something that covers others."""

    def covers(self, other: Any, /) -> bool:
        """Tell whether holding this is enough for the other."""
        ...


class ManifestReader:
    """Reads manifests; how a permission is read is given, since permissions are strangers to the registry."""

    def __init__(self, permission: Callable[[str], Asked], *, own_version: str) -> None:
        self._permission = permission
        self._own_version = semver.parse(own_version)
        self._form = ManifestForm()

    def read(self, document: Document) -> tuple[Reading, ...]:
        """Read one manifest, or every entry of an index, or refuse with all that is wrong."""
        if not isinstance(document.value, dict):
            allowed = "a map with id, version and kind"
            raise InvalidManifest([Problem("manifest", seen(document.value), allowed, None, 1)])
        top, sheets = _sheets(document)
        readings: list[Reading] = []
        wrong = _problems(top, top.flaws)
        for sheet in sheets:
            found = self._one(sheet)
            if isinstance(found, Reading):
                readings.append(found)
            else:
                wrong += _problems(sheet, found)
            if len(wrong) >= problems.MOST:
                break
        if wrong:
            raise InvalidManifest(sorted(set(wrong), key=_by_place))
        return tuple(readings)

    def _one(self, sheet: Sheet) -> Reading | list[Flaw]:
        for dialect in DIALECTS:
            dialect(sheet)
        canonical, flaws, refused = self._formed(sheet)
        own = {flaw.path for flaw in sheet.flaws}
        flaws = [*sheet.flaws, *(flaw for flaw in flaws if flaw.path not in own)]
        asked = self._permissions(sheet, flaws)
        refused |= {str(flaw.path[0]) for flaw in flaws if flaw.path}
        flaws += rules.flaws(canonical, refused)
        flaws += self._needs(canonical)
        if not refused & {"id", "events", "ui", "permissions"}:
            flaws += self._hears(canonical, list(asked.values()))
        if flaws:
            return flaws
        if asked:
            canonical["permissions"] = list(asked)
        notes = (*sheet.notes, *rules.notes(canonical))
        return Reading(Manifest(canonical), manifest_digest(canonical), notes)

    def _formed(self, sheet: Sheet) -> tuple[dict[str, Any], list[Flaw], set[str]]:
        """Read field by field; where there are mistakes, keep the keys without any and name the others."""
        try:
            return dict(self._form.load(sheet.keys)), [], set()
        except ValidationError as error:
            refused = cast("dict[str, Any]", error.messages)
            valid = cast("dict[str, Any]", error.valid_data)
            found = problems.flaws(refused, self._form, sheet.keys)
            return {key: part for key, part in valid.items() if key not in refused}, found, set(refused)

    def _permissions(self, sheet: Sheet, flaws: list[Flaw]) -> dict[str, Asked]:
        """Read the permissions into their canonical spellings; what is wrong with them joins the flaws."""
        asked: dict[str, Asked] = {}
        listed = sheet.keys.get("permissions")
        wrong = {flaw.path for flaw in flaws}
        for place, text in enumerate(listed if isinstance(listed, list) else ()):
            if not isinstance(text, str) or {("permissions",), ("permissions", place)} & wrong:
                continue
            try:
                permission = self._permission(text)
            except UnknownPermission as error:
                found = error.problem("")
                wording = Wrong(found.found, found.allowed, found.suggestion)
                flaws.append(Flaw(("permissions", place), wording))
                continue
            asked[str(permission)] = permission
        return asked

    def _hears(self, canonical: Mapping[str, Any], asked: Sequence[Asked]) -> Iterator[Flaw]:
        """Refuse events outside a plugin's own id that it does not ask to hear."""
        for path, event in _events(canonical):
            if event.startswith((f"{canonical['id']}.", f"{canonical['id']}:")) or event == canonical["id"]:
                continue
            needed = f"events:subscribe:{event}"
            if not self._covered(needed, asked):
                allowed = f"an event below {canonical['id']}. or {needed} among the permissions"
                yield Flaw(path, Wrong(seen(event), allowed, needed))

    def _covered(self, text: str, asked: Sequence[Asked]) -> bool:
        try:
            wanted = self._permission(text)
        except UnknownPermission:
            return False  # a name that no permission can spell
        return any(each.covers(wanted) for each in asked)

    def _needs(self, canonical: Mapping[str, Any]) -> Iterator[Flaw]:
        wanted = canonical.get("min_neira_version")
        if wanted is not None and semver.parse(wanted) > self._own_version:
            allowed = f"at most {self._own_version}, the version of this Neira"
            yield Flaw(("min_neira_version",), Wrong(seen(wanted), allowed))


def _sheets(document: Document) -> tuple[Sheet, list[Sheet]]:
    """Make a sheet of the document as a whole and one of each manifest in it."""
    for several in SEVERAL:
        found = several(document)
        if found is not None:
            return found
    return Sheet(document, {}), [Sheet(document, dict(cast("dict[str, Any]", document.value)))]


def _events(canonical: Mapping[str, Any]) -> Iterator[tuple[Steps, str]]:
    """List every event that a manifest hears or declares, with its place."""
    for place, event in enumerate(canonical.get("events", ())):
        yield ("events", place), event
    for group, items in canonical.get("ui", {}).items():
        for place, item in enumerate(items):
            yield ("ui", group, place, "event"), item["event"]


def _problems(sheet: Sheet, flaws: Sequence[Flaw]) -> list[Problem]:
    """Word flaws as their author wrote the document; several at one place are one."""
    found: dict[Steps, Problem] = {}
    for path, wrong in flaws[: problems.MOST]:
        place = sheet.place(path)
        if place not in found:
            line = _line(sheet.document, place)
            found[place] = Problem(dotted(place), wrong.found, wrong.allowed, wrong.suggestion, line)
    return list(found.values())


def _line(document: Document, place: Steps) -> int | None:
    """Find the line of a part, or of the nearest thing around what is missing."""
    around = (place[:length] for length in range(len(place), -1, -1))
    return next((line for part in around if (line := document.line_of(part)) is not None), None)


def _by_place(problem: Problem) -> tuple[int, str]:
    return problem.line or 0, problem.path


def manifest_digest(canonical: JsonObject) -> Digest:
    """Name a canonical manifest: keys in order, nothing filled in, without its signature."""
    signed = {key: value for key, value in canonical.items() if key != "signature"}
    return Digest(hashlib.sha256(strict_json.dumps(_ordered(signed)).encode()).hexdigest())


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_ordered(part) for part in value]
    return value
