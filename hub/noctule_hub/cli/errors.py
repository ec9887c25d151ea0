"""What can go wrong on the command line besides a hub's refusal; `groups.Root` prints each as one line."""

from noctule_hub.errors import HubError


class CommandError(HubError):
    """A command cannot go on; the message says why and what to do."""


class HubAwayError(CommandError):
    """A hub cannot be asked now; it may be able to later. `why` is the shortest word for it."""

    why: str


class HubSlowError(HubAwayError):
    """A hub took the request and did not answer in time."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"the hub at {url} did not answer in time; try again, and see its log and the load of its machine"
        )
        self.why = "no answer in time"


class HubUnreachableError(HubAwayError):
    """No hub answers at an address; `why` is the network's word."""

    def __init__(self, url: str, why: str) -> None:
        self.why = why
        super().__init__(
            f"no hub answers at {url} ({why}); start it with: noctule hub run --data-dir DIR, "
            "or name another one with: noctule login URL"
        )


class NotSignedInError(CommandError):
    """There is no valid sign-in for the hub."""

    def __init__(self, url: str | None, why: str = "not signed in") -> None:
        super().__init__(f"{why}; sign in with: noctule login {url or 'URL'}")
