"""Manifests as people write them: ours and our neighbours', and every mistake at once."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.input import InvalidManifest
from neira.model import Digest
from neira.parse import strict_json
from neira.registry import rules
from neira.registry.manifest import Manifest
from tests.registry import manifest_cases as cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.model import JsonObject, Problem
    from neira.registry.reading import Reading

SMALL = "id: a.b\nversion: 1.0.0\nkind: script\n"
WASM = "id: a.b\nversion: 1.0.0\nkind: wasm\n"
SHA = hashlib.sha256(b"(module)").hexdigest()


def _problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidManifest) as refused:
        cases.read_text(text)
    return refused.value.problems


def _again(canonical: Any) -> Reading:
    (reading,) = cases.read_text(strict_json.dumps(canonical), "json")
    return reading


@pytest.mark.parametrize("file", cases.good(), ids=lambda file: file.name)
def test_a_good_manifest_is_read_as_expected(file: Path) -> None:
    """Every key in its canonical form, every plugin of an index, every note for the author."""
    found = [
        {"manifest": reading.manifest.canonical, "notes": list(reading.notes)} for reading in cases.read(file)
    ]
    assert found == cases.expected(file)


@pytest.mark.parametrize("file", cases.refused(), ids=lambda file: file.name)
def test_a_refusal_names_every_mistake_at_once(file: Path) -> None:
    """Each with line, path, what was found, what is allowed, and what was perhaps meant."""
    with pytest.raises(InvalidManifest) as refused:
        cases.read(file)
    found, wanted = refused.value.problems, cases.expected(file)
    assert [(each.line, each.path, each.found, each.suggestion) for each in found] == [
        (each["line"], each["path"], each["found"], each.get("suggestion")) for each in wanted
    ]
    assert [
        each.path for each, case in zip(found, wanted, strict=True) if case["allowed"] not in each.allowed
    ] == []


def test_three_syntaxes_say_the_same() -> None:
    """YAML, JSON and TOML of one manifest have one digest, whatever the order of the keys."""
    files = [file for file in cases.good() if file.stem == "everything"]
    assert len(files) == 3
    assert len({reading.digest for file in files for reading in cases.read(file)}) == 1


@pytest.mark.parametrize("file", cases.good(), ids=lambda file: file.name)
def test_the_canonical_form_is_a_fixed_point(file: Path) -> None:
    """Read again, it gives itself, the same digest, and nothing to tell."""
    for reading in cases.read(file):
        again = _again(reading.manifest.canonical)
        assert again.manifest.canonical == reading.manifest.canonical
        assert (again.digest, again.notes) == (reading.digest, ())


@pytest.mark.parametrize("file", cases.good(), ids=lambda file: file.name)
def test_what_was_read_can_be_asked(file: Path) -> None:
    """Whatever the form lets through, the manifest can compile and show later."""
    for reading in cases.read(file):
        manifest = Manifest(reading.manifest.canonical)
        manifest.check_config(cast("JsonObject", reading.manifest.canonical.get("config", {})))
        assert "events" in manifest.canonical or manifest.events == tuple(manifest.ui_events)
        assert manifest.ui_view()["title"]


def test_a_signature_is_no_part_of_the_digest() -> None:
    """What is signed cannot hold its own signature; everything else counts."""
    plain = cases.read_text(SMALL)[0]
    signed = cases.read_text(SMALL + "signature: {key: 0123456789abcdef, value: c2ln}\n")[0]
    other = cases.read_text(SMALL + "title: A\n")[0]
    assert plain.digest == signed.digest != other.digest


def test_scalars_stay_the_text_that_was_written() -> None:
    """`on` is a fine id and `no` a fine title; neither is ever a truth."""
    (reading,) = cases.read_text(
        "id: on\nversion: 1.10.0\nkind: script\ntitle: no\nauthor: 1e3\nlicense: 0x10\n"
    )
    assert reading.manifest.canonical == {
        "id": "on", "version": "1.10.0", "kind": "script", "title": "no", "author": "1e3", "license": "0x10",
    }  # fmt: skip


def test_config_has_the_types_of_json() -> None:
    """Plain scalars are what JSON would read, quoted ones are text, and YAML's own inventions stay words."""
    text = SMALL + 'config: {a: 30, b: 1.5, c: true, d: "30", e: no, f: 010, g: 1_000, h: null}\n'
    (reading,) = cases.read_text(text)
    assert reading.manifest.canonical["config"] == {
        "a": 30, "b": 1.5, "c": True, "d": "30", "e": "no", "f": "010", "g": "1_000", "h": None,
    }  # fmt: skip


