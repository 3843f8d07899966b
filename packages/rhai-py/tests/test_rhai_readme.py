"""What the documentation says is so: examples run, tables match the code, links lead somewhere."""

from __future__ import annotations

import contextlib
import dataclasses
import doctest
import importlib
import io
import pkgutil
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import rhai
from rhai import faults
from rhai.cli import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *(DOCS / f"{name}.md" for name in ("limits", "values"))]
OURS = [ROOT / "README.md", ROOT / "CHANGELOG.md"]
OURS += [DOCS / f"{name}.md" for name in ("README", "api", "errors", "limits", "values", "cli")]
MODULES = sorted(
    each.name for each in pkgutil.walk_packages(rhai.__path__, "rhai.") if each.name != "rhai.__main__"
)


@pytest.mark.parametrize("name", ["rhai", *MODULES])
def test_examples_in_docstrings_are_so(name: str) -> None:
    """Each docstring's example gives what it shows."""
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_the_public_names_have_examples() -> None:
    """Those that people call first show how."""
    engine, script = rhai.Engine, rhai.Script
    shown = (engine, engine.eval, engine.compile, engine.register, engine.function, engine.session)
    for member in (*shown, script.call, script.run, script.call_json, rhai.Session, rhai.Limits):
        assert ">>>" in str(member.__doc__)


def blocks(page: Path, language: str) -> list[str]:
    """Give the fenced blocks of one language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_in_pages_print_what_they_say(page: Path) -> None:
    """Blocks run in order; `print(…)  # text` prints that text."""
    names: dict[str, Any] = {}
    for block in blocks(page, "python"):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(block, str(page), "exec"), names)
        promised = re.findall(r"^ *print\(.*\)  # (.*)$", block, re.MULTILINE)
        assert said.getvalue().splitlines() == promised


def test_examples_of_the_command_line_are_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each `$ python -m rhai …` prints what is shown below it."""
    monkeypatch.chdir(tmp_path)
    page = DOCS / "cli.md"
    Path("greet.rhai").write_text(blocks(page, "rhai")[0], encoding="utf-8")
    commands = re.findall(
        r"^\$ python -m rhai (.*)\n((?:(?!\$).*\n)*)", "\n".join(blocks(page, "console")), re.MULTILINE
    )
    assert len(commands) == 3
    for words, output in commands:
        assert main(shlex.split(words)) == 0
        assert capsys.readouterr().out.strip() == output.strip()


def first_column(page: str) -> dict[str, str]:
    """Give the rows of a page's tables that begin with a word in backticks, each with its second cell."""
    rows = re.findall(
        r"^\| `([\w…]+)` \| ([^|]+) \|", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: second.strip() for name, second in rows}


def test_every_limit_is_documented_with_its_default() -> None:
    """The tables and the class have the same names and the same numbers."""
    written = {name: float(default.replace(",", "")) for name, default in first_column("limits.md").items()}
    assert written == {name: float(value) for name, value in dataclasses.asdict(rhai.Limits()).items()}


def test_every_error_code_is_documented() -> None:
    """Each kind of fault that the package makes is in the table, and no other."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "rhai").glob("*.py"))
    kinds = set(re.findall(r'\b(?:Fault|Story)\(\s*"(\w+)"', text))
    guest = ROOT / "guest" / "src" / "faults.rs"
    if guest.exists():
        kinds |= set(re.findall(r'=> \("(\w+)", ', guest.read_text(encoding="utf-8")))
    else:
        kinds |= {"runtime", "thrown"}
    rows = first_column("errors.md")
    codes = {name for name in rows if rows[name].strip("`") in vars(rhai)}
    assert codes == {"limit_…" if kind == "limit" else kind for kind in kinds}


def test_every_limit_that_can_end_a_run_is_documented() -> None:
    """`LimitError.limit` is a name from `Limits`, or the stack."""
    named = {limit for limit, _ in faults._STOPPED.values()}
    assert named <= {field.name for field in dataclasses.fields(rhai.Limits)} | {"stack"}
    assert "`stack`" in (DOCS / "limits.md").read_text(encoding="utf-8")


def test_every_public_name_is_in_the_reference() -> None:
    """What the package exports stands in the API or among the errors."""
    text = (DOCS / "api.md").read_text(encoding="utf-8") + (DOCS / "errors.md").read_text(encoding="utf-8")
    missing = {name for name in rhai.__all__ if not re.search(rf"\b{name}\b", text)}
    assert missing == set()
    for kind in (rhai.Engine, rhai.Script, rhai.Session):
        members = {name for name in vars(kind) if not name.startswith("_")} - {"about"}
        assert {name for name in members if not re.search(rf"`@?{name}\b", text)} == set()


@pytest.mark.parametrize("page", OURS, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links name files that exist, and headings within them."""
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = target.partition("#")
        file = page.parent / path
        assert file.exists(), target
        if heading:
            assert re.search(
                rf"^#+ {heading}$", file.read_text(encoding="utf-8"), re.MULTILINE | re.IGNORECASE
            )
