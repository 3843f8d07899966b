"""What no single field can tell: how the parts of a manifest must fit together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neira.errors.disk import BadPath
from neira.errors.input import InvalidManifest
from neira.model import Problem
from neira.parse import params
from neira.parse.fields import dotted, seen
from neira.registry import entry
from neira.registry.form.problems import MOST, Flaw, Wrong, steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from neira.model import Digest

    Check = Callable[[Mapping[str, Any]], Iterator[Flaw]]

_OWN = "a name that no other one here has"
_MODULES = ("wasm", "component")
_KEY_OF_KINDS: dict[str, tuple[str, ...]] = {
    "source": ("script", "wasm", "component"),
    "abi": ("wasm",),
    "functions": ("script", "wasm", "component"),
    "imports": _MODULES,
    "transport": _MODULES,
    "wasi": _MODULES,
    "image": ("container",),
    "command": ("container",),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A check, and the keys that it reads: while one of them is wrong in itself, it has nothing to say."""

    reads: tuple[str, ...]
    check: Check


def flaws(manifest: Mapping[str, Any], wrong: Collection[str] = ()) -> list[Flaw]:
    """List every rule that a manifest breaks; `wrong` names its keys that are refused already."""
    rules = [rule for rule in RULES if not set(rule.reads) & set(wrong)]
    return [flaw for rule in rules for flaw in rule.check(manifest)]


def notes(manifest: Mapping[str, Any]) -> list[str]:
    """Tell the author what is allowed and has no effect."""
    abi = manifest.get("abi", {})
    return (
        ["`abi.function` has no effect: a WASI command starts at _start"]
        if abi.get("type") == "wasi" and "function" in abi
        else []
    )


def check_sha256(manifest: Mapping[str, Any], found: Digest) -> None:
    """Refuse bytes that are not the ones whose digest the manifest states; whoever has the bytes calls it."""
    stated = manifest.get("sha256", found)
    if stated != found:
        raise InvalidManifest([Problem("sha256", str(stated), f"{found}, the digest of the bytes")])


def _entry(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    path = manifest.get("entry")
    if path is None:
        return
    try:
        entry.check(path)
    except BadPath:
        yield Flaw(("entry",), Wrong(seen(path), "a plain path below plugins/, outside plugins/store/"))


def _kinds(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    kind = manifest["kind"]
    for key, kinds in _KEY_OF_KINDS.items():
        if key in manifest and kind not in kinds:
            words = " and ".join(kinds)
            yield Flaw((key,), Wrong(seen(manifest[key]), f"no {key} in kind {kind}: it belongs to {words}"))


def _container(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    if manifest["kind"] == "container" and not {"image", "command"} & manifest.keys():
        yield Flaw(("command",), Wrong("missing", "the image or the command of a container"))


def _source(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    """Hold inline source against its digest; other bytes are held against it when they are there."""
    if "source" in manifest and "sha256" in manifest:
        found = hashlib.sha256(manifest["source"].encode()).hexdigest()
        if manifest["sha256"] != found:
            yield Flaw(("sha256",), Wrong(manifest["sha256"], f"{found}, the digest of source", found))


def _abi(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    abi = manifest.get("abi", {})
    if abi.get("type") in ("json", "extism") and "function" not in abi:
        yield Flaw(("abi", "function"), Wrong("missing", "the export that takes events"))
    if abi.get("type") != "raw":
        return
    if not manifest.get("functions"):
        yield Flaw(("functions",), Wrong("missing", "the functions of a raw module, with WIT signatures"))
    for place, function in enumerate(manifest.get("functions", [])):
        if "signature" not in function:
            allowed = "a WIT signature, which a raw module cannot do without"
            yield Flaw(("functions", place, "signature"), Wrong("missing", allowed))


def _pool(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    pool = manifest.get("pool")
    if pool is None:
        return
    if manifest.get("lifetime") != "pool":
        yield Flaw(("pool",), Wrong("a map", "lifetime: pool beside it", "lifetime: pool"))
    size, most = pool.get("size", 0), pool.get("max_size")
    if most is not None and size > most:
        yield Flaw(("pool", "size"), Wrong(seen(size), f"at most max_size, {most}"))


def _config(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    """Hold the default settings against their own schema."""
    if "config" not in manifest or "config_schema" not in manifest:
        return
    config = manifest["config"]
    schema = params.compile(manifest["config_schema"], root="config_schema")
    for problem in schema.problems(config, root="config")[:MOST]:
        path = steps_of({"config": config}, problem.path)
        missing = problem.path.removeprefix(dotted(path)).removeprefix(".")
        path = (*path, missing) if missing else path
        yield Flaw(path, Wrong(problem.found, problem.allowed, problem.suggestion))


def _ui(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    schemas: dict[str, Any] = {}
    for group in ("buttons", "menus"):
        known: set[str] = set()
        for place, item in enumerate(manifest.get("ui", {}).get(group, [])):
            path = ("ui", group, place)
            if item["id"] in known:
                yield Flaw((*path, "id"), Wrong(seen(item["id"]), _OWN))
            known.add(item["id"])
            schema = item.get("params_schema")
            if schemas.setdefault(item["event"], schema) != schema:
                allowed = f"one and the same schema wherever {item['event']} is sent"
                yield Flaw((*path, "params_schema"), Wrong(seen(schema), allowed))


def _functions(manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    known: set[str] = set()
    for place, function in enumerate(manifest.get("functions", [])):
        if function["name"] in known:
            yield Flaw(("functions", place, "name"), Wrong(seen(function["name"]), _OWN))
        known.add(function["name"])


RULES: tuple[Rule, ...] = (
    Rule(("entry",), _entry),
    Rule(("kind", *_KEY_OF_KINDS), _kinds),
    Rule(("kind", "image", "command"), _container),
    Rule(("source", "sha256"), _source),
    Rule(("abi", "functions"), _abi),
    Rule(("lifetime", "pool"), _pool),
    Rule(("config", "config_schema"), _config),
    Rule(("ui",), _ui),
    Rule(("functions",), _functions),
)
