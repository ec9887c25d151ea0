"""Settings of the whole hub that its people change while it runs; what it needs to start is in `config`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The hub's settings.

    `organisation` is who runs the network, for the status page; empty: nobody said. `timezone` (IANA) counts where
    nothing else names one: maintenance windows, months, new customers. `public_url` is where people reach this hub,
    without a slash at its end; None: not known.
    """

    organisation: str = ""
    timezone: str = "UTC"
    public_url: str | None = None
    revision: int = 1
