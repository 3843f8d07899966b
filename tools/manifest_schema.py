"""Write docs/manifest.schema.json from the form that parses manifests: `python -m tools.manifest_schema`."""

from __future__ import annotations

import json
from pathlib import Path

from neira.registry.form.json_schema import json_schema

PAGE = Path(__file__).resolve().parent.parent / "docs" / "manifest.schema.json"


def page() -> str:
    """Make the whole file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