def test_a_permission_counts_once() -> None:
    """Two spellings of one power are one request, in the canonical spelling."""
    (reading,) = cases.read_text(SMALL + "permissions: [ReadSystemInfo, system:read, NetworkAccess]\n")
    assert reading.manifest.permissions == ("system:read", "http:outbound")


@pytest.mark.parametrize("event", ["a.b", "a.b.c", "a.b:c", "a.b.*", "notes.saved", "notes.*", "notes.old.*"])
def test_one_s_own_events_and_asked_ones_are_heard(event: str) -> None:
    """The id itself, what begins with it and a dot or colon, and what `events:subscribe` covers."""
    text = f'{SMALL}permissions: ["events:subscribe:notes.*"]\nevents: ["{event}"]\n'
    assert cases.read_text(text)[0].manifest.events == (event,)


@pytest.mark.parametrize("event", ["a.bc", "a", "a.*", "*", "notes", "notes2.saved", "mail.sent"])
def test_other_events_need_to_be_asked_for(event: str) -> None:
    """The answer says which permission is missing."""
    text = f'{SMALL}permissions: ["events:subscribe:notes.*"]\nevents: ["{event}"]\n'
    (problem,) = _problems(text)
    assert (problem.path, problem.suggestion) == ("events[0]", f"events:subscribe:{event}")


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("script", "abi", "{type: wasi}"),
        ("component", "abi", "{function: handle}"),
        ("script", "imports", "[wasi:cli]"),
        ("script", "wasi", "{cwd: /}"),
        ("script", "transport", "payload"),
        ("wasm", "image", "x"),
        ("script", "command", "[x]"),
        ("container", "functions", "[{name: f}]"),
    ],
)
def test_a_key_belongs_to_its_kinds(kind: str, key: str, value: str) -> None:
    """What an engine has no use for is a mistake, not a decoration."""
    more = "" if kind != "container" else "image: x\n"
    found = _problems(f"id: a.b\nversion: 1.0.0\nkind: {kind}\n{more}{key}: {value}\n")
    assert [problem.path for problem in found] == [key]


def test_a_wasi_command_is_told_that_its_function_has_no_effect() -> None:
    """The key is read, and the author is told."""
    (reading,) = cases.read_text(WASM + "abi: {type: wasi, function: handle}\n")
    assert any("abi.function" in note for note in reading.notes)


def test_a_raw_module_brings_its_signatures() -> None:
    """Without them nobody could call it."""
    assert [each.path for each in _problems(WASM + "abi: {type: raw}\n")] == ["functions"]
    assert cases.read_text(WASM + 'abi: {type: raw}\nfunctions: [{name: f, signature: "func() -> s32"}]\n')


@pytest.mark.parametrize("signature", ["s32", "func", "function()", "func() s32", "func(\n)->"])
def test_a_signature_looks_like_wit(signature: str) -> None:
    """The engine reads it closely; what is plainly none is refused here."""
    found = _problems(f"{WASM}functions: [{{name: f, signature: {json.dumps(signature)}}}]\n")
    assert [each.path for each in found] == ["functions[0].signature"]


def test_inline_source_is_held_against_its_digest() -> None:
    """`sha256` beside `source` is checked with the manifest alone."""
    assert cases.read_text(f"{WASM}source: (module)\nsha256: {SHA}\n")
    (problem,) = _problems(f"{WASM}source: (module )\nsha256: {SHA}\n")
    assert problem.path == "sha256"


def test_bytes_are_held_against_the_stated_digest() -> None:
    """Whoever has the bytes asks; a manifest that states nothing agrees with all of them."""
    rules.check_sha256({}, Digest(SHA))
    rules.check_sha256({"sha256": SHA}, Digest(SHA))
    with pytest.raises(InvalidManifest) as refused:
        rules.check_sha256({"sha256": "0" * 64}, Digest(SHA))
    assert refused.value.problems[0].path == "sha256"


def test_a_flood_of_mistakes_is_cut_short() -> None:
    """Five thousand unknown keys cost no more than the few that are worded."""
    found = _problems(SMALL + "".join(f"key{number}: x\n" for number in range(5_000)))
    assert len(found) == 50
    assert found[0].line == 4
    assert len(_problems("".join(f"a{number}: x\n" for number in range(5_000)))) == 50


@pytest.mark.parametrize("version", ["1", "1.0", "1.0.0", "0.3"])
def test_an_index_completes_its_version(version: str) -> None:
    """`1` and `1.0` become SemVer, for each of its plugins."""
    text = (
        f'version: "{version}"\nnamespace: a\nentries: [{{name: f, kind: function.wat, source: (module)}}]\n'
    )
    (reading,) = cases.read_text(text)
    assert reading.manifest.version == version + ".0" * (2 - version.count("."))
    assert (reading.manifest.id, reading.manifest.canonical["address"]) == ("a.f", "a:f")


