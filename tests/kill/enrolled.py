"""A hub's data folder with enrolled agents and their devices, made through the hub's and the agent's own code."""

import secrets
import time
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from noctule_agent.enrolment import Enrolment, save_enrolment
from noctule_agent.files import make_folder
from noctule_agent.keys import generate_keys, save_keys
from noctule_hub.auth.keys import Keys
from noctule_hub.cli.folder import initialise
from noctule_hub.core.audit import local
from noctule_hub.core.records import IcmpSettings, NewDevice
from noctule_hub.store.sqlite import open_store
from noctule_shared.axes import Reachability

FIRST_ADDRESS = IPv4Address("127.1.0.1")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class EnrolledAgent:
    agent_id: int
    name: str
    folder: Path
    device_ids: tuple[int, ...]


async def make_hub(data_dir: Path) -> str:
    """Make a data folder and return the admin's password."""
    return (await initialise(data_dir, username="admin")).password


async def enrol(
    data_dir: Path, folder: Path, names: list[str], *, url: str, devices: int, fanout: int | None = None
) -> list[EnrolledAgent]:
    """Enrol agents, each with so many devices and a site and a folder of its own, on a hub that does not run.

    `fanout`: so many devices of a site hang on each of it, from the first on; None: none has a parent.
    """
    keys = Keys.load(data_dir / "keys")
    store = await open_store(data_dir, clock_ms=now_ms)
    enrolled: list[EnrolledAgent] = []
    try:
        for name in names:
            site = await store.add_site(name, by=local(0))
            secret = secrets.token_hex(16)
            token = await store.add_join_token(
                site_id=site.id, secret_hash=secret, uses=1, expires_ms=now_ms() + 3_600_000, by=local(0)
            )
            own = generate_keys()
            agent = await store.enrol_agent(
                token_id=token.id,
                secret_hash=secret,
                name=name,
                signing_key=own.signing_public_hex,
                sealing_key=own.sealing_public_hex,
                version="0",
                by=local(now_ms()),
            )
            place = folder / f"agent-{name}"
            make_folder(place)
            save_keys(place, own)
            save_enrolment(place, Enrolment(url, keys.fingerprint, keys.public_hex, agent.id, name, name))
            ids: list[int] = []
            for number in range(devices):
                new = NewDevice(
                    f"{name}-{number}",
                    str(FIRST_ADDRESS + len(enrolled) * devices + number),
                    site.id,
                    Reachability.ICMP,
                    IcmpSettings(),
                    None,
                    agent.id,
                    parents=(ids[(number - 1) // fanout],) if fanout is not None and number > 0 else (),
                )
                ids.append((await store.add_device(new, seal=None, by=local(now_ms()))).id)
            enrolled.append(EnrolledAgent(agent.id, name, place, tuple(ids)))
    finally:
        await store.close()
    return enrolled
