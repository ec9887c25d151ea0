"""Prometheus's target files (file_sd), JSON or YAML: lists of targets with labels, as snmp_exporter has them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.imports.credentials import named
from noctule_hub.cli.imports.rows import Fault, Parsed, Row, Secret, Snmp
from noctule_hub.cli.imports.source import check_count, looks_like_json, read_json, read_yaml

# The first of these labels names a device.
NAME_LABELS: Final = ("name", "hostname", "device", "sysName", "sysname", "nodename", "instance")
AUTH_LABELS: Final = ("auth", "__param_auth", "__auth")
MODULE_LABELS: Final = ("module", "__param_module", "__module")
SITE_LABEL: Final = "site"
_UNTOLD: Final = frozenset({*NAME_LABELS, *AUTH_LABELS, *MODULE_LABELS, SITE_LABEL, "job"})
# snmp_exporter's transports; the port of another target is an exporter's, not the device's.
_SNMP_SCHEMES: Final = ("udp://", "tcp://")


def parse_prometheus(file: str, text: str, credentials: Mapping[str, Secret], community: Secret | None) -> Parsed:
    """Return the targets of a file as devices; labels become tags `label=value`, `site` their site.

    A target with an `auth` label that names an entry of `credentials`, or all when there is a `community`, are
    polled by SNMP too. Raises `CommandError` for another file.
    """
    parsed = Parsed()
    document = read_json(file, text) if looks_like_json(text) else read_yaml(file, text)
    for place, target, labels in _targets(file, document):
        check_count(file, len(parsed.rows) + len(parsed.faults) + 1)
        if "://" in target and not target.startswith(_SNMP_SCHEMES):
            message = "is a URL; Noctule watches hosts, write its host name or address"
            parsed.faults.append(Fault(place, target, "targets", message))
            continue
        host, port = split_target(target)
        try:
            snmp = _snmp(labels, port, credentials, community)
        except KeyError as error:
            parsed.faults.append(Fault(place, host, "auth", error.args[0]))
            continue
        parsed.rows.append(
            Row(
                place=place,
                name=_name(labels, host),
                address=host,
                site=labels.get(SITE_LABEL) or None,
                reachability="icmp" if snmp is None else "both",
                snmp=snmp,
                tags=_tags(labels),
            )
        )
    return parsed


def split_target(target: str) -> tuple[str, int | None]:
    """Return a target's host, and its port where it is SNMP's (`udp://HOST:PORT`), else None."""
    host = target
    for scheme in _SNMP_SCHEMES:
        host = host.removeprefix(scheme)
    if host.startswith("["):
        address, _, rest = host[1:].partition("]")
        port = rest.removeprefix(":")
    elif host.count(":") == 1:
        address, _, port = host.partition(":")
    else:
        address, port = host, ""
    is_snmp = target != host and port.isascii() and port.isdecimal()
    return address, int(port) if is_snmp else None


def _targets(file: str, document: object) -> Iterator[tuple[str, str, dict[str, str]]]:
    if not isinstance(document, list):
        raise CommandError(f"{file}: is no target file of Prometheus, which is a list of targets with labels")
    for number, group in enumerate(document):
        labels: Any = group.get("labels", {}) if isinstance(group, dict) else None
        targets: Any = group.get("targets") if isinstance(group, dict) else None
        if not isinstance(targets, list) or not isinstance(labels, dict):
            raise CommandError(
                f'{file}: [{number}] must be an object such as {{"targets": ["192.0.2.1"], "labels": {{}}}}'
            )
        for label, value in labels.items():
            # Also what an alias of YAML makes of a few bytes: a tree that is written out would be endless.
            if isinstance(value, list | dict):
                raise CommandError(f"{file}: [{number}].labels: {str(label)[:60]!r} must be text")
        for index, target in enumerate(targets):
            if not isinstance(target, str):
                raise CommandError(f"{file}: [{number}].targets[{index}] must be text")
            yield f"[{number}].targets[{index}]", target.strip(), {key: str(value) for key, value in labels.items()}


def _name(labels: Mapping[str, str], host: str) -> str:
    for label in NAME_LABELS:
        if labels.get(label):
            return split_target(labels[label])[0]
    return host


def _snmp(
    labels: Mapping[str, str], port: int | None, credentials: Mapping[str, Secret], community: Secret | None
) -> Snmp | None:
    for label in AUTH_LABELS:
        if labels.get(label) and credentials:
            return Snmp(port=port, secret=named(credentials, labels[label]))
    return Snmp(port=port, secret=community) if community is not None else None


def _tags(labels: Mapping[str, str]) -> tuple[str, ...] | None:
    told = [f"{label}={value}" for label, value in labels.items() if label not in _UNTOLD and label[:2] != "__"]
    return tuple(told) or None
