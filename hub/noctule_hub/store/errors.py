"""What can go wrong in a store besides a refused input; which exit status or answer follows is the caller's."""

from noctule_shared.errors import NoctuleError


class StoreError(NoctuleError):
    """The store could not read or keep something; nothing of that request was kept. The message is for people.

    It names files; `reason`, which clients are told, does not. None: there is nothing that they could know of it.
    """

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason


class NewerSchemaError(StoreError):
    """The data was written by a newer hub than this one."""


class TooManyRowsError(StoreError):
    """There are more rows than whoever asked can use; none of them were decoded."""


class RowRefusedError(StoreError):
    """Something in the request can never be kept, however often it is tried: a row that breaks the schema's rules."""
