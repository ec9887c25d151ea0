"""LibreNMS's devices: the answer of its API at /api/v0/devices as JSON, or its table `devices` as CSV."""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.imports.csv_file import records
from noctule_hub.cli.imports.rows import Fault, JsonObject, Left, Parsed, Row, Secret, Snmp
from noctule_hub.cli.imports.source import check_count, looks_like_json, read_json

NEEDED: Final = "hostname"
MAX_PORT: Final = 65_535
_TRUE: Final = frozenset({"1", "true", "yes"})
# LibreNMS's word for the Cisco way to lengthen a key; ours does it by itself.
_PRIVACY: Final = {"AES-256-C": "AES-256", "AES-192-C": "AES-192", "AES-128": "AES"}

Entry = Mapping[str, str]


def parse_librenms(file: str, text: str, community: Secret | None) -> Parsed:
    """Return what LibreNMS knows; `community` is that of devices for which the file holds none.

    A device disabled there is left out. The name is the host name; for one that is polled by address its sysName,
    where no other bears it. The location becomes the note. Raises `CommandError` for another file.
    """
    entries = list(_json_entries(file, text) if looks_like_json(text) else _csv_entries(file, text))
    check_count(file, len(entries))
    bearers = Counter(_said(entry, "sysName").casefold() for _, entry in entries)
    parsed = Parsed()
    for place, entry in entries:
        hostname = _said(entry, "hostname")
        name = _name(hostname, _said(entry, "sysName"), bearers)
        if not hostname:
            parsed.faults.append(Fault(place, name, "hostname", "is empty"))
        elif _is_true(entry, "disabled"):
            parsed.left.append(Left(place, name, "disabled in LibreNMS"))
        else:
            port = _said(entry, "port") or "161"
            if not (port.isascii() and port.isdecimal() and 0 < int(port) <= MAX_PORT):
                parsed.faults.append(Fault(place, name, "port", "must be a number from 1 to 65535"))
                continue
            parsed.rows.append(_row(place, name, entry, int(port), community))
    return parsed


def _row(place: str, name: str, entry: Entry, port: int, community: Secret | None) -> Row:
    location = _said(entry, "location")
    polled = not _is_true(entry, "snmp_disable")
    secret = _secret(entry) or community
    return Row(
        place=place,
        name=name,
        address=_said(entry, "overwrite_ip") or _said(entry, "hostname"),
        reachability="both" if polled else "icmp",
        snmp=Snmp(_version(entry), port, None, secret) if polled else None,
        tags=tuple(tag for tag in (_said(entry, "os"), _said(entry, "type")) if tag) or None,
        note=f"Location: {location}" if location else None,
    )


def _name(hostname: str, sys_name: str, bearers: Counter[str]) -> str:
    try:
        ipaddress.ip_address(hostname)
    except ValueError:
        return hostname
    return sys_name if sys_name and bearers[sys_name.casefold()] == 1 else hostname


def _version(entry: Entry) -> str:
    return _said(entry, "snmpver").lower().removeprefix("v") or "2c"


def _secret(entry: Entry) -> Secret | None:
    if _version(entry) != "3":
        community = _said(entry, "community")
        return Secret(None, {"community": community}) if community else None
    user = _said(entry, "authname")
    if not user:
        return None
    level = _said(entry, "authlevel").lower()
    v3: JsonObject = {"user": user}
    if level in {"authnopriv", "authpriv"}:
        v3 |= {"authProtocol": _said(entry, "authalgo") or "MD5", "authSecret": _said(entry, "authpass")}
    if level == "authpriv":
        privacy = _said(entry, "cryptoalgo") or "AES"
        v3 |= {"privProtocol": _PRIVACY.get(privacy, privacy), "privSecret": _said(entry, "cryptopass")}
    return Secret("3", {"v3": v3})


def _said(entry: Entry, column: str) -> str:
    text = entry.get(column, "").strip()
    return "" if text in {"NULL", "\\N"} else text


def _is_true(entry: Entry, column: str) -> bool:
    return _said(entry, column).lower() in _TRUE


def _json_entries(file: str, text: str) -> Iterator[tuple[str, Entry]]:
    document: Any = read_json(file, text)
    devices = document.get("devices") if isinstance(document, dict) else document
    if not isinstance(devices, list) or not all(isinstance(device, dict) for device in devices):
        raise CommandError(f"{file}: holds no list of devices; save the answer of LibreNMS's /api/v0/devices")
    for index, device in enumerate(devices):
        yield f"devices[{index}]", {key: _text(value) for key, value in device.items()}


def _csv_entries(file: str, text: str) -> Iterator[tuple[str, Entry]]:
    lines = records(file, text)
    _, header = next(lines)
    columns = _columns(header)
    if NEEDED not in columns:
        raise CommandError(f"{file}:1: the column {NEEDED!r} is missing; the first line names LibreNMS's columns")
    for line, cells in lines:
        yield str(line), dict(zip(columns, cells, strict=False))


def _columns(header: Sequence[str]) -> list[str]:
    """Return names of columns in LibreNMS's own spelling, which exports may have made lower case."""
    return ["sysName" if name.strip().lower() == "sysname" else name.strip().lower() for name in header]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
