"""The choice of a road, and the guard around callbacks."""

from __future__ import annotations

import dis

import pytest
import wasmtime
from wasmlane import Lane, Settings, Unsupported
from wasmlane.guarded import guarded
from wasmlane.roads import choice, raw
from wasmlane.roads.raw import RawRoad
from wasmlane.roads.wrapped import WrappedRoad


@pytest.fixture
def installed_version(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Claim that another wasmtime is installed."""
    monkeypatch.setattr(choice, "version", lambda _name: request.param)


def engine(settings: Settings) -> wasmtime.Engine:
    """Make an engine as a lane of these settings does."""
    config = wasmtime.Config()
    config.consume_fuel, config.epoch_interruption = settings.fuel, settings.epochs
    return wasmtime.Engine(config)


@pytest.mark.parametrize("fuel", [True, False])
@pytest.mark.parametrize("epochs", [True, False])
def test_a_checked_version_takes_the_raw_road(*, fuel: bool, epochs: bool) -> None:
    """Whatever the engine counts."""
    settings = Settings(fuel=fuel, epochs=epochs)
    assert choice.road_for(settings, engine(settings)) is RawRoad
    assert choice.road_for(Settings(road="wrapped"), engine(settings)) is WrappedRoad


@pytest.mark.usefixtures("installed_version")
@pytest.mark.parametrize("installed_version", ["999.0.0"], indirect=True)
def test_an_unknown_version_takes_the_wrapped_road() -> None:
    """Newer than checked is slower, not wrong."""
    assert choice.road_for(Settings(), engine(Settings())) is WrappedRoad


@pytest.mark.usefixtures("installed_version")
@pytest.mark.parametrize("installed_version", ["47.0.1", "nonsense"], indirect=True)
def test_an_old_version_is_refused() -> None:
    """When the lane is made."""
    with pytest.raises(Unsupported, match="48"):
        Lane()


def test_sizes_that_differ_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A structure that changed its size closes the raw road."""
    monkeypatch.setattr(raw, "VALUE_SIZE", 24)
    assert not choice.sizes_fit()
    assert choice.road_for(Settings(), engine(Settings())) is WrappedRoad


def test_a_guarded_function_catches_from_its_first_instruction() -> None:
    """The table of handlers begins at zero, and everything else in it is as it was."""
    names = {"ValueError": ValueError}

    def plain(number: int) -> str:
        try:
            return f"{names[str(number)]}"
        except KeyError as error:
            return f"caught {error}"

    def table() -> list[tuple[int, ...]]:
        return [tuple(entry) for entry in dis._parse_exception_table(plain.__code__)]  # type: ignore[attr-defined]  # private, but it knows

    before = table()
    guarded(plain)
    after = table()
    assert after == [(0, *before[0][1:]), *before[1:]]
    assert plain(5) == "caught '5'"


def test_long_functions_are_guarded_too() -> None:
    """Numbers of the table may take several bytes."""
    body = "\n".join(f"        x{number} = make({number})" for number in range(900))
    end = "        return x899\n    except ValueError:\n        return None\n"
    source = f"def long(make):\n    try:\n{body}\n{end}"
    space: dict[str, object] = {}
    exec(compile(source, "long", "exec"), space)
    long = guarded(space["long"])  # type: ignore[type-var]  # made by exec
    assert long(lambda number: number) == 899  # type: ignore[operator]  # same

    def refuse(number: int) -> int:
        raise ValueError(number)

    assert long(refuse) is None  # type: ignore[operator]  # same
