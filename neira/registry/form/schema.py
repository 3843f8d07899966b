"""The canonical manifest, field by field."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema

from neira.model import Kind, Lifetime
from neira.parse import ids
from neira.registry.form.fields import (
    Choice,
    JsonMap,
    ListOf,
    MapOf,
    ParamsForm,
    Text,
    Title,
    Truth,
    Whole,
    event_field,
    id_field,
    version_field,
)
from neira.registry.form.problems import MISSHAPEN, UNKNOWN, Wrong

PATTERN = r"(?:\*|[a-z0-9][a-z0-9_-]*)(?:[.:](?:\*|[a-z0-9_-]+))*"
NAME = r"[A-Za-z_][A-Za-z0-9_.-]{0,127}"
EXPORT = rf"{NAME}(?: *\([^()]*\)(?: *-> *[^()]+)?)?"
SIGNATURE = r"func *\([^()]*\)(?: *-> *\S.*)?"
ENTRY = r"plugins/[^\x00-\x1f\x7f-\x9f\\]+"
WASI = ("cli", "io", "poll", "clocks", "filesystem", "random", "sockets", "http")
DIGEST = r"[0-9a-f]{64}"
MOST_SOURCE = 256 * 1024


class Part(Schema):
    """A map whose unknown keys are refused by name."""

    class Meta:
        """Refuse what is not declared."""

        unknown = "raise"

    error_messages = {"unknown": Wrong(UNKNOWN, ""), "type": Wrong(MISSHAPEN, "a map")}  # type: ignore[dict-item]  # noqa: RUF012 - marshmallow's own name


def nested(kind: type[Part], **more: Any) -> MapOf:
    """Make a field of a map."""
    return MapOf(kind, **more)


class Button(Part):
    """A button that a frontend draws."""

    id = Text(most=64, pattern=NAME, rule="a name of letters, digits, _ . -", required=True)
    title = Title()
    icon = Text(most=64, pattern=r"[a-z0-9-]{1,64}", rule="the name of an icon: a-z 0-9 -")
    event = event_field(required=True)
    params_schema = ParamsForm()
    tooltip = Title()


class Ui(Part):
    """What a plugin shows."""

    buttons = ListOf(nested(Button), most=64)
    menus = ListOf(nested(Button), most=64)


class Abi(Part):
    """How a module is called."""

    type = Choice(("json", "wasi", "raw", "extism"))
    function = Text(most=200, pattern=EXPORT, rule="the name of an export, or name(input) -> output")


class Function(Part):
    """A function that others may call."""

    name = Text(most=128, pattern=NAME, rule="the name of an export", required=True)
    signature = Text(most=1000, pattern=SIGNATURE, rule="a WIT signature such as func(a: s32) -> s32")


class Limits(Part):
    """What one run may use; more than the ceilings is clamped, and said so."""

    fuel = Whole(1)
    timeout_ms = Whole(1)
    memory_mb = Whole(1, 1 << 20)
    output_kb = Whole(1)
    logs_kb = Whole(1)
    host_calls = Whole(0)
    actions = Whole(0)
    operations = Whole(1)


class Pool(Part):
    """How instances are kept."""

    type = Choice(("inline", "lazy", "static", "adaptive"), required=True)
    size = Whole(1, 1024)
    max_size = Whole(1, 1024)
    workers = Whole(1, 1024)
    buffer = Whole(0, 1 << 20)


class Tick(Part):
    """How often a plugin is woken."""

    every_ms = Whole(100, required=True)
    limit_ms = Whole(1)


class Variable(Part):
    """A variable that a guest sees."""

    id = Text(most=200)
    name = Text(most=200, required=True)
    required = Truth()


class Mount(Part):
    """A folder that a guest sees."""

    fs = Text(most=200, required=True)
    guest = Text(most=200, required=True)
    read_only = Truth()


class Wasi(Part):
    """What a WASI guest is given."""

    args = ListOf(Text(most=1000))
    cwd = Text(most=1000)
    env = ListOf(nested(Variable))
    mounts = ListOf(nested(Mount), most=32)


class Signature(Part):
    """Who signed."""

    key = Text(most=16, pattern=r"[0-9a-f]{16}", rule="16 hex digits", required=True)
    value = Text(most=200, pattern=r"[A-Za-z0-9+/=]+", rule="base64", required=True)


class Command(Part):
    """A process that can be started by name."""

    name = Text(most=64, pattern=NAME, rule="a name", required=True)
    short = Text(most=200)


class Meta(Part):
    """What tools show."""

    command = nested(Command)
    comment = Text(most=2000)


class ManifestForm(Part):
    """A whole manifest."""

    id = id_field(required=True)
    version = version_field(required=True)
    kind = Choice([kind.value for kind in Kind], required=True)
    address = Text(most=129, pattern=r"[a-z0-9._-]+:[a-z0-9._-]+", rule="namespace:name")
    entry = Text(most=512, pattern=ENTRY, rule="a plain path below plugins/, outside plugins/store/")
    source = Text(most=MOST_SOURCE, shown=False)
    sha256 = Text(most=64, pattern=DIGEST, rule=ids.DIGEST_RULE)
    title = Title()
    author = Text()
    description = Text(most=2000)
    homepage = Text(most=500, pattern=r"https?://[^\s\"'<>\\]+", rule="an http or https address")
    license = Text(most=100)
    categories = ListOf(Text(most=64, pattern=r"[a-z0-9-]+", rule="a-z 0-9 -"), most=16)
    platforms = ListOf(Choice(("linux", "macos", "windows")), most=3)
    min_neira_version = version_field()
    permissions = ListOf(Text(most=600, rule="a permission"), most=64)
    events = ListOf(
        Text(most=128, pattern=PATTERN, rule="an event or a pattern such as ui.pencil.*"), most=64
    )
    abi = nested(Abi)
    lifetime = Choice([lifetime.value for lifetime in Lifetime])
    functions = ListOf(nested(Function))
    imports = ListOf(Choice([f"wasi:{name}" for name in WASI]), most=len(WASI))
    transport = Choice(("payload", "wasi-http"))
    wasi = nested(Wasi)
    limits = nested(Limits)
    pool = nested(Pool)
    tick = nested(Tick)
    config = JsonMap()
    config_schema = ParamsForm()
    params_closed = Truth()
    ui = nested(Ui)
    image = Text(most=500)
    command = ListOf(Text(most=1000), most=64)
    meta = nested(Meta)
    signature = nested(Signature)
