"""What plugins saved for chats: parts that are not there, an index that cannot be made."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError


class SearchIndexFailed(NeiraError):
    """The search index could not be made; searches read the files themselves meanwhile."""

    code = "search_index_failed"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the search index could not be made: {reason}",
            hint="searches go on without it, slower; look at the disk and at the version of SQLite",
            details={"reason": reason},
        )


class NoAttachment(NeiraError):
    """A digest that no part of a saved item has."""

    code = "attachment_not_found"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"there is no attachment {digest[:12]} in this chat",
            hint='a saved item names its attachments, as {"attachment": digest, "bytes": n}',
            details={"digest": digest[:64]},
        )
