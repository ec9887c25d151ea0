"""Which hub this agent belongs to and how it is known there: written by `join`, read by everything else."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from noctule_shared.errors import invalid

from noctule_agent.errors import NotEnrolled
from noctule_agent.files import write_private

ENROLMENT_FILE: Final = "enrolment.json"


class Enrolment(msgspec.Struct, frozen=True, rename="camel"):
    """An agent's place at its hub. `hub_key` is the raw Ed25519 public key in hex, `ca` a file of trusted CAs."""

    hub_url: str
    hub_id: str
    hub_key: str
    agent_id: int
    name: str
    site: str
    ca: str | None = None


def save_enrolment(data_dir: Path, enrolment: Enrolment) -> None:
    """Write the enrolment (0600). Raises `DataDirError`."""
    write_private(data_dir / ENROLMENT_FILE, msgspec.json.format(msgspec.json.encode(enrolment), indent=2) + b"\n")


def load_enrolment(data_dir: Path) -> Enrolment:
    """Return the enrolment. Raises `NotEnrolled` saying how to enrol."""
    path = data_dir / ENROLMENT_FILE
    try:
        enrolment = msgspec.json.decode(path.read_bytes(), type=Enrolment)
        bytes.fromhex(enrolment.hub_key)
    except FileNotFoundError:
        raise NotEnrolled(
            f"this agent is not enrolled ({path} does not exist); enrol it with: "
            "noctule-agent join URL --token-file FILE"
        ) from None
    except OSError as error:
        raise NotEnrolled(f"cannot read {path}: {error.strerror}") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise NotEnrolled(f"{path} is damaged ({error}); join the hub again with --force") from error
    return enrolment


def normalised_url(text: str) -> str:
    """Return a hub's address without a slash at its end. Raises `Refused` (field url)."""
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise invalid("url", f"{text[:200]!r} is not an address: {error}") from error
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise invalid("url", f"{text[:200]!r} is not the address of a hub such as https://noc.example.net")
    if parts.username or parts.password:
        raise invalid("url", "an address with a user name or password in it is not accepted; the token is enough")
    return url
