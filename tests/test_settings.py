"""Settings: environment over file over defaults, and nothing that nobody reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira import settings
from neira.errors.settings import BadSetting, UnknownSetting, UnreadableSettings

if TYPE_CHECKING:
    from pathlib import Path


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    """Each value comes from the nearest place that names it."""
    (tmp_path / "neira.toml").write_text('[server]\nport = 9000\nworkers = 3\n[trust]\nunsigned = "read"\n')
    got = settings.load(tmp_path, {"NEIRA_SERVER_PORT": "9001", "HOME": "/x"})
    assert (got.server.port, got.server.workers, got.server.threads) == (9001, 3, 16)
    assert got.trust.unsigned == "read"


def test_explain_says_where_each_value_comes_from(tmp_path: Path) -> None:
    """The source is the variable, the file or the word default."""
    (tmp_path / "neira.toml").write_text("[server]\nworkers = 3\n")
    shown = {item.option.name: item.source for item in settings.explain(tmp_path, {"NEIRA_SERVER_PORT": "1"})}
    assert shown["server.port"] == "NEIRA_SERVER_PORT"
    assert shown["server.workers"] == "neira.toml"
    assert shown["server.threads"] == "default"


def test_every_setting_says_what_it_means() -> None:
    """No setting ships without a sentence."""
    assert all(option.meaning.endswith(".") for option in settings.options())


@pytest.mark.parametrize(
    ("environment", "near"),
    [({"NEIRA_SERVER_PROT": "1"}, "NEIRA_SERVER_PORT"), ({"NEIRA_RATE_EVENT": "1"}, "NEIRA_RATE_EVENTS")],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(
    tmp_path: Path, environment: dict[str, str], near: str
) -> None:
    """A wrong name is never ignored."""
    with pytest.raises(UnknownSetting) as caught:
        settings.load(tmp_path, environment)
    assert caught.value.details["suggestions"] == [near]


@pytest.mark.parametrize("text", ["[server]\nprot = 1\n", "[sever]\nport = 1\n", "port = 1\n"])
def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path, text: str) -> None:
    """Groups and names are checked alike."""
    (tmp_path / "neira.toml").write_text(text)
    with pytest.raises(UnknownSetting):
        settings.load(tmp_path, {})


@pytest.mark.parametrize(
    "environment",
    [
        {"NEIRA_SERVER_PORT": "70000"},
        {"NEIRA_SERVER_PORT": "1.5"},
        {"NEIRA_SAFE_MODE": "maybe"},
        {"NEIRA_TRUST_UNSIGNED": "all"},
        {"NEIRA_RATE_EVENTS": "-1"},
        {"NEIRA_RATE_EVENTS": "nan"},
    ],
)
def test_a_value_out_of_its_kind_is_refused(tmp_path: Path, environment: dict[str, str]) -> None:
    """The refusal names the variable and what is allowed."""
    with pytest.raises(BadSetting) as caught:
        settings.load(tmp_path, environment)
    assert caught.value.details["setting"] in environment


def test_a_boolean_in_the_file_is_no_number(tmp_path: Path) -> None:
    """`true` is not a port, although Python counts with it."""
    (tmp_path / "neira.toml").write_text("[server]\nport = true\n")
    with pytest.raises(BadSetting):
        settings.load(tmp_path, {})


def test_a_list_comes_from_both_places(tmp_path: Path) -> None:
    """The environment separates by commas, the file has a list."""
    assert settings.load(
        tmp_path, {"NEIRA_SERVER_CORS_ORIGINS": "http://a, http://b"}
    ).server.cors_origins == (
        "http://a",
        "http://b",
    )
    (tmp_path / "neira.toml").write_text('[server]\ncors_origins = ["http://c"]\n')
    assert settings.load(tmp_path, {}).server.cors_origins == ("http://c",)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """A file that is not TOML stops the start with its name."""
    (tmp_path / "neira.toml").write_text("[server\n")
    with pytest.raises(UnreadableSettings):
        settings.load(tmp_path, {})
