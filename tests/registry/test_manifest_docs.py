"""The pages on manifests and permissions say what the code says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from neira.permissions.decide import Reason
from neira.permissions.table import TABLE
from neira.permissions.trust import TrustLevel, Unsigned
from neira.registry.form.json_schema import json_schema
from neira.registry.form.schema import Limits, ManifestForm

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_schema_in_the_docs_is_the_one_that_parses() -> None:
    """It is `json_schema()` with an indent of 2 and a newline at the end."""
    assert _page("manifest.schema.json") == json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("key", [*ManifestForm().fields, *Limits().fields])
def test_every_key_is_documented(key: str) -> None:
    """A key of the manifest or of its limits stands in docs/manifest.md."""
    assert f"`{key}`" in _page("manifest.md")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_permission_is_documented(row: object) -> None:
    """With its sentence and its other spellings."""
    page = _page("permissions.md")
    (found,) = (each for each in TABLE if each is row)
    assert f"| `{found.name}" in page
    assert found.docs.en in page
    assert [spelling for spelling in found.spellings if f"`{spelling}`" not in page] == []


def test_every_reason_and_level_is_documented() -> None:
    """Reasons of refusals, trust levels and the values of the setting."""
    page = _page("permissions.md")
    assert [reason for reason in Reason if f"`{reason}`" not in page] == []
    assert [rule for rule in Unsigned if f"`{rule}`" not in page] == []
    assert [level for level in TrustLevel if level not in page] == []
