"""What the demo says: to people in a few lines, to programs in one JSON document."""

import json
import sys
from dataclasses import dataclass

from demo.network import Device
from demo.tally import Tally


@dataclass(frozen=True, slots=True)
class Console:
    """Where text for people goes: stdout, or stderr when stdout is kept for the JSON document."""

    json: bool

    def say(self, text: str = "") -> None:
        """Print some lines for people."""
        print(text, file=sys.stderr if self.json else sys.stdout, flush=True)


@dataclass(slots=True)
class Outcome:
    """What a run has come to. `seconds` is for how long things were watched; None where it never got so far.

    `tally` is None when nobody counted. `trouble` is the last that the Socket.IO client met with; `error` is what
    ended the run.
    """

    url: str | None = None
    registered: int = 0
    seconds: float | None = None
    tally: Tally | None = None
    trouble: str | None = None
    error: str | None = None

    def missing(self) -> list[str]:
        """Return the names of what should have arrived and has not; none when nobody counted."""
        return [] if self.tally is None else self.tally.missing()

    def document(self) -> str:
        """Return the JSON document. `devices` are those that measurements came from."""
        tally = self.tally or Tally()
        missing = tally.missing()
        summary = {
            "devices": len(tally.devices),
            "registered": self.registered,
            "samples": tally.samples,
            "events": tally.events,
            "alerts": tally.alerts,
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "url": self.url,
            "missing": missing,
        }
        why = {"error": self.error, "trouble": self.trouble if missing else None}
        return json.dumps(summary | {key: text for key, text in why.items() if text is not None})

    def summary(self) -> str:
        """Return the same for people."""
        tally = self.tally or Tally()
        measured = f"{tally.samples} measurements of {len(tally.devices)} devices"
        lines = [f"Received {measured}, {tally.events} events, {tally.alerts} alerts."]
        if missing := tally.missing():
            lines.append(f"Did not receive: {', '.join(missing)}.")
            lines.extend([f"The Socket.IO client last met with: {self.trouble}."] if self.trouble else [])
        return "\n".join(lines)


def welcome(url: str, password: str, devices: list[Device]) -> str:
    """Return the lines that say where to look."""
    sites = sorted({device.site for device in devices})
    interfaces = sum(device.interfaces for device in devices)
    return f"""
Noctule watches a simulated network: {len(devices)} devices with {interfaces} interfaces,
one agent in each of the sites {" and ".join(sites)}.

    Open     {url}/
    Sign in  admin  {password}
"""


FORECAST = """\
Within the next minute a device falls silent, a port flaps, an uplink fills up and a switch reboots;
then all of it again every four minutes. Ctrl-C ends everything and removes its traces."""
NO_ICMP = "This user may not send ICMP: devices are watched by SNMP alone."
FAREWELL = "Stopped. Nothing is left running, and the temporary folder is gone."
