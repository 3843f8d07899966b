"""What plugins saved, over HTTP: one session, a search through all of them, an export."""

from __future__ import annotations

import json
from typing import Any

import pytest

from neira.model import Scope
from tests.web.face.web_worlds import API, World

SEARCH, EXPORT = f"{API}/context/search", f"{API}/context/export"


@pytest.fixture
def filled(world: World) -> World:
    """Save items of two chats, two plugins and both types, between lines that are none."""
    saved: dict[str, list[dict[str, Any]]] = {
        "c1/s1.annotations": [{"plugin": "ui.pencil", "text": "Заметка <b>первая</b>"}],
        "c1/s1.messages": [{"plugin": "acme.x", "text": "a Note"}, {"plugin": "ui.pencil", "text": "# note"}],
        "c2/s2.messages": [{"plugin": "acme.x", "text": "ещё одна заметка"}, {"text": "of nobody"}],
    }
    for name, items in saved.items():
        file = world.kernel.home.context / f"{name}.ndjson"
        file.parent.mkdir(exist_ok=True)
        lines = "".join(json.dumps(item) + "\n" for item in items)
        file.write_text(f'not json\n{lines}{{"torn', encoding="utf-8")
    return world


def texts(answer: Any) -> list[str]:
    """Take the texts of a page."""
    assert answer.status_code == 200
    return [item["text"] for item in answer.json["items"]]


def test_what_plugins_saved_is_read_by_session(world: World) -> None:
    """Nothing at all is an empty list; types and words filter; a broken line is passed over."""
    path = f"{API}/context/c1/s1"
    assert world.ask("GET", path).json == {"items": [], "next": None}
    folder = world.kernel.home.context / "c1"
    folder.mkdir()
    saved: list[dict[str, Any]] = [
        {"plugin": "ui.pencil", "text": "A <b>Line</b>"},
        {"plugin": "acme.x", "text": "dot"},
    ]
    lines = "".join(json.dumps(item) + "\n" for item in saved)
    (folder / "s1.annotations.ndjson").write_text(lines + '{"torn', encoding="utf-8")
    (folder / "s1.messages.ndjson").write_text('{"text": "hello"}\n', encoding="utf-8")
    assert len(world.ask("GET", path).json["items"]) == 3
    assert [item["text"] for item in world.ask("GET", f"{path}?q=LINE").json["items"]] == ["A <b>Line</b>"]
    assert [item["type"] for item in world.ask("GET", f"{path}?type=message").json["items"]] == ["message"]
    assert world.ask("GET", f"{path}?type=sketch").status_code == 400
    page = world.ask("GET", f"{path}?limit=1").json
    assert len(world.ask("GET", f"{path}?limit=5&cursor={page['next']}").json["items"]) == 2
    acme = world.token(Scope.READ, namespace="acme")
    assert [item["text"] for item in world.ask("GET", path, by=acme).json["items"]] == ["dot"]


def test_a_linked_folder_is_not_followed(world: World) -> None:
    """A link out of the home leads nowhere."""
    outside = world.kernel.home.root.parent / "outside"
    outside.mkdir()
    (outside / "s1.messages.ndjson").write_text('{"text": "secret"}\n', encoding="utf-8")
    (world.kernel.home.context / "c1").symlink_to(outside)
    answer = world.ask("GET", f"{API}/context/c1/s1")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_entry")
    assert "outside" not in answer.text


def test_a_search_goes_through_all_sessions(filled: World) -> None:
    """An item says where it stands; capital letters do not count; what is no item is counted."""
    found = filled.ask("GET", SEARCH, query_string={"q": "ЗАМЕТКА"}, by=Scope.READ)
    assert texts(found) == ["Заметка <b>первая</b>", "ещё одна заметка"]
    places = [(item["chat_id"], item["session_id"], item["type"]) for item in found.json["items"]]
    assert places == [("c1", "s1", "annotation"), ("c2", "s2", "message")]
    assert (found.json["next"], found.json["skipped"]) == (None, 6)
    assert texts(filled.ask("GET", f"{SEARCH}?q=NOTE&type=message&chat_id=c1")) == ["a Note", "# note"]
    assert texts(filled.ask("GET", f"{SEARCH}?q=note&chat_id=c2")) == []
    assert len(texts(filled.ask("GET", SEARCH))) == 5


