"""What plugins may do, as engines, docs and permissions see it: one table, without contradictions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from neira.host.catalogue import ACTIONS, FUNCTIONS, Catalogue
from neira.permissions.table import row_of

if TYPE_CHECKING:
    from neira.host.action import Docs

NAME = re.compile(r"[a-z]+::[a-z_]+")


def test_every_name_means_one_thing() -> None:
    """No two actions, and no two host functions, of one name."""
    actions = [each.name for each in ACTIONS]
    functions = [*(each.name for each in FUNCTIONS), *(s.name for each in ACTIONS for s in each.spellings)]
    assert len(actions) == len(set(actions))
    assert len(functions) == len(set(functions))
    assert all(NAME.fullmatch(name) for name in functions)


def test_every_permission_is_one_of_the_table() -> None:
    """And an object that it names is a param that the schema requires."""
    asked = [*(each.permission for each in ACTIONS), *(each.permission for each in FUNCTIONS)]
    assert [each for each in asked if each is not None and row_of(each.partition(":{")[0]) is None] == []
    for action in ACTIONS:
        for param in re.findall(r"{(\w+)}", action.permission or ""):
            assert action.schema is not None
            assert param in action.schema


@pytest.mark.parametrize("docs", [*(each.docs for each in ACTIONS), *(each.docs for each in FUNCTIONS)])
def test_everything_is_said_in_both_languages(docs: Docs) -> None:
    """In a sentence."""
    assert docs.en.endswith(".")
    assert docs.ru.endswith(".")
    assert re.search("[а-я]", docs.ru)


def test_engines_are_offered_every_function_with_its_arguments() -> None:
    """What may be left out is counted from the end."""
    offered = {each.name: (each.least, each.greatest) for each in Catalogue().functions()}
    assert offered["storage::set"] == (2, 2)
    assert offered["events::publish"] == (1, 2)
    assert offered["config::get"] == (0, 1)
    assert len(offered) == len(FUNCTIONS) + sum(len(each.spellings) for each in ACTIONS)


def test_the_permission_of_a_function_is_that_of_its_action() -> None:
    """Without the object, which only a call names."""
    catalogue = Catalogue()
    assert catalogue.permission_of("events::publish") == "events:publish"
    assert catalogue.permission_of("storage::get") == "storage:read"
    assert catalogue.permission_of("log::info") is None
    assert not catalogue.knows("storage::format_disk")
