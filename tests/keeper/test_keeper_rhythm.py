"""Who ticks when."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from neira.keeper.rhythm import Rhythm
from neira.model import PluginId

ONE, TWO = PluginId("one"), PluginId("two")

STEPS = st.lists(
    st.tuples(
        st.floats(0.001, 3.0),  # time that passes
        st.integers(0, 5),  # ticks that may begin
        st.sets(st.integers(0, 5)),  # plugins whose tick ends
        st.none() | st.dictionaries(st.integers(0, 5), st.floats(0.1, 2.0)),  # who ticks from now on
    ),
    max_size=60,
)


def _id(number: int) -> PluginId:
    return PluginId(f"p{number}")


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_no_plugin_ticks_twice_at_once_or_faster_than_it_asked(
    steps: list[tuple[float, int, set[int], dict[int, float] | None]],
) -> None:
    """Whatever ends late, joins and leaves: never two of one, never more than asked, never early."""
    rhythm, now = Rhythm(), 0.0
    every: dict[PluginId, float] = {}
    running: set[PluginId] = set()
    joined: dict[PluginId, float] = {}
    last: dict[PluginId, float] = {}
    for passed, most, ending, wanted in steps:
        now += passed
        if wanted is not None:
            asked = {_id(number): seconds for number, seconds in wanted.items()}
            joined = {plugin: joined.get(plugin, now) for plugin in asked}
            last = {plugin: at for plugin, at in last.items() if plugin in asked}
            every = asked
            rhythm.adopt(asked, now)
        for number in ending:
            running.discard(_id(number))
            rhythm.done(_id(number))
        ticks = rhythm.take(now, most)
        assert len(ticks) <= most
        assert len({tick.plugin for tick in ticks}) == len(ticks)
        for tick in ticks:
            assert tick.plugin in every
            assert tick.plugin not in running
            assert tick.ms == round((now - last.get(tick.plugin, joined[tick.plugin])) * 1000)
            assert now > last.get(tick.plugin, -1.0)
            last[tick.plugin] = now
            running.add(tick.plugin)
        due = rhythm.next_due()
        assert (due is None) == (not every)


def test_missed_ticks_are_left_out_and_the_time_is_told_as_it_was() -> None:
    """After a long pause there is one tick, which knows how long it was."""
    rhythm = Rhythm()
    rhythm.adopt({ONE: 0.1}, 0.0)
    assert [tick.ms for tick in rhythm.take(5.03, 10)] == [5030]
    rhythm.done(ONE)
    assert rhythm.take(5.04, 10) == []
    assert [tick.ms for tick in rhythm.take(5.11, 10)] == [80]


def test_a_plugin_that_waits_longest_goes_first() -> None:
    """A plugin that asks for more ticks than there are does not keep the slow one from its own."""
    rhythm = Rhythm()
    rhythm.adopt({ONE: 0.1, TWO: 1.0}, 0.0)
    order: list[PluginId] = []
    now = 0.0
    while now < 5.0:
        now += 0.5  # one tick each half second; the first alone asks for five
        for tick in rhythm.take(now, 1):
            order.append(tick.plugin)
            rhythm.done(tick.plugin)
    assert order.count(TWO) >= 3
    assert order.count(ONE) >= 3


def test_a_running_tick_is_not_repeated_and_a_failed_one_waits() -> None:
    """The next one comes after the running one has ended, and not before its pause is over."""
    rhythm = Rhythm()
    rhythm.adopt({ONE: 0.1}, 0.0)
    assert len(rhythm.take(0.1, 5)) == 1
    assert rhythm.take(1.0, 5) == []
    rhythm.done(ONE, not_before=3.0)
    assert rhythm.take(2.9, 5) == []
    assert len(rhythm.take(3.0, 5)) == 1


def test_other_plugins_keep_their_time_when_one_changes() -> None:
    """A plugin that joins or leaves does not make the others start anew."""
    rhythm = Rhythm()
    rhythm.adopt({ONE: 1.0}, 0.0)
    rhythm.adopt({ONE: 1.0, TWO: 1.0}, 0.9)
    assert [tick.plugin for tick in rhythm.take(1.0, 5)] == [ONE]
    rhythm.adopt({}, 1.1)
    assert rhythm.next_due() is None
