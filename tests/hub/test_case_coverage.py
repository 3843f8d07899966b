"""Nothing that a script may do is without its case and its denied twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.host.catalogue import ACTIONS, FUNCTIONS
from neira.permissions.table import TABLE
from tests.hub.case_folders import CASES, DENIED, plays

if TYPE_CHECKING:
    from neira.host.action import Action, Function
    from neira.permissions.table import Row

SUBSCRIBE = "events:subscribe"  # no call and no answer needs it: whoever lacks it hears nothing
LATER = {
    "functions:call": "calls between plugins come with modules",
    "system:read": "host functions about the machine come with the system's own features",
    "process:list": "host functions about the machine come with the system's own features",
    "process:priority": "host functions about the machine come with the system's own features",
    "process:trim": "host functions about the machine come with the system's own features",
    "process:kill": "host functions about the machine come with the system's own features",
    "http:outbound": "requests over the network come with their own guards",
    "fs:read": "files come with their own guards",
    "fs:write": "files come with their own guards",
    "winreg:read": "exists on another platform",
    "winreg:write": "exists on another platform",
}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_action_has_both_roads_and_its_denied_twin(action: Action) -> None:
    """Its folder returns it and calls each of its host functions, and so does the twin."""
    for folder in (action.name, action.name + DENIED):
        text = (CASES / folder / "script.rhai").read_text(encoding="utf-8")
        assert f'action: "{action.name}"' in text
        assert [each.name for each in action.spellings if f"{each.name}(" not in text] == []


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_every_reading_function_has_its_case(function: Function) -> None:
    """And its denied twin, if it can be denied at all."""
    name = function.name.replace("::", "_")
    for folder in (name,) if function.permission is None else (name, name + DENIED):
        assert f"{function.name}(" in (CASES / folder / "script.rhai").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", [row for row in TABLE if row.name not in LATER], ids=lambda row: row.name)
def test_every_permission_is_refused_for_each_reason_there_is(row: Row) -> None:
    """By each authority in turn: manifest, grant, trust, and whoever has caused the run."""
    if row.name == SUBSCRIBE:
        wanted, found = (
            {"events_subscribe", "events_subscribe-denied"},
            {path.name for path in CASES.iterdir()},
        )
    else:
        wanted, found = _reasons(row), _shown(row.name)
    assert wanted - found == set()


def test_the_list_of_later_powers_is_honest() -> None:
    """What stands in it exists, and no action and no host function needs it yet."""
    assert LATER.keys() <= {row.name for row in TABLE}
    needed = {_needed(each) for each in ACTIONS} | {_needed(each) for each in FUNCTIONS}
    assert LATER.keys() & needed == set()


def _reasons(row: Row) -> set[str]:
    reasons = {"not_requested"}
    if not row.reads:  # what only reads is granted at every level of trust
        reasons |= {"not_granted", "trust_too_low"}
    return reasons | {"scope_missing"} if row.asks else reasons


def _shown(permission: str) -> set[str]:
    """Collect the codes with which the twins of a permission end."""
    names = {each.name for each in ACTIONS if _needed(each) == permission}
    names |= {each.name.replace("::", "_") for each in FUNCTIONS if each.permission == permission}
    found = set()
    for play in plays():
        if play.case.removesuffix(DENIED) in names and play.case.endswith(DENIED):
            found |= {str(send.expect["error"]["code"]) for send in play.sends if "error" in send.expect}
            if play.refused is not None and play.refused["code"] == "permission_missing":
                found.add("not_requested")
    return found


def _needed(entry: Action | Function) -> str:
    return (entry.permission or "").partition(":{")[0]
