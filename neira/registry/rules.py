"""What no single field can tell: how the parts of a manifest must fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neira.errors.disk import BadPath
from neira.model import Problem
from neira.registry import entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Rule = Callable[[Mapping[str, Any]], Iterator[Problem]]

_OWN = "a name that no other one here has"


def problems(manifest: Mapping[str, Any]) -> list[Problem]:
    """List every rule that a manifest breaks."""
    return [problem for rule in RULES for problem in rule(manifest)]


def _entry(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    path = manifest.get("entry")
    if path is None:
        return
    try:
        entry.check(path)
    except BadPath:
        yield Problem("entry", f'"{path[:60]}"', "a plain path below plugins/, outside plugins/store/")


def _one_source(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    if "source" in manifest and manifest.get("kind") == "container":
        yield Problem("source", "source", "no source: a container has an image or a command")


def _container(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    is_container = manifest.get("kind") == "container"
    for key in ("image", "command"):
        if key in manifest and not is_container:
            yield Problem(key, key, f"no {key}: only a container has one")
    if is_container and not {"image", "command"} & manifest.keys():
        yield Problem("command", "missing", "the image or the command of a container")


def _abi(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    if "abi" in manifest and manifest.get("kind") != "wasm":
        yield Problem("abi", "abi", "no abi: only kind wasm has one")
    if manifest.get("abi", {}).get("type") == "raw" and "functions" not in manifest:
        yield Problem("functions", "missing", "the functions of a raw module, with WIT signatures")


def _lifetime(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    lifetime = manifest.get("lifetime", "call")
    if "pool" in manifest and lifetime != "pool":
        yield Problem("pool", "a map", "lifetime: pool beside it", "lifetime: pool")


def _ui(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    for group in ("buttons", "menus"):
        known: set[str] = set()
        for place, item in enumerate(manifest.get("ui", {}).get(group, [])):
            if item["id"] in known:
                yield Problem(f"ui.{group}[{place}].id", f'"{item["id"]}"', _OWN)
            known.add(item["id"])


def _functions(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    known: set[str] = set()
    for place, function in enumerate(manifest.get("functions", [])):
        if function["name"] in known:
            yield Problem(f"functions[{place}].name", f'"{function["name"]}"', _OWN)
        known.add(function["name"])


RULES: tuple[Rule, ...] = (_entry, _one_source, _container, _abi, _lifetime, _ui, _functions)