def test_a_search_comes_in_pages(filled: World) -> None:
    """One after the other they hold what one page would."""
    whole = texts(filled.ask("GET", SEARCH))
    pages: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = filled.ask("GET", SEARCH, query_string=query)
        pages += texts(page)
        if page.json["next"] is None:
            break
        query["cursor"] = page.json["next"]
    assert pages == whole


@pytest.mark.parametrize(
    ("query", "code"),
    [("type=sketch", "invalid_query"), ("chat_id=..", "bad_id"), ("chat_id=", "bad_id"),
     ("cursor=eA", "bad_cursor"), ("cursor=a2E", "bad_cursor"), ("limit=0", "invalid_query"),
     ("session_id=s1", "invalid_query")],
)  # fmt: skip
def test_a_search_for_what_cannot_be_is_refused(refusing: World, query: str, code: str) -> None:
    """Before any file is opened."""
    answer = refusing.ask("GET", f"{SEARCH}?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, code)


def test_a_linked_folder_does_not_stop_a_search(filled: World) -> None:
    """It is passed over and counted, and nothing behind it is shown."""
    outside = filled.kernel.home.root.parent / "outside"
    outside.mkdir()
    (outside / "s1.messages.ndjson").write_text('{"text": "secret"}\n', encoding="utf-8")
    (filled.kernel.home.context / "a").symlink_to(outside)
    for path in (SEARCH, EXPORT, f"{EXPORT}?format=md"):
        answer = filled.ask("GET", path)
        assert answer.status_code == 200
        assert "secret" not in answer.text
        assert "a Note" in answer.text
    assert filled.ask("GET", SEARCH).json["skipped"] == 7


def test_an_export_has_every_item_as_a_line(filled: World) -> None:
    """Of all, of a chat, of a session; the lines are those that a search shows."""
    answer = filled.ask("GET", EXPORT, by=Scope.READ)
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    assert [json.loads(line) for line in answer.data.splitlines()] == filled.ask("GET", SEARCH).json["items"]
    assert len(filled.ask("GET", f"{EXPORT}?format=ndjson&chat_id=c2").data.splitlines()) == 2
    assert len(filled.ask("GET", f"{EXPORT}?session_id=s1").data.splitlines()) == 3
    assert filled.ask("GET", f"{EXPORT}?chat_id=c2&session_id=s1").data == b""


def test_an_export_in_markdown_is_escaped(filled: World) -> None:
    """Headings are ours; text is text."""
    answer = filled.ask("GET", f"{EXPORT}?format=md&chat_id=c1")
    assert answer.content_type == "text/markdown; charset=utf-8"
    assert answer.text.splitlines() == [
        "# Saved items",
        "",
        "## Chat c1, session s1",
        "",
        "- annotation",
        "  - plugin: ui\\.pencil",
        "  - text: Заметка &lt;b&gt;первая&lt;/b&gt;",
        "- message",
        "  - plugin: acme\\.x",
        "  - text: a Note",
        "- message",
        "  - plugin: ui\\.pencil",
        "  - text: \\# note",
        "",
        "Lines and files that could not be read: 4",
    ]


@pytest.mark.parametrize(
    "query", ["format=html", "chat_id=%2e%2e", "session_id=a/b", "chat_id=e%CC%81", "q=x"]
)
def test_an_export_of_what_cannot_be_is_refused(refusing: World, query: str) -> None:
    """Before the first byte goes out."""
    assert refusing.ask("GET", f"{EXPORT}?{query}").status_code == 400


def test_a_namespace_sees_its_own_items_alone(filled: World) -> None:
    """In a search and in both exports; what belongs to nobody is not shown."""
    acme = filled.token(Scope.READ, namespace="acme")
    assert texts(filled.ask("GET", SEARCH, by=acme)) == ["a Note", "ещё одна заметка"]
    for form in ("ndjson", "md"):
        text = filled.ask("GET", f"{EXPORT}?format={form}", by=acme).text
        assert "a Note" in text
        assert "pencil" not in text
        assert "nobody" not in text


def test_the_document_names_both_forms_of_an_export(refusing: World) -> None:
    """A program can see that it may ask for Markdown."""
    operation = refusing.ask("GET", "/openapi.json", by=None).json["paths"][EXPORT]["get"]
    assert set(operation["responses"]["200"]["content"]) == {"application/x-ndjson", "text/markdown"}
