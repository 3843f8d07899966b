"""Manifest text in its three syntaxes: what was written comes out, traps are refused with their line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.input import BadJson, BadManifestText, BadToml, BadYaml, BodyTooLarge
from neira.parse.document import PlainText, read
from neira.parse.plain import typed
from neira.parse.yaml_events import load, require_libyaml

PENCIL = """\
id: ui.pencil
version: 0.1.0
kind: script
entry: plugins/scripts/ui_pencil.rhai
permissions:
  scopes: [write]      # требуется для сохранения аннотаций
ui:
  buttons:
    - id: pencil
      title: Карандаш
      icon: pencil
      event: ui.pencil.draw
      params_schema: { color: string?, size: int? }
"""
HEAVY = """\
id: tool.some_heavy
version: 0.1.0
kind: wasm
entry: plugins/wasm/some_heavy.wasm
permissions:
  scopes: [read]
abi:
  function: handle(input_json) -> output_json
"""


def test_a_script_manifest_is_read_with_its_lines() -> None:
    """Short forms in braces, Cyrillic and comments are read; each part knows its line."""
    document = read(PENCIL.encode())
    assert isinstance(document.value, dict)
    assert document.value["ui"] == {
        "buttons": [
            {
                "id": "pencil",
                "title": "Карандаш",
                "icon": "pencil",
                "event": "ui.pencil.draw",
                "params_schema": {"color": "string?", "size": "int?"},
            }
        ]
    }
    assert document.line_of(("permissions", "scopes", 0)) == 6
    assert document.line_of(("ui", "buttons", 0, "title")) == 10
    assert document.line_of(("nowhere",)) is None


def test_a_module_manifest_is_read() -> None:
    """An arrow in a scalar is text."""
    value = read(HEAVY.encode()).value
    assert isinstance(value, dict)
    assert value["abi"] == {"function": "handle(input_json) -> output_json"}


@pytest.mark.parametrize(
    "written",
    [
        "1.10",
        "1e3",
        "on",
        "no",
        "010",
        "1:30",
        "0x10",
        "1_000",
        "2024-13-45",
        "~",
        "null",
        "9" * 5_000,
        ".inf",
    ],
)
def test_scalars_stay_as_written(written: str) -> None:
    """No resolver runs: a version keeps its zero, `no` is no truth value."""
    value = read(f"v: {written}\n".encode()).value
    assert value == {"v": written}
    assert isinstance(value, dict)
    assert isinstance(value["v"], PlainText)


def test_lists_of_odd_scalars_and_odd_keys_stay_text() -> None:
    """Neither sexagesimal numbers nor the key `yes` are anything but text."""
    assert read(b"permissions: [12:30:45]\nyes: x\n").value == {"permissions": ["12:30:45"], "yes": "x"}


def test_quotes_are_remembered() -> None:
    """A quoted scalar is plain `str`, an unquoted one may be typed later, an empty one is None."""
    value = read(b"a: '1'\nb: 1\nc:\nd: ''\ne: |\n  x\n").value
    assert value == {"a": "1", "b": "1", "c": None, "d": "", "e": "x\n"}
    assert typed(value) == {"a": "1", "b": 1, "c": None, "d": "", "e": "x\n"}


@pytest.mark.parametrize(
    ("written", "value"),
    [("true", True), ("null", None), ("-1.5e3", -1500.0), ("010", "010"), ("no", "no"), ("1e999", "1e999")],
)
def test_plain_scalars_are_typed_as_json_on_demand(written: str, value: object) -> None:
    """Where JSON is meant, only what JSON knows changes."""
    assert typed(PlainText(written)) == value


REFUSED_YAML = {
    "anchor": (b"a: &x b", 1),
    "alias": (b"a: b\nc: *x", 2),
    "alias-loop": (b"a: &a [*a]", 1),
    "merge": (b"x: 1\n<<: {permissions: [process:kill]}", 2),
    "tag": (b"a: !!binary aGk=", 1),
    "set": (b"a: !!set {x}", 1),
    "bare-tag": (b"a: ! x", 1),
    "two-documents": (b"a: b\n---\nc: d", 2),
    "yaml-directive": (b"%YAML 1.2\n---\na: b", 1),
    "tag-directive": (b"# x\n%TAG ! tag:x,2000:\n---\na: b", 2),
    "late-directives": (b"a: b\n...\n" + b"%TAG !a! b\n" * 20_000, 3),
    "duplicate": (b"a: 1\nb: 2\na: 3", 3),
    "duplicate-quoted": (b"{a: 1, 'a': 2}", 1),
    "list-as-key": (b"? [a]\n: b", 1),
    "map-as-key": (b"{a: b}: c", 1),
    "missing-key": (b"? \n: b", 1),
    "tab": (b"a:\n\tb: c", 2),
    "mark-in-front": (b"\xef\xbb\xbfa: b", 1),
    "mark-in-the-middle": (b"a: b\nc: \xef\xbb\xbfd", 2),
    "surrogate": (b'a: "\\ud800"', 1),
    "raw-surrogate": (b"a: b\nc: \xed\xa0\x80", 2),
    "utf-16": ("a: b\n".encode("utf-16"), 1),
    "utf-16-without-mark": ("a: b\n".encode("utf-16-le"), 1),
    "zero-in-key": (b'"a\\0": b', 1),
    "control": (b"a: \x01", None),
    "brackets": (b"[" * 100_000, 1),
    "depth-65": (b"[" * 65 + b"]" * 65, 1),
    "dashes": (b"- " * 1_000 + b"a", 1),
    "many-parts": (b"- a\n" * 20_001, 20_000),
    "empty": (b"", 1),
    "only-comments": (b"# nothing\n", 1),
    "broken": (b"a: [b\n", 2),
}


@pytest.mark.parametrize(("raw", "line"), REFUSED_YAML.values(), ids=REFUSED_YAML.keys())
def test_yaml_machinery_is_refused_with_its_line(raw: bytes, line: int | None) -> None:
    """One error class for all of it, and the line to look at."""
    with pytest.raises(BadYaml) as refused:
        read(raw, syntax="yaml")
    assert refused.value.line == line


def test_sixty_four_levels_are_read() -> None:
    """The documented depth is allowed."""
    assert load(b"[" * 64 + b"]" * 64).value is not None


def test_libyaml_is_there() -> None:
    """The start-up check passes in a sound installation."""
    require_libyaml()


@given(st.binary(max_size=60) | st.text("ab:-[]{},'\"\n #&*!|>%?<~.0\t", max_size=60).map(str.encode))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_document_or_refused(raw: bytes) -> None:
    """No exception of the YAML library gets out."""
    try:
        document = read(raw, syntax="yaml")
    except BadYaml:
        return
    assert document.line_of(()) is not None


@pytest.mark.parametrize(
    "raw",
    [
        b"a = 1979-05-27",
        b"a = 07:32:00",
        b"a = inf",
        b"a = nan",
        b"a = 1e400",
        b"a = 9223372036854775808",
        b"a = " + b"9" * 5_000,
        b"a = " + b"[" * 3_000 + b"]" * 3_000,
        b"a = " + b"[" * 64 + b"]" * 64,
        b"a = " + b"{b=" * 200 + b"1" + b"}" * 200,
        b".".join([b"a"] * 200_000) + b" = 1",
        b".".join([b'"a"'] * 66) + b" = 1",
        b"a = 1\na = 2",
        b"\xef\xbb\xbfa = 1",
        b"a = '\xff'",
        b'a = "\\ud800"',
        b'"a\\u0000" = 1',
        b"a = [" + b"1," * 20_001 + b"]",
        b"[a",
    ],
)
def test_toml_traps_are_refused(raw: bytes) -> None:
    """Dates, numbers that JSON has not, depth and length end in the one error."""
    with pytest.raises(BadToml):
        read(raw, syntax="toml")


def test_toml_is_read() -> None:
    """Tables, lists and values come out as JSON values."""
    raw = b'id = "x"\nsize = 3\n[capabilities]\nlist = [{FileSystemRead = "/path"}, true, 0.5]\n'
    assert read(raw, syntax="toml").value == {
        "id": "x",
        "size": 3,
        "capabilities": {"list": [{"FileSystemRead": "/path"}, True, 0.5]},
    }


def test_a_toml_flaw_names_its_line() -> None:
    """The reader's own position is kept."""
    with pytest.raises(BadToml) as refused:
        read(b"a = 1\nb = ]", syntax="toml")
    assert refused.value.line == 2


