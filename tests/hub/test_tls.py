"""The hub's own TLS: files that cannot be used are named with the remedy, renewed ones need no restart."""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from noctule_hub.app import RunningHub, running
from noctule_hub.cli.folder import initialise
from noctule_hub.config import HubConfig, HubSettings, TlsFiles
from noctule_hub.errors import ConfigError
from noctule_hub.tls import ServerTls

from tests.agent.certificates import hub_tls


def files(folder: Path) -> TlsFiles:
    return TlsFiles(folder / "hub.pem", folder / "hub.key")


def load(folder: Path) -> ServerTls:
    return ServerTls(files(folder), now_ms=time.time_ns() // 1_000_000)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[RunningHub]:
    hub_tls(tmp_path)
    await initialise(tmp_path / "data", username="admin")
    config = HubConfig(tmp_path / "data", HubSettings(port=0, tls=files(tmp_path)))
    async with running(config, lambda: config) as hub:
        yield hub


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=folder / "ca.pem")


async def serial(hub: RunningHub, context: ssl.SSLContext) -> int:
    """Return the serial number of the certificate that a new connection is shown."""
    port = int(hub.url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    shown: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return x509.load_der_x509_certificate(shown).serial_number


async def test_the_hub_answers_over_tls_and_says_so_in_its_address(hub: RunningHub, tmp_path: Path) -> None:
    assert hub.url.startswith("https://127.0.0.1:")
    async with ClientSession() as http, http.get(f"{hub.url}/health", ssl=trusting(tmp_path)) as answer:
        assert answer.status == 200


async def test_tls_below_1_2_is_refused(hub: RunningHub, tmp_path: Path) -> None:
    old = trusting(tmp_path)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await serial(hub, old)


@pytest.mark.parametrize("kind", ["ec", "rsa"])
async def test_a_renewed_certificate_is_shown_after_a_reload_also_of_another_kind_of_key(
    hub: RunningHub, tmp_path: Path, kind: str
) -> None:
    before = await serial(hub, trusting(tmp_path))
    hub_tls(tmp_path, use_rsa=kind == "rsa")
    hub.reload()
    shown = await serial(hub, trusting(tmp_path))
    assert shown != before
    assert shown == x509.load_pem_x509_certificate((tmp_path / "hub.pem").read_bytes()).serial_number


async def test_a_bad_renewal_is_told_and_the_certificate_in_use_stays(
    hub: RunningHub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    context = trusting(tmp_path)
    before = await serial(hub, context)
    (tmp_path / "hub.pem").write_text("not a certificate")
    hub.reload()
    assert await serial(hub, context) == before
    assert f"tls_certificate: {tmp_path / 'hub.pem'}: holds no certificate in PEM" in caplog.text
    assert hub.reload.failed == 1


def test_a_key_of_another_certificate_is_named(tmp_path: Path) -> None:
    hub_tls(tmp_path)
    key = (tmp_path / "hub.key").read_bytes()
    hub_tls(tmp_path)
    (tmp_path / "hub.key").write_bytes(key)
    with pytest.raises(ConfigError, match=r"tls_key: .*hub\.key: does not belong to the certificate in .*hub\.pem"):
        load(tmp_path)


def test_an_encrypted_key_is_refused_without_asking_for_a_password(tmp_path: Path) -> None:
    hub_tls(tmp_path)
    key = load_pem_private_key((tmp_path / "hub.key").read_bytes(), None)
    secret = BestAvailableEncryption(b"password")
    (tmp_path / "hub.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))
    with pytest.raises(ConfigError, match="is encrypted"):
        load(tmp_path)


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_key_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    hub_tls(tmp_path)
    (tmp_path / "hub.key").chmod(mode)
    with pytest.raises(ConfigError, match="chmod 0600"):
        load(tmp_path)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_a_key_of_the_hubs_user_or_group_is_taken(tmp_path: Path, mode: int) -> None:
    hub_tls(tmp_path)
    (tmp_path / "hub.key").chmod(mode)
    load(tmp_path)


@pytest.mark.parametrize("name", ["hub.pem", "hub.key"])
def test_a_file_that_is_missing_or_is_no_pem_is_named_by_its_key(tmp_path: Path, name: str) -> None:
    hub_tls(tmp_path)
    word = {"hub.pem": "tls_certificate", "hub.key": "tls_key"}[name]
    (tmp_path / name).write_text("nonsense")
    with pytest.raises(ConfigError, match=f"{word}: .*PEM"):
        load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ConfigError, match=f"{word}: .*cannot be read: No such file"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "has expired at"), (5, "expires at"), (14, "expires at"), (16, ""), (400, "")]
)
def test_a_certificate_that_is_over_or_nearly_so_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: float, words: str
) -> None:
    hub_tls(tmp_path, ends_in_days=days)
    with caplog.at_level(logging.WARNING):
        load(tmp_path)
    assert words in caplog.text
    assert bool(caplog.text) is bool(words)
