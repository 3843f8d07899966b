"""Every setting with its default and its meaning: environment over `neira.toml` over defaults, parsed once.

A setting `a.b` is `[a] b` in `neira.toml` and `NEIRA_A_B` in the environment. This is the only page that
reads the environment; everything else receives a frozen `Settings`.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from neira.errors.settings import BadSetting, UnknownSetting, UnreadableSettings
from neira.parse.near import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PREFIX = "NEIRA_"
OUTSIDE = frozenset({"NEIRA_HOME", "NEIRA_URL", "NEIRA_TOKEN"})  # where to work, not how
FILE = "neira.toml"


def _option(default: Any, meaning: str, *, least: float | None = None, most: float | None = None) -> Any:
    return field(default=default, metadata={"meaning": meaning, "least": least, "most": most})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The HTTP server."""

    host: str = _option("127.0.0.1", "Address the server binds to.")
    port: int = _option(8080, "Port the server binds to; 0 takes a free one.", least=0, most=65535)
    workers: int = _option(2, "Worker processes.", least=1, most=64)
    threads: int = _option(16, "Request threads in each worker.", least=1, most=256)
    body_seconds: float = _option(10.0, "Time the body of a request may take to arrive.", least=0.1, most=600)
    streams: int = _option(4096, "Event streams that one worker keeps open.", least=1, most=65536)
    cors_origins: tuple[str, ...] = _option((), "Origins whose pages may call the API; none by default.")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the process says on standard error."""

    level: Literal["debug", "info", "warning", "error"] = _option("info", "Lowest level that is logged.")
    format: Literal["json", "console"] = _option("json", "One JSON object a line, or text for people.")


@dataclass(frozen=True, slots=True)
class RateSettings:
    """How many requests one token may make."""

    events: float = _option(2000.0, "Events a second a token; 0 means no limit.", least=0)
    events_burst: int = _option(4000, "Events a token may send at once.", least=1)
    changes: float = _option(50.0, "Changes a second a token; 0 means no limit.", least=0)
    changes_burst: int = _option(500, "Changes a token may send at once.", least=1)


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """Bounds on what comes in."""

    body_kb: int = _option(1024, "Largest JSON body, in KB.", least=1, most=65536)
    artifact_mb: int = _option(64, "Largest plugin file, in MB.", least=1, most=1024)
    script_kb: int = _option(256, "Largest script source, in KB.", least=1, most=16384)
    nesting: int = _option(64, "Deepest nesting of JSON and manifests.", least=4, most=200)


_TRIAL = "Ceiling of limits.{} while runtime_scripting_rhai is experimental."


@dataclass(frozen=True, slots=True)
class ScriptSettings:
    """What one run of a script may use: the default, and the ceiling that no manifest passes."""

    fuel: int = _option(300_000_000, "Work of one run; 20 million last some 3 to 7 ms.", least=1_000_000)
    timeout_ms: int = _option(250, "Time of one run on the clock, host calls included.", least=1)
    memory_mb: int = _option(16, "Memory of one run, in MB.", least=2, most=1024)
    output_kb: int = _option(256, "Largest answer of one run, in KB.", least=1)
    logs_kb: int = _option(64, "Most that one run may print, in KB; more is dropped.", least=1)
    host_calls: int = _option(1_000, "Host calls of one run.", least=0)
    actions: int = _option(256, "Actions of one run.", least=0)
    operations: int = _option(5_000_000, "Steps of the script itself.", least=1_000)
    tick_ms: int = _option(100, "Time of one tick or lifecycle call.", least=1)
    most_fuel: int = _option(3_000_000_000, "Ceiling of limits.fuel.", least=1_000_000)
    most_timeout_ms: int = _option(1_000, "Ceiling of limits.timeout_ms.", least=1, most=60_000)
    most_memory_mb: int = _option(64, "Ceiling of limits.memory_mb.", least=2, most=1024)
    most_output_kb: int = _option(1024, "Ceiling of limits.output_kb.", least=1, most=65536)
    most_logs_kb: int = _option(256, "Ceiling of limits.logs_kb.", least=1, most=65536)
    most_host_calls: int = _option(10_000, "Ceiling of limits.host_calls.", least=0)
    most_actions: int = _option(1_000, "Ceiling of limits.actions.", least=0)
    most_operations: int = _option(100_000_000, "Ceiling of limits.operations.", least=1_000)
    trial_fuel: int = _option(1_000_000_000, _TRIAL.format("fuel"), least=1_000_000)
    trial_timeout_ms: int = _option(500, _TRIAL.format("timeout_ms"), least=1, most=60_000)
    trial_memory_mb: int = _option(64, _TRIAL.format("memory_mb"), least=2, most=1024)
    trial_output_kb: int = _option(512, _TRIAL.format("output_kb"), least=1, most=65536)
    trial_logs_kb: int = _option(128, _TRIAL.format("logs_kb"), least=1, most=65536)
    trial_host_calls: int = _option(5_000, _TRIAL.format("host_calls"), least=0)
    trial_actions: int = _option(500, _TRIAL.format("actions"), least=0)
    trial_operations: int = _option(50_000_000, _TRIAL.format("operations"), least=1_000)


@dataclass(frozen=True, slots=True)
class ValueSettings:
    """The key-value store of each plugin."""

    keys: int = _option(10_000, "Keys that one plugin may store.", least=1)
    mb: int = _option(16, "Bytes that one plugin may store, in MB.", least=1, most=4096)
    value_kb: int = _option(64, "Largest value, in KB.", least=1, most=1024)


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """Events that plugins publish."""

    depth: int = _option(8, "How far a chain of published events may go.", least=1, most=64)
    events: int = _option(256, "Published events that one event may lead to.", least=1, most=100_000)


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """The journal on disk."""

    segment_mb: int = _option(64, "Size at which a new segment begins, in MB.", least=1, most=4096)
    verify_at_start: int = _option(
        50_000,
        "Newest records that each start verifies; the whole journal is verified by `neira journal verify`.",
        least=0,
    )


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """Plugins and their versions."""

    keep_versions: int = _option(5, "Earlier versions kept for rollback.", least=1, most=100)


@dataclass(frozen=True, slots=True)
class ReloadSettings:
    """What happens when a plugin's file changes."""

    require_version_bump: bool = _option(False, "Refuse changed bytes under an unchanged version.")


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """What an unsigned plugin may be granted."""

    unsigned: Literal["read", "low", "approval"] = _option("low", "Highest risk granted without a signature.")


