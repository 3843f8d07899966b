"""The pages on manifests and permissions say what the code says, and their examples can be registered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from neira.permissions.decide import Reason
from neira.permissions.table import TABLE
from neira.permissions.trust import TrustLevel, Unsigned
from neira.registry.form import schema
from neira.registry.form.json_schema import json_schema
from neira.registry.form.schema import ManifestForm
from tests.registry import manifest_cases as cases
from tools import manifest_schema, permission_docs

if TYPE_CHECKING:
    from neira.permissions.table import Row

DOCS = Path(__file__).resolve().parents[2] / "docs"
PARTS = [kind for kind in vars(schema).values() if isinstance(kind, type) and issubclass(kind, schema.Part)]
KEYS = sorted({key for part in PARTS for key in part().fields})


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_schema_in_the_docs_is_the_one_that_parses() -> None:
    """`python -m tools.manifest_schema` writes it."""
    assert _page("manifest.schema.json") == manifest_schema.page()


def test_the_table_of_permissions_is_current() -> None:
    """`python -m tools.permission_docs` writes it."""
    assert _page("permissions.md") == permission_docs.written(_page("permissions.md"))


def test_the_schema_is_json_schema() -> None:
    """It is valid in its own dialect, and each key of each map says what is allowed."""
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("file", cases.good(), ids=lambda file: file.name)
def test_the_schema_accepts_what_the_reader_made(file: Path) -> None:
    """The canonical form of every good manifest validates."""
    validator = Draft202012Validator(json_schema())
    for reading in cases.read(file):
        assert [error.message for error in validator.iter_errors(reading.manifest.canonical)] == []


@pytest.mark.parametrize(
    "canonical",
    [
        {},
        {"id": "a..b", "version": "1.0.0", "kind": "script"},
        {"id": "a.b", "version": "1.0", "kind": "script"},
        {"id": "a.b", "version": "1.0.0", "kind": "docker"},
        {"id": "a.b", "version": "1.0.0", "kind": "script", "titel": "x"},
        {"id": "a.b", "version": "1.0.0", "kind": "script", "limits": {"fuel": "1"}},
        {
            "id": "a.b",
            "version": "1.0.0",
            "kind": "script",
            "ui": {"buttons": [{"id": "x", "event": "a..b"}]},
        },
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(canonical: object) -> None:
    """An editor that knows the schema finds the plain mistakes."""
    assert not Draft202012Validator(json_schema()).is_valid(canonical)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_documented(key: str) -> None:
    """A key of the manifest or of one of its parts stands in docs/manifest.md."""
    assert f"`{key}`" in _page("manifest.md")


@pytest.mark.parametrize("key", ManifestForm().fields)
def test_every_top_key_is_in_the_great_example(key: str) -> None:
    """One good manifest has nearly everything, so that nothing goes unread."""
    elsewhere = {"address", "source", "image", "command"}
    (everything,) = [file for file in cases.good() if file.name == "everything.yaml"]
    assert key in elsewhere or key in cases.read(everything)[0].manifest.canonical


@pytest.mark.parametrize("example", re.findall(r"```(?:yaml|toml)\n.*?```", _page("manifest.md"), re.DOTALL))
def test_every_example_can_be_registered(example: str) -> None:
    """What people copy from the page works."""
    assert cases.read_text(example.partition("\n")[2][:-3], "toml" if example[3] == "t" else "yaml")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_permission_is_documented(row: Row) -> None:
    """With its sentence and its other spellings."""
    page = _page("permissions.md")
    assert f"| `{row.name}" in page
    assert row.docs.en in page
    assert [spelling for spelling in row.spellings if f"`{spelling}`" not in page] == []


def test_every_reason_and_level_is_documented() -> None:
    """Reasons of refusals, trust levels and the values of the setting."""
    page = _page("permissions.md")
    assert [reason for reason in Reason if f"`{reason}`" not in page] == []
    assert [rule for rule in Unsigned if f"`{rule}`" not in page] == []
    assert [level for level in TrustLevel if level not in page] == []
