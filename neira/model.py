"""The words of Neira as frozen values: no I/O, no clock, nothing that can fail later.

Every layer imports this page; it imports none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NewType, NoReturn, TypeAlias, Union

if TYPE_CHECKING:
    from datetime import datetime

Json: TypeAlias = Union[bool, int, float, str, "Sequence[Json]", "Mapping[str, Json]", None]
JsonObject: TypeAlias = Mapping[str, Json]

PluginId = NewType("PluginId", str)  # minted by parse.ids alone
Digest = NewType("Digest", str)  # 64 lower-case hex digits of SHA-256
GateName = NewType("GateName", str)
EventId = NewType("EventId", str)  # UUIDv7, minted by the host
Seq = NewType("Seq", int)  # the number of a journal record, from 1, without gaps

NEVER = Seq(0)  # before the first record
FIRST_PREV = "0" * 64  # `prev` of the first record of a journal


class Kind(StrEnum):
    """What runs: the engine that a plugin needs."""

    SCRIPT = "script"
    WASM = "wasm"
    COMPONENT = "component"
    CONTAINER = "container"


class Lifetime(StrEnum):
    """How long an instance lives."""

    CALL = "call"
    POOL = "pool"
    RESIDENT = "resident"


class Scope(StrEnum):
    """What a token may do; a ladder: admin covers write covers read."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def covers(self, wanted: Scope) -> bool:
        """Tell whether this rung stands as high as the wanted one."""
        return _RUNGS.index(self) >= _RUNGS.index(wanted)


_RUNGS = (Scope.READ, Scope.WRITE, Scope.ADMIN)


class GateState(StrEnum):
    """How far the switch for one ability is open."""

    LOCKED = "locked"
    EMBRYO = "embryo"
    EXPERIMENTAL = "experimental"
    STABLE = "stable"
    DEPRECATED = "deprecated"


class Mode(StrEnum):
    """How far an event may go."""

    DRY_RUN = "dry_run"
    PREVIEW = "preview"
    LIVE = "live"


class Outcome(StrEnum):
    """What an invocation ended with."""

    OK = "ok"
    DENIED = "denied"
    LIMIT = "limit"
    TRAP = "trap"
    BAD_OUTPUT = "bad_output"
    ERROR = "error"
    NOT_RUN = "not_run"


class PluginState(StrEnum):
    """What is true of the live version of a plugin."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    PENDING_APPROVAL = "pending_approval"
    FAILED = "failed"


class TaskState(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will come."""
        return self in {TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED}


class NoPayload(Enum):
    """Why a record shows no payload."""

    NEVER = "never"  # it was written without one
    FORGOTTEN = "forgotten"  # `neira forget` has blanked it


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an actor, the scope it holds, and the ids it may touch (`None`: all)."""

    actor: str
    scope: Scope
    namespace: str | None = None

    def may_touch(self, plugin: PluginId) -> bool:
        """Tell whether the namespace covers a plugin id; it ends at a dot."""
        if self.namespace is None:
            return True
        return plugin == self.namespace or plugin.startswith(f"{self.namespace}.")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A yes, from every authority that was asked."""

    def __bool__(self) -> NoReturn:
        raise TypeError("match on a Decision, never test its truth")


@dataclass(frozen=True, slots=True)
class Denied:
    """A refusal, with the reason that the caller, the journal and the docs share."""

    reason: str
    what: str

    def __bool__(self) -> NoReturn:
        raise TypeError("match on a Decision, never test its truth")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a document: where, what was found, what is allowed, what may have been meant."""

    path: str
    found: str
    allowed: str
    suggestion: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A parsed event on its way to plugins."""

    id: EventId
    tool_id: str
    name: str
    params: JsonObject
    context: JsonObject


@dataclass(frozen=True, slots=True)
class ChangeNote:
    """What a record says to a reader: the `change` block of JOURNALING.md."""

    what: str
    why: str = ""
    verify: str = ""
    impact: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A record before the journal seals it: no number, no time, no hash yet.

    `slug` ends the readable id. `payload` is what may later be forgotten (params, host answers): it
    becomes a salted line of its own.
    """

    kind: str
    actor: str
    change: ChangeNote
    slug: str
    data: JsonObject = field(default_factory=dict)
    links: tuple[str, ...] = ()
    payload: Json | NoPayload = NoPayload.NEVER


@dataclass(frozen=True, slots=True)
class Record:
    """One sealed line of the journal."""

    seq: Seq
    id: str
    ts: datetime
    kind: str
    actor: str
    change: ChangeNote
    links: tuple[str, ...]
    data: JsonObject
    prev: str
    hash: str
    payload: Json | NoPayload = NoPayload.NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one run may use; the manifest asks, the settings' ceilings bound it."""

    fuel: int
    timeout_ms: int
    memory_mb: int
    output_kb: int
    logs_kb: int
    host_calls: int
    actions: int
    operations: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run used."""

    fuel: int = 0
    operations: int = 0
    memory: int = 0  # bytes
    us: int = 0  # on the clock
    host_calls: int = 0
    output: int = 0  # bytes

    def as_json(self) -> JsonObject:
        """Show it as results and records do."""
        return {
            "fuel": self.fuel,
            "operations": self.operations,
            "memory": self.memory,
            "us": self.us,
            "host_calls": self.host_calls,
            "output": self.output,
        }


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a run did not end well: for its author, with the place; for programs, with a code."""

    code: str
    message: str
    line: int | None = None
    column: int | None = None
    limit: str | None = None
    capability: GateName | None = None  # the gate that refused

    def as_json(self) -> JsonObject:
        """Show it as results do: what is not known is left out."""
        shown: dict[str, Json] = {"code": self.code, "message": self.message}
        for name in ("line", "column", "limit", "capability"):
            if (value := getattr(self, name)) is not None:
                shown[name] = value
        return shown


@dataclass(frozen=True, slots=True)
class Ran:
    """What an engine says of one run."""

    outcome: Outcome
    cost: Cost
    value: Json = None
    logs: tuple[str, ...] = ()
    error: RunError | None = None


@dataclass(frozen=True, slots=True)
class HostCall:
    """A host function that a program can reach, and where its text calls it first."""

    function: str
    line: int | None = None
    column: int | None = None
