"""What can go wrong on the command line besides a hub's refusal; `output.ErrorsAsLines` prints each as one line."""

from noctule_hub.errors import HubError


class CommandError(HubError):
    """A command cannot go on; the message says why and what to do."""


class HubUnreachableError(CommandError):
    """No hub answers at an address."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(
            f"no hub answers at {url} ({why}); start it with: noctule hub run --data-dir DIR, "
            "or name another one with: noctule login URL"
        )


class NotSignedInError(CommandError):
    """There is no valid sign-in for the hub."""

    def __init__(self, url: str | None, why: str = "not signed in") -> None:
        super().__init__(f"{why}; sign in with: noctule login {url or 'URL'}")