def test_a_long_signature_is_read_in_a_moment() -> None:
    """A line of spaces is no trap for the pattern that reads signatures."""
    entry = {"name": "f", "kind": "function.wat", "source": "x", "wit": "f: func" + " " * 900_000 + "x;y"}
    with pytest.raises(InvalidManifest):
        cases.read_text(strict_json.dumps({"version": "1.0", "namespace": "a", "entries": [entry]}), "json")


def test_an_index_is_bounded() -> None:
    """Too many entries are one mistake, whatever else is wrong with them."""
    entries = [{"name": f"f{number}", "kind": "x"} for number in range(5_000)]
    text = strict_json.dumps({"version": "1.0", "namespace": "a", "entries": entries})
    with pytest.raises(InvalidManifest) as refused:
        cases.read_text(text, "json")
    assert refused.value.problems[0].path == "entries"


def test_an_index_without_anything_to_run_is_refused() -> None:
    """Folders alone are no plugins; a missing namespace is named."""
    found = _problems('version: "1.0"\nentries: [{name: f, kind: fs.directory, directory: ./x}]\n')
    assert {each.path for each in found} == {"namespace", "entries"}


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from _places(part, (*path, key))


WHOLE: list[Any] = [
    json.loads(file.read_text(encoding="utf-8")) for file in cases.good() if file.suffix == ".json"
]
FOREIGN: list[Any] = [
    {
        "version": "1.0", "namespace": "a",
        "entries": [
            {"name": "d", "kind": "fs.directory", "directory": "./x"},
            {
                "name": "f", "kind": "process.wasm", "fs": "a:d", "path": "f.wasm", "hash": f"sha256:{SHA}",
                "wit": "f: func()", "method": "f", "meta": {"command": {"name": "f"}},
                "pool": {"type": "lazy"}, "limits": {"max_execution_ms": 1}, "imports": ["wasi:cli"],
            },
        ],
    },
    {
        "name": "a", "version": "1.0.0", "type": "wasm", "runtime": "wasmedge", "wasm_file": "a.wasm",
        "capabilities": ["NetworkAccess", {"FileSystemRead": ["/a"]}], "min_ruvector_version": "0.1.0",
        "config_schema": "{}",
    },
    {"id": "a", "version": "1.0.0", "kind": "process", "command": ["x"], "permissions": {"scopes": ["read"]}},
    {
        "plugins": {
            "enabled": True, "max_memory_mb": 64, "max_tick_ms": 10,
            "installed": {"a": {"version": "1.0.0", "wasm_file": "a.wasm", "tick": {"every_ms": 100}}},
        }
    },
]  # fmt: skip
SPOTS = [(doc, path) for doc in (*WHOLE, *FOREIGN) for path in _places(doc) if path]
STRANGE = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "x", "_schema", "a..b", "*", "1.0", "wasm | docker", "[int] 1..2", "a" * 3000]),
    st.just([]), st.just({}), st.lists(st.just({"x": ["y"]}), min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["_schema", "id", "type", "", "a.b"]), st.just([1]), max_size=2),
)  # fmt: skip


@given(st.sampled_from(SPOTS), STRANGE)
@settings(max_examples=100)
def test_anything_anywhere_is_read_or_refused(spot: tuple[Any, tuple[Any, ...]], strange: Any) -> None:
    """One strange value in a good manifest of any dialect: no other failure, and a path for each mistake."""
    original, (*way, last) = spot
    document = deepcopy(original)
    here = document
    for step in way:
        here = here[step]
    here[last] = strange
    try:
        readings = cases.read_text(strict_json.dumps(document), "json")
    except InvalidManifest as refused:
        assert all(problem.path and problem.line for problem in refused.problems)  # noqa: PT017 - one of two fine ends
        return
    for reading in readings:
        assert _again(reading.manifest.canonical).digest == reading.digest


@given(st.lists(st.sampled_from(sorted(WHOLE[0].keys() - {"id", "version", "kind"})), unique=True))
@settings(max_examples=100)
def test_any_choice_of_keys_is_a_fixed_point(left_out: list[str]) -> None:
    """A manifest is what its author wrote: nothing is filled in, whichever keys are there."""
    some = {key: part for key, part in WHOLE[0].items() if key not in left_out}
    try:
        reading = _again(some)
    except InvalidManifest:
        return
    assert reading.manifest.canonical == some