@dataclass(frozen=True, slots=True)
class SafeSettings:
    """Starting with the brake on."""

    mode: bool = _option(False, "Start in safe mode, whatever the state on disk.")


@dataclass(frozen=True, slots=True)
class IdempotencySettings:
    """How long an answer is remembered."""

    hours: int = _option(24, "Hours for which an Idempotency-Key is remembered.", least=1, most=720)


@dataclass(frozen=True, slots=True)
class KeeperSettings:
    """The one background process of a home."""

    enabled: bool = _option(True, "Whether the server starts the keeper of its home.")
    threads: int = _option(4, "Ticks of different plugins that run at once.", least=1, most=64)
    process_seconds: float = _option(
        1.0, "Time between two looks at the processes, while a plugin listens to them.", least=0.1, most=60
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one kernel."""

    server: ServerSettings = field(default_factory=ServerSettings)
    log: LogSettings = field(default_factory=LogSettings)
    rate: RateSettings = field(default_factory=RateSettings)
    limit: LimitSettings = field(default_factory=LimitSettings)
    script: ScriptSettings = field(default_factory=ScriptSettings)
    values: ValueSettings = field(default_factory=ValueSettings)
    publish: PublishSettings = field(default_factory=PublishSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    reload: ReloadSettings = field(default_factory=ReloadSettings)
    trust: TrustSettings = field(default_factory=TrustSettings)
    safe: SafeSettings = field(default_factory=SafeSettings)
    idempotency: IdempotencySettings = field(default_factory=IdempotencySettings)
    keeper: KeeperSettings = field(default_factory=KeeperSettings)


@dataclass(frozen=True, slots=True)
class Option:
    """One setting as people see it."""

    name: str
    type: Any
    default: Any
    meaning: str
    least: float | None
    most: float | None

    @property
    def variable(self) -> str:
        """Name the environment variable of this setting."""
        return PREFIX + self.name.replace(".", "_").upper()


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting with its value and where that came from."""

    option: Option
    value: Any
    source: str


def options() -> Iterator[Option]:
    """List every setting there is."""
    for group, kind in get_type_hints(Settings).items():
        types = get_type_hints(kind)
        for item in fields(kind):
            meta = item.metadata
            yield Option(f"{group}.{item.name}", types[item.name], item.default, **meta)


def load(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a home, or refuse with the name and the nearest known one."""
    return build(explain(home, environment))


def explain(home: Path, environment: Mapping[str, str] | None = None) -> tuple[Shown, ...]:
    """Read every setting with its source."""
    known = {option.name: option for option in options()}
    in_file = _from_file(home / FILE, known)
    in_environment = _from_environment(os.environ if environment is None else environment, known)
    return tuple(_pick(option, in_environment, in_file) for option in known.values())


def build(shown: tuple[Shown, ...]) -> Settings:
    """Make the frozen settings of explained values."""
    groups: dict[str, dict[str, Any]] = {}
    for item in shown:
        group, _, name = item.option.name.partition(".")
        groups.setdefault(group, {})[name] = item.value
    kinds = get_type_hints(Settings)
    return Settings(**{group: kinds[group](**values) for group, values in groups.items()})


def _pick(option: Option, in_environment: Mapping[str, str], in_file: Mapping[str, Any]) -> Shown:
    if option.name in in_environment:
        value = _from_text(option, in_environment[option.name])
        return Shown(option, _typed(option, value, option.variable), option.variable)
    if option.name in in_file:
        return Shown(option, _typed(option, in_file[option.name], option.name), FILE)
    return Shown(option, option.default, "default")


def _from_environment(environment: Mapping[str, str], known: Mapping[str, Option]) -> dict[str, str]:
    by_variable = {option.variable: name for name, option in known.items()}
    found: dict[str, str] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in OUTSIDE:
            continue
        if variable not in by_variable:
            raise UnknownSetting(variable, nearest(variable, by_variable))
        found[by_variable[variable]] = text
    return found


def _from_file(path: Path, known: Mapping[str, Option]) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableSettings(FILE, str(error)) from error
    found: dict[str, Any] = {}
    for group, values in document.items():
        if not isinstance(values, dict):
            raise UnknownSetting(group, nearest(group, known))
        for name, value in values.items():
            full = f"{group}.{name}"
            if full not in known:
                raise UnknownSetting(full, nearest(full, known))
            found[full] = value
    return found


_WORDS = {
    "1": True, "true": True, "yes": True, "on": True,
    "0": False, "false": False, "no": False, "off": False, "": False,
}  # fmt: skip


def _from_text(option: Option, text: str) -> Any:
    """Read the text of a variable as far as its kind tells; `_typed` judges the rest."""
    try:
        if option.type is bool:
            return _WORDS[text.strip().lower()]
        if option.type in (int, float):
            return option.type(text)
    except (KeyError, ValueError):
        raise BadSetting(option.variable, text, _allowed(option)) from None
    if get_origin(option.type) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _typed(option: Option, value: Any, name: str) -> Any:
    """Check a value against the kind and the bounds of its setting."""
    if option.type is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if get_origin(option.type) is tuple and isinstance(value, list):
        if all(isinstance(part, str) for part in value):
            return tuple(value)
    elif get_origin(option.type) is Literal:
        if value in get_args(option.type):
            return value
    elif type(value) is option.type and _within(option, value):
        return value
    raise BadSetting(name, str(value), _allowed(option))


def _within(option: Option, value: Any) -> bool:
    return (option.least is None or value >= option.least) and (option.most is None or value <= option.most)


def _allowed(option: Option) -> str:
    if get_origin(option.type) is Literal:
        return "one of " + ", ".join(get_args(option.type))
    if get_origin(option.type) is tuple:
        return "a list of strings (in the environment: separated by commas)"
    bounds = [f"at least {option.least:g}"] if option.least is not None else []
    bounds += [f"at most {option.most:g}"] if option.most is not None else []
    word = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}[option.type]
    return ", ".join([word, *bounds])
