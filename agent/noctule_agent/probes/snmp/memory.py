"""What is remembered of devices beyond a session: sizes by model, v3 engines and keys, who needs pysnmp."""

from typing import Final

from noctule_shared.link import SnmpCredentials

from noctule_agent.core.bounded import Bounded
from noctule_agent.core.sizing import LearntSizes

MAX_DEVICES: Final = 10_000
MAX_SECRETS: Final = 1_000

# The numeric address and the port of a device's SNMP agent.
Endpoint = tuple[str, int]


class Memory:
    """One for all devices of an agent. Every table is bounded and may lose its oldest entries."""

    def __init__(self) -> None:
        self.sizes = LearntSizes()
        # snmpEngineID: a session that is opened again needs no discovery.
        self.engines: Bounded[Endpoint, bytes] = Bounded(MAX_DEVICES)
        # (authentication protocol, secret) -> the key of RFC 3414 section A.2 before it is localised: 1 to 7 ms
        # each, by far the dearest step, and the same for all devices of one user. Localising takes 12 us.
        self.master_keys: Bounded[tuple[str, str], bytes] = Bounded(MAX_SECRETS)
        # Devices for which pysnmp was chosen, and why.
        self.needs_pysnmp: Bounded[Endpoint, str] = Bounded(MAX_DEVICES)
        # What a device says of these credentials, in words.
        self.refusals: Bounded[tuple[Endpoint, SnmpCredentials], str] = Bounded(MAX_DEVICES)


MEMORY: Final = Memory()
