"""The pencil: what it draws, what it bends into shape, and what it refuses with words for its user."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neira.changes.gates import SetGate
from neira.errors.input import InvalidParams
from neira.model import GateName, GateState
from tests.conftest import ADMIN
from tests.examples.shown import PLACE, SCRIPTS, show

if TYPE_CHECKING:
    from neira.kernel import Kernel
    from tests.examples.shown import Shown

DRAW = "ui.pencil.draw"
SEED = SCRIPTS.parents[1] / "tests" / "registry" / "manifests" / "neira-script.yaml"
LINE: list[Any] = [[1, 2], [3.5, 4]]


@pytest.fixture
def pencil(live: Kernel) -> Shown:
    """Register the pencil."""
    return show(live, "ui_pencil")


def test_its_manifest_is_the_one_of_the_document() -> None:
    """Byte for byte: whoever copies the page gets this plugin."""
    assert (SCRIPTS / "ui_pencil.yaml").read_bytes() == SEED.read_bytes()


def test_a_stroke_is_one_annotation(pencil: Shown) -> None:
    """Color, width and points lie in the session's file; the answer says the same."""
    result = pencil.send(DRAW, {"color": "red", "size": 5, "points": LINE})
    drawn = {"tool": "pencil", "color": "red", "size": 5, "points": [[1.0, 2.0], [3.5, 4.0]]}
    assert (result["mode"], result["outcome"]) == ("live", "ok")
    assert result["actions"] == [{"action": "save_annotation", "params": drawn}]
    assert result["result"] == {"ok": True, "color": "red", "size": 5, "points": 2}
    (line,) = pencil.lines("annotations")
    assert drawn.items() <= line.items()
    assert line["plugin"] == "ui.pencil"


@pytest.mark.parametrize(
    ("params", "drawn"),
    [
        ({}, {"color": "black", "size": 3}),
        ({"color": None, "size": None}, {"color": "black", "size": 3}),
        ({"size": 0}, {"size": 1}),
        ({"size": -(2**53) + 1}, {"size": 1}),
        ({"size": 1000}, {"size": 64}),
        ({"color": "RED"}, {"color": "red"}),
        ({"color": "#0AF"}, {"color": "#0af"}),
        ({"color": "#00aaFF"}, {"color": "#00aaff"}),
        ({"points": [[1.26, -1.24]]}, {"points": [[1.3, -1.2]]}),
        ({"points": [[1e300, -1e300]]}, {"points": [[100000.0, -100000.0]]}),
        ({"points": [{"x": 7, "y": 8.5}, [0, 0]]}, {"points": [[7.0, 8.5], [0.0, 0.0]]}),
    ],
)
def test_it_fills_in_and_clamps(pencil: Shown, params: dict[str, Any], drawn: dict[str, Any]) -> None:
    """What is missing gets a default, what is too much is bent into shape."""
    pencil.send(DRAW, {"points": LINE, **params})
    (line,) = pencil.lines("annotations")
    assert drawn.items() <= line.items()


@pytest.mark.parametrize(
    "params",
    [
        {"color": "mauve-ish"},
        {"color": ""},
        {"color": "#12"},
        {"color": "#12345g"},
        {"color": "##12345"},
        {"color": "red" * 50_000},
        {"points": None},
        {"points": []},
        {"points": "a line"},
        {"points": {"x": 1, "y": 2}},
        {"points": [[1, 2]] * 2001},
        {"points": [[1]]},
        {"points": [[1, 2, 3]]},
        {"points": [[1, "2"]]},
        {"points": [[True, 2]]},
        {"points": [{"x": 1}]},
        {"points": [None]},
        {"points": [[[1], [2]]]},
        {"points": [7]},
    ],
)
def test_it_refuses_what_it_cannot_draw(pencil: Shown, params: dict[str, Any]) -> None:
    """The run ends well, with a short message for the user, and leaves nothing behind."""
    result = pencil.send(DRAW, {"points": LINE, **params})
    assert (result["outcome"], result["actions"], result["result"]["ok"]) == ("ok", [], False)
    assert 0 < len(result["result"]["message"]) < 100
    assert pencil.lines("annotations") == []


def test_it_names_the_point_that_is_none(pencil: Shown) -> None:
    """Points are counted as people do."""
    assert "3" in pencil.send(DRAW, {"points": [[1, 2], [3, 4], ["a", 5]]})["result"]["message"]


def test_it_speaks_the_language_of_the_context(pencil: Shown) -> None:
    """A frontend that is Russian says so."""
    refused = pencil.send(DRAW, {"points": []}, {**PLACE, "language": "ru"})
    assert refused["result"]["message"].startswith("В штрихе")


@pytest.mark.parametrize("params", [{"size": 1.5}, {"size": "thick"}, {"color": 7}])
def test_the_door_refuses_what_the_manifest_rules_out(pencil: Shown, params: dict[str, Any]) -> None:
    """`{ color: string?, size: int? }` is checked before anything runs."""
    with pytest.raises(InvalidParams):
        pencil.send(DRAW, {"points": LINE, **params})


def test_the_longest_stroke_stays_within_the_limits(pencil: Shown) -> None:
    """Two thousand points with long fractions, as a real frontend sends them."""
    points = [{"x": -1234.56789 * n, "y": n / 7} for n in range(2000)]
    result = pencil.send(DRAW, {"points": points})
    assert (result["outcome"], result["result"]["points"]) == ("ok", 2000)


def test_a_closed_gate_ends_it_denied(pencil: Shown) -> None:
    """`annotations_pencil` guards what the pencil saves."""
    closed = SetGate(GateName("annotations_pencil"), GateState.EMBRYO)
    pencil.kernel.change(closed, ADMIN, why="test")
    result = pencil.send(DRAW, {"points": LINE})
    assert (result["outcome"], result["error"]["code"]) == ("denied", "capability_disabled")
    assert pencil.lines("annotations") == []


def test_a_stroke_without_a_chat_is_no_stroke(pencil: Shown) -> None:
    """The host says what is missing, and at which line."""
    result = pencil.send(DRAW, {"points": LINE}, {})
    assert (result["error"]["code"], result["actions"]) == ("no_place", [])


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(color=st.text(max_size=9) | st.none(), points=st.lists(ANYTHING, max_size=6) | ANYTHING)
def test_whatever_comes_is_drawn_or_refused(pencil: Shown, color: str | None, points: Any) -> None:
    """No params that pass the door break it, and what it saves is always a stroke."""
    result = pencil.send(DRAW, {"color": color, "points": points})
    assert result["outcome"] == "ok"
    assert result["result"]["ok"] == bool(result["actions"])
    for action in result["actions"]:
        for point in action["params"]["points"]:
            assert len(point) == 2
            assert all(math.isfinite(number) and abs(number) <= 100_000 for number in point)
