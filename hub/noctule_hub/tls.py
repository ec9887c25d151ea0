"""The hub's own TLS: certificate and key from PEM files, checked before they are used, replaced without a restart."""

import logging
import ssl
import stat
from pathlib import Path
from typing import Final

from cryptography import x509

from noctule_hub.config import TlsFiles
from noctule_hub.errors import ConfigError

MAX_PEM_BYTES: Final = 1024 * 1024
# Certificates that are renewed by themselves are so 30 days before their end; at half of that somebody should know.
WARN_BEFORE_MS: Final = 15 * 86_400_000

log = logging.getLogger(__name__)


class ServerTls:
    """What the listening socket needs. `context` stays the same for good; each handshake takes the newest files.

    `expires_ms` (epoch) is the end of the certificate in use.
    """

    def __init__(self, files: TlsFiles, *, now_ms: int) -> None:
        """Load the files. Raises `ConfigError` naming the key and the file."""
        self.context, self.expires_ms = _load(files, now_ms)
        self._current = self.context
        self.context.sni_callback = self._choose

    def replace(self, files: TlsFiles, *, now_ms: int) -> None:
        """Use what the files hold now for connections from here on. Raises `ConfigError`; nothing is changed then."""
        self._current, self.expires_ms = _load(files, now_ms)

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext) -> None:
        # Loading into the first context instead would keep a certificate of another kind of key beside the new one.
        connection.context = self._current


def _load(files: TlsFiles, now_ms: int) -> tuple[ssl.SSLContext, int]:
    certificate_pem = _read("tls_certificate", files.certificate)
    key_pem = _read("tls_key", files.key)
    if files.key.stat().st_mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ConfigError(f"tls_key: {files.key}: others than its owner may use it; chmod 0600, or 0640 for a group")
    if b"ENCRYPTED" in key_pem:
        raise ConfigError(f"tls_key: {files.key}: is encrypted; nobody is there to type its password: decrypt it")
    try:
        leaf = x509.load_pem_x509_certificates(certificate_pem)[0]
    except ValueError as error:
        raise ConfigError(f"tls_certificate: {files.certificate}: holds no certificate in PEM") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # Never ask on the terminal of a service.
        context.load_cert_chain(files.certificate, files.key, password=lambda: "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(
                f"tls_key: {files.key}: does not belong to the certificate in {files.certificate}"
            ) from error
        raise ConfigError(f"tls_key: {files.key}: not a key in PEM ({error.reason or error})") from error
    return context, _checked_end(files.certificate, leaf, now_ms)


def _read(key: str, path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_PEM_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{key}: {path}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_PEM_BYTES:
        raise ConfigError(f"{key}: {path}: larger than {MAX_PEM_BYTES} bytes; this is no PEM file")
    return content


def _checked_end(path: Path, leaf: x509.Certificate, now_ms: int) -> int:
    """Return the certificate's end in epoch milliseconds; warn when it is over, near, or when it has not begun."""
    begins_ms = int(leaf.not_valid_before_utc.timestamp() * 1000)
    ends_ms = int(leaf.not_valid_after_utc.timestamp() * 1000)
    if ends_ms <= now_ms:
        log.warning("tls_certificate: %s: has expired at %s; clients refuse it", path, leaf.not_valid_after_utc)
    elif begins_ms > now_ms:
        log.warning("tls_certificate: %s: is not valid before %s", path, leaf.not_valid_before_utc)
    elif ends_ms - now_ms < WARN_BEFORE_MS:
        log.warning("tls_certificate: %s: expires at %s; renew it", path, leaf.not_valid_after_utc)
    return ends_ms
