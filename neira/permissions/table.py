"""Every power that a plugin can ask for, one frozen row each.

The parser, the decision, the documentation and the dialects of manifests read this page; a new permission is
a new row and nothing else. There is no row for running a command, and there will be none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from neira.model import Scope


class Risk(StrEnum):
    """How much is at stake, and so who has to say yes."""

    LOW = "low"
    APPROVAL = "approval"
    EXPLICIT_APPROVAL = "explicit_approval"


class Takes(StrEnum):
    """What a permission may name behind its second colon."""

    NOTHING = "nothing"
    PATTERN = "pattern"
    HOST = "host"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Docs:
    """One sentence for people, in the languages of the user interface."""

    en: str
    ru: str


@dataclass(frozen=True, slots=True)
class Row:
    """One power: what it is called, how risky it is, what it may name, what it asks of the caller."""

    name: str
    risk: Risk
    takes: Takes
    asks: Scope | None
    docs: Docs = field(kw_only=True)
    spellings: tuple[str, ...] = ()
    reads: bool = False  # changes nothing: what `trust.unsigned = read` leaves
    own_is_low: bool = False  # low below the plugin's own id, its risk outside of it
    needs_object: bool = False
    verified_only: bool = False
    platform: str | None = None  # where it exists at all, as sys.platform spells it


WRITE, ADMIN = Scope.WRITE, Scope.ADMIN

TABLE: tuple[Row, ...] = (
    Row(
        "storage:read", Risk.LOW, Takes.NOTHING, None, reads=True,
        docs=Docs(
            "Read annotations, messages, notes and its own stored values.",
            "Читать аннотации, сообщения, заметки и собственные сохранённые значения.",
        ),
    ),
    Row(
        "storage:write", Risk.LOW, Takes.NOTHING, WRITE,
        docs=Docs(
            "Save annotations, messages, notes and its own values.",
            "Сохранять аннотации, сообщения, заметки и собственные значения.",
        ),
    ),
    Row(
        "events:publish", Risk.APPROVAL, Takes.PATTERN, WRITE, own_is_low=True,
        docs=Docs(
            "Publish events; below its own id without asking.",
            "Публиковать события; ниже собственного id — без одобрения.",
        ),
    ),
    Row(
        "events:subscribe", Risk.APPROVAL, Takes.PATTERN, None, needs_object=True, own_is_low=True,
        docs=Docs("Hear events outside its own id.", "Слышать события вне собственного id."),
    ),
    Row(
        "functions:call", Risk.APPROVAL, Takes.PATTERN, None, own_is_low=True,
        docs=Docs(
            "Call functions of other plugins; below its own id without asking.",
            "Вызывать функции других плагинов; ниже собственного id — без одобрения.",
        ),
    ),
    Row(
        "notify:show", Risk.LOW, Takes.NOTHING, None, ("ShowNotifications",),
        docs=Docs("Show notifications in the user interface.", "Показывать уведомления в интерфейсе."),
    ),
    Row(
        "tasks:start", Risk.LOW, Takes.NOTHING, WRITE,
        docs=Docs("Start a task.", "Запускать задачу."),
    ),
    Row(
        "config:write", Risk.LOW, Takes.NOTHING, WRITE,
        docs=Docs("Change its own settings.", "Менять собственные настройки."),
    ),
    Row(
        "metrics:report", Risk.LOW, Takes.NOTHING, None,
        docs=Docs(
            "Report metrics and read learned patterns.", "Сообщать метрики и читать выученные шаблоны."
        ),
    ),
    Row(
        "system:read", Risk.LOW, Takes.NOTHING, None, ("ReadSystemInfo",), reads=True,
        docs=Docs(
            "Read CPU load, memory, temperature and GPU state.",
            "Читать загрузку процессора, память, температуру и состояние GPU.",
        ),
    ),
    Row(
        "process:list", Risk.LOW, Takes.NOTHING, None, ("ReadProcessList",), reads=True,
        docs=Docs("See running processes and their memory.", "Видеть процессы и их память."),
    ),
    Row(
        "http:outbound", Risk.APPROVAL, Takes.HOST, WRITE, ("NetworkAccess",),
        docs=Docs("Make HTTP requests to the named hosts.", "Делать HTTP-запросы к названным узлам."),
    ),
    Row(
        "fs:read", Risk.APPROVAL, Takes.PATH, WRITE, ("FileSystemRead",), reads=True,
        docs=Docs("Read files below the named path.", "Читать файлы ниже названного пути."),
    ),
    Row(
        "fs:write", Risk.APPROVAL, Takes.PATH, WRITE, ("FileSystemWrite",),
        docs=Docs("Write files below the named path.", "Записывать файлы ниже названного пути."),
    ),
    Row(
        "process:priority", Risk.APPROVAL, Takes.NOTHING, ADMIN, ("ModifyProcessPriority",),
        docs=Docs("Change the priority of processes.", "Менять приоритет процессов."),
    ),
    Row(
        "process:trim", Risk.APPROVAL, Takes.NOTHING, ADMIN, ("TrimProcessMemory",),
        docs=Docs("Trim the memory of processes.", "Сокращать память процессов."),
    ),
    Row(
        "process:kill", Risk.EXPLICIT_APPROVAL, Takes.NOTHING, ADMIN, ("KillProcess",),
        docs=Docs("End processes.", "Завершать процессы."),
    ),
    Row(
        "winreg:read", Risk.APPROVAL, Takes.NOTHING, ADMIN, ("RegistryRead",), reads=True, platform="win32",
        docs=Docs("Read the Windows registry.", "Читать реестр Windows."),
    ),
    Row(
        "winreg:write", Risk.EXPLICIT_APPROVAL, Takes.NOTHING, ADMIN, ("RegistryWrite",), platform="win32",
        verified_only=True,
        docs=Docs("Change the Windows registry.", "Менять реестр Windows."),
    ),
)  # fmt: skip


def row_of(name: str) -> Row | None:
    """Find a row by its name or by another spelling of it."""
    return next((row for row in TABLE if name == row.name or name in row.spellings), None)


def names() -> tuple[str, ...]:
    """List every name and spelling, for suggestions."""
    return tuple(name for row in TABLE for name in (row.name, *row.spellings))
