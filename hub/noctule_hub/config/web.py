"""Settings of how the hub is reached: where it listens, from which pages, through which proxies, with which TLS."""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from noctule_hub.config.table import Table
from noctule_hub.core.client_address import Network

MAX_PUBLIC_ORIGINS: Final = 32
MAX_TRUSTED_PROXIES: Final = 64
MAX_PATH_CHARS: Final = 4_096


class ProxyHeaders(StrEnum):
    """The headers by which trusted proxies tell where a request comes from. The other kind may be the client's own."""

    X_FORWARDED = "x-forwarded"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The PEM files of the hub's own TLS: the certificate with its chain, and the key."""

    certificate: Path
    key: Path


def read_host(table: Table, default: str) -> str:
    """Return the address to listen on. Raises `ConfigError`."""
    wanted = 'an address to listen on, such as "127.0.0.1" or "0.0.0.0"'
    return table.text("host", default, wanted=wanted, check=lambda text: bool(text) and " " not in text)


def read_port(table: Table, default: int) -> int:
    """Return the port to listen on, 0 for any free one. Raises `ConfigError`."""
    wanted = "a port from 1 to 65535 (0: any free one)"
    return table.whole("port", default, least=0, most=65_535, wanted=wanted)


def read_origins(table: Table) -> tuple[str, ...]:
    """Return the origins of pages besides the hub's own, in lower case. Raises `ConfigError`."""
    each = 'an origin such as "https://noc.example.net"'
    return table.texts("public_origins", most=MAX_PUBLIC_ORIGINS, wanted="origins", each=each, parse=_origin)


def read_public_url(table: Table) -> str | None:
    """Return the origin that people open, None when hub.toml names none. Raises `ConfigError`."""
    wanted = 'the address that people open, without a path, such as "https://noc.example.net"'
    return table.text("public_url", "", wanted=wanted, check=_is_origin).lower() or None


def read_proxies(table: Table) -> tuple[Network, ...]:
    """Return the networks whose word about a client's address is taken. Raises `ConfigError`."""
    return table.texts(
        "trusted_proxies",
        most=MAX_TRUSTED_PROXIES,
        wanted="addresses or networks",
        each='an address or a network such as "127.0.0.1" or "10.0.0.0/24"',
        parse=ipaddress.ip_network,
    )


def read_tls(table: Table) -> TlsFiles | None:
    """Return the files of the hub's own TLS, None when it speaks plain HTTP. Raises `ConfigError`."""
    wanted = 'the absolute path of a PEM file, such as "/etc/noctule-hub/{}.pem"'
    certificate = table.text("tls_certificate", "", wanted=wanted.format("certificate"), check=_is_absolute)
    key = table.text("tls_key", "", wanted=wanted.format("key"), check=_is_absolute)
    if not certificate and not key:
        return None
    if not certificate or not key:
        missing = "tls_key" if certificate else "tls_certificate"
        raise table.bad(missing, "", "set: tls_certificate and tls_key are given together, or neither")
    return TlsFiles(Path(certificate), Path(key))


def _is_absolute(text: str) -> bool:
    return len(text) <= MAX_PATH_CHARS and Path(text).is_absolute()


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and text == f"{parts.scheme}://{parts.netloc}"


def _origin(text: str) -> str:
    if not _is_origin(text):
        raise ValueError(text)
    return text.lower()
