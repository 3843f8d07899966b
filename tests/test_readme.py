"""The pages a newcomer reads: equal commands in both languages, real targets, links that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.ru.md")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def read(page: str) -> str:
    """Read a page of the repo."""
    return (ROOT / page).read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """List the commands of every sh block, continuation lines joined, comments dropped."""
    lines = "\n".join(BLOCK.findall(text)).replace("\\\n", "").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip() and not line.startswith("#")]


def unknown_targets(text: str, makefile: str) -> set[str]:
    """Name the `make X` of a page that the Makefile does not have."""
    named = set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join(CODE.findall(text))))
    return named - set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def dead_links(text: str, page: Path) -> list[str]:
    """List the links of a page that lead to no file or to no heading."""
    return [link for link in LINK.findall(CODE.sub("", text)) if "://" not in link and not _leads(link, page)]


def _leads(link: str, page: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return False
    return not anchor or anchor in {_anchor(title) for title in HEADING.findall(target.read_text("utf-8"))}


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def pages() -> list[str]:
    """List the pages that people write."""
    return sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_both_languages_give_the_same_commands() -> None:
    """A reader of either page types the same things in the same order."""
    english, russian = (commands(read(page)) for page in READMES)
    assert english == russian
    assert english


def test_both_languages_have_the_same_table() -> None:
    """No wish is forgotten in one of the two."""
    english, russian = (read(page).count("\n|") for page in READMES)
    assert english == russian


@pytest.mark.parametrize("page", pages())
def test_every_named_target_exists(page: str) -> None:
    """Each `make X` on a page can be typed."""
    assert unknown_targets(read(page), read("Makefile")) == set()


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    """Links into the repo name files and headings that exist."""
    assert dead_links(read(page), ROOT / page) == []


def test_every_target_is_explained() -> None:
    """Whatever can be made is in the README."""
    targets = set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE)) - {"help"}
    assert {target for target in targets if f"`make {target}`" not in read("README.md")} == set()


def test_the_map_of_the_docs_is_complete() -> None:
    """Each page below docs/ is on a map: that of its own folder, or the one at the top."""
    lost = [
        page for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md" and not _on_a_map(page)
    ]
    assert lost == []


def _on_a_map(page: Path) -> bool:
    maps = (page.parent / "README.md", ROOT / "docs" / "README.md")
    map_of_it = next(path for path in maps if path.is_file())
    return f"({page.relative_to(map_of_it.parent)}" in map_of_it.read_text(encoding="utf-8")


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """The checks can fail: another command, an unknown target, a dead link, a dead anchor."""
    page = tmp_path / "page.md"
    page.write_text("# One title\n", encoding="utf-8")
    assert commands("```sh\n# why\nmake demo\ncurl a \\\n  b\n```\n") == ["make demo", "curl a b"]
    assert unknown_targets("run `make coffee` or make tea", "demo: setup\n") == {"coffee"}
    assert dead_links("[a](gone.md) [b](page.md) [c](page.md#one-title) [d](#two)", page) == [
        "gone.md",
        "#two",
    ]
