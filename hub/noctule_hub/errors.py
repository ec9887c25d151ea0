"""The hub's own errors, for the person who runs it. Refusals of a client's input are `noctule_shared.errors`."""

from noctule_shared.errors import NoctuleError


class HubError(NoctuleError):
    """Base of what stops a hub. The message is one line that says what is wrong and what to do."""


class ConfigError(HubError):
    """A configuration file or option cannot be used; names file, key, value and the nearest valid key."""


class KeyFileError(HubError):
    """A key file is missing, damaged or readable by others."""


class DataFolderError(HubError):
    """The data folder is not initialised, not writable, or in use by another hub."""


class FolderInUseError(DataFolderError):
    """A hub runs on the data folder, or another command works on it."""


class PortTakenError(HubError):
    """Another program listens on the hub's address and port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host} port {port} is taken by another program; choose another one with --port")
        self.host = host
        self.port = port


class SealError(HubError):
    """A sealed secret does not open: other key, other row, or changed bytes."""


class SendError(HubError):
    """A message was not delivered to a notification channel. The text is for people and holds no secret.

    `permanent`: the receiver refused it and would again. `retry_after_s`: how long it asked to be left alone.
    """

    def __init__(self, message: str, *, permanent: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after_s = retry_after_s
