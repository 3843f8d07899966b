"""The custom filter: an admin's rules decide what of a feed goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from neira.changes.plugins import Configure
from neira.errors.input import InvalidInput, InvalidParams
from tests.conftest import ADMIN
from tests.examples.shown import Shown, show

if TYPE_CHECKING:
    from neira.kernel import Kernel

APPLY = "custom-filter.apply"
ADA: Any = {"author": "Ada", "text": "On engines", "likes": 7}
BOB: Any = {"author": "Bob", "text": "Buy SPAM now", "likes": 90}
EVE: Any = {"author": "Eve", "text": "Quiet", "likes": 0}


@pytest.fixture
def custom(live: Kernel) -> Shown:
    """Register the filter."""
    return show(live, "custom_filter")


def kept(shown: Shown, *items: Any) -> Any:
    """Filter some items."""
    result = shown.send(APPLY, {"items": list(items)})
    assert (result["outcome"], result["actions"]) == ("ok", [])
    assert len(result["result"]["items"]) + result["result"]["dropped"] == len(items)
    return result["result"]["items"]


def test_its_own_rules_hold_until_somebody_sets_others(custom: Shown) -> None:
    """The manifest brings two: no spam, and at least one like."""
    assert kept(custom, ADA, BOB, EVE) == [ADA]


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ({"field": "author", "test": "equal", "value": "Bob"}, [BOB]),
        ({"field": "author", "test": "equal", "value": "Bob", "not": True}, [ADA, EVE]),
        ({"field": "text", "test": "contains", "value": "spam"}, [BOB]),
        ({"field": "text", "test": "contains", "value": "q"}, [EVE]),
        ({"field": "likes", "test": "at_least", "value": 7}, [ADA, BOB]),
        ({"field": "likes", "test": "at_most", "value": 7.5}, [ADA, EVE]),
        ({"field": "likes", "test": "at_least", "value": "7"}, []),
        ({"field": "missing", "test": "at_most", "value": 7}, []),
    ],
)
def test_a_rule_keeps_what_it_says(custom: Shown, rule: Any, left: list[Any]) -> None:
    """A new configuration counts for the very next event."""
    custom.kernel.change(Configure(custom.id, {"rules": [rule]}), ADMIN)
    assert kept(custom, ADA, BOB, EVE) == left


def test_without_rules_everything_goes_through(custom: Shown) -> None:
    """And an empty feed stays one."""
    custom.kernel.change(Configure(custom.id, {"rules": []}), ADMIN)
    assert kept(custom, ADA, BOB, EVE) == [ADA, BOB, EVE]
    assert kept(custom) == []


@pytest.mark.parametrize(
    "config",
    [
        {"rules": "none"},
        {"rules": [{"field": "likes"}]},
        {"rules": [{"field": "likes", "test": "about", "value": 1}]},
    ],
)
def test_rules_that_make_no_sense_are_refused(custom: Shown, config: Any) -> None:
    """`config_schema` says what a rule is."""
    with pytest.raises(InvalidInput):
        custom.kernel.change(Configure(custom.id, config), ADMIN)


@pytest.mark.parametrize("items", ["all", [1, 2], [{}] * 201])
def test_the_door_asks_for_a_page_of_items(custom: Shown, items: Any) -> None:
    """Up to two hundred maps."""
    with pytest.raises(InvalidParams):
        custom.send(APPLY, {"items": items})