def test_a_brace_begins_json() -> None:
    """Strict JSON rules hold for JSON manifests, and their parts know their lines."""
    document = read(b' {"a": 1,\n "b": [1,\n  {"c": true}]}')
    assert document.value == {"a": 1, "b": [1, {"c": True}]}
    assert [document.line_of(path) for path in [(), ("a",), ("b", 1), ("b", 1, "c"), ("z",)]] == [
        1,
        1,
        3,
        3,
        None,
    ]
    with pytest.raises(BadJson):
        read(b'{"a": 1, "a": 2}')


@given(st.dictionaries(st.text(max_size=5), st.lists(st.integers() | st.text(max_size=5)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_part_of_a_json_document_has_a_line(value: dict[str, list[int | str]]) -> None:
    """Whatever the keys hold, quotes and brackets included, each path is found on its line."""
    lines = ["{"]
    expected: dict[tuple[str | int, ...], int] = {(): 1}
    for key, parts in value.items():
        lines.append(f"{json.dumps(key)}: [")
        expected[(key,)] = len(lines)
        for at, part in enumerate(parts):
            lines.append(json.dumps(part) + ("," if at < len(parts) - 1 else ""))
            expected[(key, at)] = len(lines)
        lines.append("],")
    text = "\n".join([*lines[:-1], lines[-1].rstrip(",") if value else "{", "}"])
    try:
        document = read(text.encode(), syntax="json")
    except BadJson:  # integers of more than 64 bits, U+0000 in keys, no entries at all
        return
    assert {path: document.line_of(path) for path in expected} == expected


def test_a_manifest_over_the_limit_is_not_read() -> None:
    """The size is checked before the text."""
    with pytest.raises(BodyTooLarge):
        read(b"a: " + b"b" * 100, limit=50)


def test_yaml_and_toml_errors_share_a_code() -> None:
    """A client tells by one code that the text was at fault."""
    assert BadYaml.code == BadToml.code == BadManifestText.code == "bad_manifest_text"
