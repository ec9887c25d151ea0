"""A certificate authority of one test, and the certificate of a hub on this machine signed by it."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def hub_tls(folder: Path, *, host: str = "127.0.0.1", ends_in_days: float = 1, use_rsa: bool = False) -> ssl.SSLContext:
    """Write `ca.pem`, `hub.pem` and `hub.key` to `folder` and return what a server needs with them.

    The authority of `ca.pem` signed the certificate for `host`.
    """
    ca_key = ec.generate_private_key(ec.SECP256R1())
    key = rsa.generate_private_key(65_537, 2_048) if use_rsa else ec.generate_private_key(ec.SECP256R1())
    ca_name, name = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("test CA", "hub"))
    now = dt.datetime.now(dt.UTC)

    def certificate(
        subject: x509.Name, public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, *, ca: bool
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=2))
            .not_valid_after(now + dt.timedelta(days=ends_in_days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )

    authority = certificate(ca_name, ca_key.public_key(), ca=True).sign(ca_key, hashes.SHA256())
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    leaf = certificate(name, key.public_key(), ca=False).add_extension(names, critical=False)
    (folder / "ca.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / "hub.pem").write_bytes(leaf.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (folder / "hub.key").touch(mode=0o600)
    (folder / "hub.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "hub.pem", folder / "hub.key")
    return context
