"""Refusals of the registry: what is not there, what exists already, what may not be switched."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import PluginId

_SHORT = 12  # digits of a digest that a sentence shows


class PluginNotFound(NeiraError):
    """An id that no plugin has."""

    code = "plugin_not_found"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, plugin: PluginId) -> None:
        super().__init__(
            f"there is no plugin {plugin}",
            hint="GET /api/neira/plugins and `neira plugins list` name them all",
            details={"plugin": plugin},
        )


class VersionNotFound(NeiraError):
    """A version or revision that is not kept."""

    code = "version_not_found"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, plugin: PluginId, asked: str, kept: Sequence[str]) -> None:
        super().__init__(
            f"{plugin} has no kept version {asked[:40]}",
            hint=f"kept are {', '.join(kept)}" if kept else "register a version first",
            details={"plugin": plugin, "versions": list(kept)},
        )


class NothingBefore(NeiraError):
    """A rollback of a plugin that has run one version only."""

    code = "nothing_to_roll_back"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, plugin: PluginId) -> None:
        super().__init__(
            f"{plugin} has no earlier version that ran",
            hint=f"`neira plugins versions {plugin}` lists what is kept; name one of them",
            details={"plugin": plugin},
        )


class NoStateKept(NeiraError):
    """A rollback that wants stored values back of which there is no snapshot."""

    code = "no_state_kept"
    status = HTTPStatus.CONFLICT
    fault = Fault.NOT_FOUND

    def __init__(self, plugin: PluginId, version: str) -> None:
        super().__init__(
            f"no stored values of {plugin} are kept from its version {version}",
            hint="roll back without `with_state`: the plugin keeps the values that it has now",
            details={"plugin": plugin, "version": version},
        )


class VersionExists(NeiraError):
    """Other bytes under a version that had its bytes already."""

    code = "version_exists"
    status = HTTPStatus.CONFLICT
    fault = Fault.EXISTS

    def __init__(self, plugin: PluginId, version: str, *, known: str, sent: str) -> None:
        super().__init__(
            f"{plugin} {version} was registered with other content "
            f"(known {known[:_SHORT]}, sent {sent[:_SHORT]}); a version never changes",
            hint="raise the version in the manifest and send it again",
            details={"plugin": plugin, "version": version, "known_digest": known, "sent_digest": sent},
        )


class VersionOlder(NeiraError):
    """A version below the newest one ever registered."""

    code = "version_older"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, plugin: PluginId, version: str, newest: str) -> None:
        super().__init__(
            f"{plugin} {version} is older than {newest}",
            hint=f"to go back, roll back: POST /api/neira/plugins/{plugin}/rollback; else raise the version",
            details={"plugin": plugin, "version": version, "newest": newest},
        )


class EntryTaken(NeiraError):
    """An `entry` that belongs to another plugin."""

    code = "entry_taken"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, entry: str, owner: PluginId) -> None:
        super().__init__(
            f"the file {entry} belongs to {owner}",
            hint="give this plugin an entry of its own",
            details={"entry": entry, "plugin": owner},
        )


class NotApproved(NeiraError):
    """A plugin that waits for approval."""

    code = "not_approved"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, plugin: PluginId, asks: Sequence[str], digest: str) -> None:
        super().__init__(
            f"{plugin} waits for approval of {', '.join(asks)}",
            hint=f'approve it: POST /api/neira/plugins/{plugin}/approve {{"digest": "{digest}", "why": "…"}}',
            details={"plugin": plugin, "asks": list(asks), "digest": digest},
        )


class NothingPending(NeiraError):
    """An approval of a plugin that waits for none."""

    code = "nothing_pending"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, plugin: PluginId) -> None:
        super().__init__(
            f"nothing of {plugin} waits for approval",
            hint=f"GET /api/neira/plugins/{plugin} shows its state",
            details={"plugin": plugin},
        )


class ApprovalMismatch(NeiraError):
    """An approval of other bytes, or of other permissions, than those that wait."""

    code = "approval_mismatch"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, plugin: PluginId, *, digest: str, asks: Sequence[str]) -> None:
        super().__init__(
            f"{plugin} waits for approval of {digest[:_SHORT]} with {', '.join(asks)}, not of what was sent",
            hint="look at `pending` of the plugin again and approve exactly that, or a part of it",
            details={"plugin": plugin, "digest": digest, "asks": list(asks)},
        )


class NotGranted(NeiraError):
    """A revocation of a permission that is not granted."""

    code = "not_granted"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, plugin: PluginId, permission: str, granted: Sequence[str]) -> None:
        super().__init__(
            f"{plugin} was not granted {permission[:80]}",
            hint=f"granted: {', '.join(granted) or 'nothing'}",
            details={"plugin": plugin, "granted": list(granted)},
        )


class VersionBumpRequired(NeiraError):
    """Changed bytes under an unchanged version, where the settings want a new one."""

    code = "version_bump_required"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, plugin: PluginId, version: str) -> None:
        super().__init__(
            f"the file of {plugin} changed, its version is still {version}",
            hint="raise the version (setting reload.require_version_bump) and register it",
            details={"plugin": plugin, "version": version},
        )


class ArtifactMissing(NeiraError):
    """Bytes that the store should hold and does not."""

    code = "artifact_missing"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"the store has no readable artifact {digest[:_SHORT]}",
            hint="register that version again with the same bytes, or restore plugins/store from a backup",
            details={"digest": digest},
        )


class DigestMismatch(NeiraError):
    """Bytes in the store that are not those of their name."""

    code = "digest_mismatch"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, digest: str, found: str) -> None:
        super().__init__(
            f"the artifact {digest[:_SHORT]} has been changed on disk (it is {found[:_SHORT]})",
            hint="register that version again with the same bytes, or restore plugins/store from a backup",
            details={"digest": digest, "found": found},
        )


class BadArtifact(NeiraError):
    """A plugin file that cannot be what its kind says."""

    code = "bad_artifact"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, what: str, allowed: str) -> None:
        super().__init__(f"the plugin file {what}", hint=f"send {allowed}")


class NoArtifact(NeiraError):
    """A registration without any bytes to run."""

    code = "no_artifact"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, plugin: PluginId, *, several: bool = False) -> None:
        super().__init__(
            f"{plugin} comes with more than one artifact" if several else f"{plugin} comes without its code",
            hint="send exactly one: a file part, `source`, or an `entry` that exists below plugins/",
            details={"plugin": plugin},
        )


class BadPluginRecord(NeiraError):
    """A journal record of a plugin that this program cannot read."""

    code = "bad_plugin_record"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, seq: int) -> None:
        super().__init__(
            f"journal record {seq} changes a plugin in a way that this Neira does not know",
            hint="use the Neira that wrote it or a newer one, and run `neira journal verify`",
            details={"seq": seq},
        )


class NotGrantable(NeiraError):
    """A permission that no approval can give to this plugin."""

    code = "not_grantable"
    status = HTTPStatus.CONFLICT
    fault = Fault.DENIED

    def __init__(self, plugin: PluginId, permission: str, reason: str) -> None:
        super().__init__(
            f"{plugin} cannot be granted {permission}: {reason}",
            hint="approve the other permissions by name, or have the plugin signed",
            details={"plugin": plugin, "permission": permission},
        )


class AddressTaken(NeiraError):
    """A name under which functions of another plugin are called already."""

    code = "address_taken"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, address: str, owner: PluginId) -> None:
        super().__init__(
            f"the address {address} belongs to {owner}",
            hint="give this plugin another name or namespace",
            details={"address": address, "plugin": owner},
        )
