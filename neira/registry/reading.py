"""From a parsed document to canonical manifests: dialects, the form, the rules; all mistakes at once.

Called when something is registered; what is stored has been through here, and is believed ever after.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from neira.errors.input import InvalidManifest
from neira.errors.plugin import UnknownPermission
from neira.model import Digest, Problem
from neira.parse import semver, strict_json
from neira.parse.document import Document
from neira.parse.fields import seen
from neira.registry import rules
from neira.registry.dialects import DIALECTS, several
from neira.registry.dialects.sheet import Sheet
from neira.registry.form import problems
from neira.registry.form.schema import ManifestForm
from neira.registry.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.model import JsonObject


@dataclass(frozen=True, slots=True)
class Reading:
    """A manifest that may be registered, and what its author should know about how it was read."""

    manifest: Manifest
    digest: Digest
    notes: tuple[str, ...] = ()


class ManifestReader:
    """Reads manifests; how a permission is read is given, since permissions are strangers to the registry."""

    def __init__(self, permission: Callable[[str], object], *, own_version: str) -> None:
        self._permission = permission
        self._own_version = semver.parse(own_version)
        self._form = ManifestForm()

    def read(self, document: Document) -> tuple[Reading, ...]:
        """Read one manifest, or every entry of an index, or refuse with all that is wrong."""
        if not isinstance(document.value, dict):
            allowed = "a map with id, version and kind"
            raise InvalidManifest([Problem("manifest", seen(document.value), allowed)])
        found = several(document.value)
        if found is None:
            return (self._one(Sheet(dict(document.value)), document),)
        return self._index(found)

    def _index(self, sheets: list[Sheet]) -> tuple[Reading, ...]:
        """Read every entry, and name the mistakes of all of them."""
        readings: list[Reading] = []
        wrong: list[Problem] = []
        for sheet in sheets:
            try:
                readings.append(self._one(sheet, Document(sheet.keys, lambda _: None)))
            except InvalidManifest as error:
                wrong += [_below(sheet, problem) for problem in error.problems]
        if wrong:
            raise InvalidManifest(wrong)
        return tuple(readings)

    def _one(self, sheet: Sheet, document: Document) -> Reading:
        for dialect in DIALECTS:
            dialect(sheet)
        canonical, wrong = self._formed(sheet, document)
        wrong = [*sheet.problems, *wrong]
        wrong += self._permissions(canonical or sheet.keys, document)
        if canonical:
            wrong += [*rules.problems(canonical), *self._needs(canonical)]
        if wrong:
            raise InvalidManifest(wrong)
        return Reading(Manifest(canonical), manifest_digest(canonical), tuple(sheet.notes))

    def _formed(self, sheet: Sheet, document: Document) -> tuple[dict[str, Any], list[Problem]]:
        try:
            return dict(self._form.load(sheet.keys)), []
        except ValidationError as error:
            named = {problem.path for problem in sheet.problems}
            found = problems.flat(error.messages, self._form, document)
            return {}, [problem for problem in found if problem.path not in named]

    def _permissions(self, keys: dict[str, Any], document: Document) -> list[Problem]:
        """Read each permission, and put its canonical spelling in the place of the written one."""
        wrong: list[Problem] = []
        asked = keys.get("permissions")
        if not isinstance(asked, list):
            return wrong
        for place, text in enumerate(asked):
            if not isinstance(text, str):
                continue  # the form has said so
            try:
                asked[place] = str(self._permission(text))
            except UnknownPermission as error:
                line = document.line_of(("permissions", place))
                wrong.append(replace(error.problem(f"permissions[{place}]"), line=line))
        return wrong

    def _needs(self, canonical: dict[str, Any]) -> list[Problem]:
        wanted = canonical.get("min_neira_version")
        if wanted is None or semver.parse(wanted) <= self._own_version:
            return []
        allowed = f"at most {self._own_version}, the version of this Neira"
        return [Problem("min_neira_version", wanted, allowed)]


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


def _below(sheet: Sheet, problem: Problem) -> Problem:
    path = problem.path if problem.path.startswith("entries[") else f"{sheet.keys.get('id')}: {problem.path}"
    return Problem(path, problem.found, problem.allowed, problem.suggestion, problem.line)
