"""Refusals and failures of the journal: texts it does not take, disks that do not take it, damage."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError


class TextTooLong(NeiraError):
    """A text for the journal that is longer than an entry may be."""

    code = "why_too_long"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, field: str, length: int, limit: int) -> None:
        super().__init__(
            f"{field} has {length} characters, more than {limit}",
            hint=f"say it in at most {limit} characters and link to the rest",
            details={"field": field, "length": length, "limit": limit},
        )


class NotText(NeiraError):
    """Something for the journal that has no form in UTF-8 JSON: a lone surrogate, NaN, endless nesting."""

    code = "not_journalable"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(
            f"{field} cannot be written to the journal: {reason[:200]}",
            hint="send text in UTF-8 and finite numbers",
            details={"field": field},
        )


class JournalUnavailable(NeiraError):
    """The journal could not be written just now; nothing of the change has happened."""

    code = "journal_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, reason: str, *, retry_after: float = 5.0) -> None:
        super().__init__(
            f"the journal cannot be written now: {reason}",
            hint="nothing was changed; try again later, and look at the disk with `neira doctor`",
            details={"reason": reason},
        )
        self.reason = reason
        self.retry_after = retry_after


class JournalBroken(NeiraError):
    """The disk has failed to confirm records; nothing is written until an admin resumes."""

    code = "journal_broken"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the journal takes no more records: {reason}",
            hint="check the disk, run `neira journal verify`, then leave safe mode",
            details={"reason": reason},
        )
        self.reason = reason
        self.retry_after = 60.0


class JournalDamaged(NeiraError):
    """The journal on disk is not what was written."""

    code = "journal_damaged"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, damage: str, seq: int | None, reason: str) -> None:
        place = "" if seq is None else f" at record {seq}"
        super().__init__(
            f"the journal is damaged{place}: {reason}",
            hint="run `neira journal verify` and restore the journal from a backup",
            details={"damage": damage, "seq": seq},
        )
        self.damage = damage
        self.seq = seq
        self.reason = reason
        self.retry_after = 60.0


class JournalKeyMissing(NeiraError):
    """The key that signs checkpoints is not there or not a key."""

    code = "journal_key_missing"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name}, which signs the journal, is missing or is no Ed25519 key",
            hint="restore .neira/keys from a backup; `neira init` makes keys for a new home",
            details={"file": name},
        )
        self.retry_after = 60.0
