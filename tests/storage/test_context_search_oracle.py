"""Searching with the index finds what reading every line finds: the same items, order, and count of flaws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from neira.storage.context_files import Position, Wanted
from neira.storage.context_index import EVERY, ContextIndex
from neira.storage.context_search import Search, search
from neira.storage.context_writer import Place
from tests.fakes import SteppedClock
from tests.storage.context_worlds import World, item

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from neira.model import JsonObject

# letters that fold in all the ways there are: to two, to one of two signs, to nothing that looks alike
SIGNS = st.sampled_from(
    [*"абйёЙЁaAzß İıſﬁÅé\"'*-\0\n", "и\u0306", "е\u0308", "\u0301", "\u0306", "😀", "ΣΑΣ"]
)
TEXTS = st.lists(SIGNS, max_size=14).map("".join)
VALUES = st.recursive(TEXTS | st.integers(0, 9), lambda inner: st.lists(inner, max_size=3), max_leaves=4)
PLACES = st.builds(Place, st.sampled_from("cd"), st.sampled_from("st"), st.sampled_from(["note", "message"]))
STEPS = st.one_of(
    st.tuples(st.just("save"), PLACES, VALUES),
    st.tuples(st.just("remove"), PLACES, st.integers(0, 5)),
    st.tuples(st.just("hand"), PLACES, st.sampled_from(["{\n", '{"text":"абйёaz"}\n', "\n", '{"text":"аб'])),
    st.tuples(st.just("search"), st.none() | PLACES, st.integers(0, 20)),
)


def everything(
    world: World,
    words: str,
    wanted: Wanted,
    index: ContextIndex | None,
    *,
    limit: int,
    seen: Callable[[Any], bool],
) -> tuple[list[JsonObject], int]:
    """Search page by page to the end."""
    items: list[JsonObject] = []
    skipped, start = 0, Position()
    while True:
        asked = Search(words=words, wanted=wanted, is_seen=seen)
        page = search(world.context, asked, start, limit=limit, index=index)
        items += page.items
        skipped += page.skipped
        if page.next is None:
            return items, skipped
        start = page.next


def change(world: World, seq: int, kind: str, place: Place, what: Any) -> None:
    """Do one thing to the files."""
    match kind:
        case "save":
            world.writer.append(place, item(seq, 0, text=what))
        case "remove":
            world.writer.remove(place.chat, place.session, str(item(what).host["id"]) if what else None)
        case "hand":
            world.path(place).parent.mkdir(parents=True, exist_ok=True)
            with world.path(place).open("a", encoding="utf-8") as file:
                file.write(what)


@given(
    steps=st.lists(STEPS, max_size=20), words=st.lists(TEXTS, min_size=3, max_size=3), limit=st.integers(1, 4)
)
@settings(max_examples=100, deadline=None)
def test_the_index_finds_what_reading_finds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any, Any]], words: list[str], limit: int
) -> None:
    """After any changes by plugins and by hand, for words that are there and for words that are not."""
    world = World(tmp_path_factory.mktemp("context"))
    clock = SteppedClock()
    index = ContextIndex(world.private, world.context, clock)
    said = [text for kind, _, what in steps if kind == "save" for text in _texts(what)]
    for seq, (kind, place, what) in enumerate([*steps, ("search", None, 0)], 1):
        if kind != "search":
            change(world, seq, kind, place, what)
            continue
        clock.step(EVERY)  # lines by hand are seen by the next walk
        wanted = Wanted() if place is None else Wanted(place.chat, type=place.type)
        for word in [*words, *(text[what % 3 :][:6] for text in said[:5])]:
            for seen in (lambda _: True, lambda item: item.get("seq", 0) % 2 == 0):
                plain = everything(world, word, wanted, None, limit=limit, seen=seen)
                assert everything(world, word, wanted, index, limit=limit, seen=seen) == plain


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
