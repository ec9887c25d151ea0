"""What really leaves the hub: where it goes, where it never goes, what it tells, and what it keeps to itself."""

import asyncio
import hashlib
import hmac
import ipaddress
import logging
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from noctule_hub.core.client_address import Network
from noctule_hub.core.notifying.channels import Apprise, Secret, Smtp, SmtpSecurity
from noctule_hub.core.notifying.deliveries import DeliveryKind, Item, Parcel
from noctule_hub.core.notifying.messages import Message, message_of
from noctule_hub.core.notifying.policies import Template
from noctule_hub.errors import SendError
from noctule_hub.notify import webhook as webhook_module
from noctule_hub.notify.apprise_process import AppriseSender
from noctule_hub.notify.mail import Mailer

from tests.agent.certificates import hub_tls
from tests.hub.notify.bench import KEY, LOOPBACK, NOW_MS, Bench, alert, bench, message, smtp, webhook
from tests.hub.notify.receivers import HttpReceiver, MailServer, free_port

FORBIDDEN = (
    "127.0.0.1",
    "127.8.8.8",
    "localhost",
    "[::1]",
    "0.0.0.0",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::7f00:1]",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "169.254.169.254",
    "100.100.100.200",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "224.0.0.1",
    "[ff02::1]",
    "255.255.255.255",
    "metadata.example.net",
)


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    made = await HttpReceiver().open()
    yield made
    await made.close()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    made = await MailServer().open()
    yield made
    await made.close()


@pytest.fixture
async def noc(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


async def post(url: str, *, key: str | None = KEY, allowed: Sequence[Network] = LOOPBACK) -> str:
    return await webhook_module.post(Secret(url=url, key=key), message(), allowed, now_ms=NOW_MS)


@pytest.fixture
def one_name(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every name that is not an address mean this machine, and count who asks."""
    asked = list[str]()
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host.endswith("example.net") else host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.usefixtures("one_name")
@pytest.mark.parametrize("host", FORBIDDEN)
async def test_no_message_goes_to_this_machine_or_to_what_stands_next_to_it(receiver: HttpReceiver, host: str) -> None:
    with pytest.raises(SendError, match="allow_networks"):
        await post(f"http://{host}:{receiver.port}/", allowed=())
    if host.strip("[]") != host:
        return
    target, secret = smtp(receiver.port)
    with pytest.raises(SendError, match="allow_networks"):
        await Mailer().send(Smtp(**_fields(target) | {"host": host}), secret, message(), ())
    assert receiver.posted == []


def _fields(target: Any) -> dict[str, Any]:
    return {name: getattr(target, name) for name in target.__struct_fields__}


async def test_the_hubs_own_address_is_refused_and_a_network_that_is_allowed_is_not(receiver: HttpReceiver) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        own = probe.getsockname()[0]
    with pytest.raises(SendError, match="this hub"):
        await post(f"http://{own}:{receiver.port}/", allowed=())
    assert await post(f"http://127.0.0.1:{receiver.port}/") == "127.0.0.1 answered 200"


async def test_a_name_is_resolved_once_and_only_what_was_checked_is_connected_to(
    receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["127.0.0.1", "127.0.0.2"]
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, *args: Any, **options: Any) -> Any:
        return real(answers.pop(0) if host == "hooks.example.net" else host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    allowed = (ipaddress.ip_network("127.0.0.1"),)
    assert await post(f"http://hooks.example.net:{receiver.port}/", allowed=allowed)
    assert answers == ["127.0.0.2"]
    assert receiver.posted[0].headers["host"] == f"hooks.example.net:{receiver.port}"


async def test_a_redirect_is_not_followed(receiver: HttpReceiver) -> None:
    receiver.status, receiver.headers = 307, f"Location: http://127.0.0.1:{receiver.port}/elsewhere\r\n"
    with pytest.raises(SendError, match="answered 307; redirects are not followed"):
        await post(f"http://127.0.0.1:{receiver.port}/hook")
    assert [one.path for one in receiver.posted] == ["/hook"]


async def test_a_webhook_is_signed_over_its_time_and_body(receiver: HttpReceiver) -> None:
    await post(f"http://127.0.0.1:{receiver.port}/hook?a=b")
    (posted,) = receiver.posted
    expected = hmac.new(KEY.encode(), f"{NOW_MS // 1000}.".encode() + posted.body, hashlib.sha256).hexdigest()
    assert posted.headers["x-noctule-signature"] == f"t={NOW_MS // 1000},v1={expected}"
    assert (posted.method, posted.path, posted.delivery) == ("POST", "/hook?a=b", "ab" * 16)
    await post(f"http://127.0.0.1:{receiver.port}/", key=None)
    assert "x-noctule-signature" not in receiver.posted[1].headers


async def test_an_answer_without_end_is_not_read(receiver: HttpReceiver) -> None:
    receiver.body = b"x" * 50_000_000
    assert await post(f"http://127.0.0.1:{receiver.port}/") == "127.0.0.1 answered 200"
    assert await AppriseSender().send(apprise(receiver.port), message(), LOOPBACK) == "the service took it (answer 200)"


def trust(monkeypatch: pytest.MonkeyPatch, folder: Path, *, yes: bool) -> None:
    (folder / "nobody.pem").touch()
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / ("ca.pem" if yes else "nobody.pem")))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
async def test_certificates_are_verified_for_the_host_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    receiver = await HttpReceiver(tls=hub_tls(tmp_path, host=host)).open()
    url = f"https://127.0.0.1:{receiver.port}/"
    trust(monkeypatch, tmp_path, yes=False)
    with pytest.raises(SendError, match=r"certificate of 127\.0\.0\.1 is not valid"):
        await post(url)
    trust(monkeypatch, tmp_path, yes=True)
    if host == "127.0.0.1":
        await post(url)
        await AppriseSender().send(Secret(url=url.replace("https", "jsons")), message(), LOOPBACK)
    else:
        with pytest.raises(SendError, match=r"certificate of 127\.0\.0\.1 is not valid"):
            await post(url)
        with pytest.raises(SendError, match="SSLError"):
            await AppriseSender().send(Secret(url=url.replace("https", "jsons") + "?verify=no"), message(), LOOPBACK)
    assert len(receiver.posted) == (2 if host == "127.0.0.1" else 0)
    await receiver.close()


@pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
async def test_mail_signs_in_only_to_a_server_whose_certificate_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: SmtpSecurity
) -> None:
    server = MailServer(tls=hub_tls(tmp_path), implicit_tls=security is SmtpSecurity.TLS)
    await server.open()
    target, _ = smtp(server.port)
    signing_in = Smtp(**_fields(target) | {"security": security, "username": "noc"})
    mailer, secret = Mailer(), Secret(password="planted")
    trust(monkeypatch, tmp_path, yes=False)
    with pytest.raises(SendError, match=r"certificate of 127\.0\.0\.1 is not valid"):
        await mailer.send(signing_in, secret, message(), LOOPBACK)
    assert server.signed_in == []
    trust(monkeypatch, tmp_path, yes=True)
    said = await mailer.send(signing_in, secret, message(), LOOPBACK)
    assert said == "127.0.0.1 took it for 1 of 1 recipients"
    assert server.signed_in == [b"\x00noc\x00planted"]
    mailer.close()
    await server.close()


HOSTILE = "core1\r\nBcc: evil@example.net\r\n\r\n<img src=x onerror=alert(1)> \u202egnp.exe \x1b[2J\x00 @everyone"


def hostile() -> Message:
    about = alert(1, title=HOSTILE, device_name=HOSTILE, reason=HOSTILE)
    parcel = Parcel(
        channel_id=1,
        public_id="ab" * 16,
        items=(Item(DeliveryKind.NEW, about),),
        count=1,
        gathering=None,
        attempts=0,
        refusals=0,
        begun_ms=NOW_MS,
        template=Template(),
    )
    return message_of(parcel, url=None)


async def test_no_text_of_a_device_makes_a_header_or_a_line_of_its_own(server: MailServer) -> None:
    target, secret = smtp(server.port, "noc@example.net", "night@example.net")
    await Mailer().send(target, secret, hostile(), LOOPBACK)
    (mail,) = server.mails
    assert mail.recipients == ["noc@example.net", "night@example.net"]
    read = message_from_bytes(mail.content, policy=default)
    assert read["Bcc"] is None
    assert read.get_content_type() == "text/plain"
    assert "\n" not in read["Subject"]
    assert read["Message-ID"] == f"<{'ab' * 16}@noc.example.net>"
    body = read.get_content()
    assert not {"\u202e", "\x1b", "\x00"} & set(body + read["Subject"])
    assert not [line for line in body.splitlines() if line.startswith("Bcc")]


async def test_a_server_that_repeats_what_it_was_told_gives_no_secret_away(server: MailServer, noc: Bench) -> None:
    server.echoes, server.refuses = True, b"550 planted-mail-password is not welcome"
    target, _ = smtp(server.port)
    channel = await noc.channel((target, Secret(password="planted-mail-password")))
    outcome = await noc.senders.send(channel, message())
    assert not outcome.delivered
    assert outcome.text.startswith("127.0.0.1 refused all recipients (550 550 ") or "550" in outcome.text
    assert "planted" not in outcome.text


APPRISE_SECRET = "planted-apprise-token"


def apprise(port: int, rest: str = "") -> Secret:
    return Secret(url=f"json://user:{APPRISE_SECRET}@127.0.0.1:{port}/{APPRISE_SECRET}{rest}")


async def test_apprise_delivers_plain_text_and_says_what_the_service_answered(receiver: HttpReceiver) -> None:
    said = await AppriseSender().send(apprise(receiver.port), hostile(), LOOPBACK)
    assert said == "the service took it (answer 200)"
    (posted,) = receiver.posted
    assert b"@everyone" not in posted.body
    assert b"<img" not in posted.body


async def test_apprise_connects_to_no_address_that_is_refused_and_follows_nothing(receiver: HttpReceiver) -> None:
    with pytest.raises(SendError, match=r"is a loopback address \(127\.0\.0\.1\)") as refused:
        await AppriseSender().send(apprise(receiver.port), message(), ())
    assert APPRISE_SECRET not in str(refused.value)
    assert receiver.posted == []
    receiver.status, receiver.headers = 302, f"Location: http://127.0.0.1:{receiver.port}/elsewhere\r\n"
    with pytest.raises(SendError, match="answer 302"):
        await AppriseSender().send(apprise(receiver.port, "?redirect=yes"), message(), LOOPBACK)
    assert len(receiver.posted) == 1


@pytest.mark.parametrize(("status", "permanent"), [(403, True), (429, False), (502, False)])
async def test_apprise_tells_a_refusal_for_good_from_others(
    receiver: HttpReceiver, status: int, *, permanent: bool
) -> None:
    receiver.status = status
    with pytest.raises(SendError, match=f"answer {status}") as error:
        await AppriseSender().send(apprise(receiver.port), message(), LOOPBACK)
    assert error.value.permanent is permanent


async def test_apprise_reads_no_file_and_starts_no_program(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("planted")
    code = (
        "import sys, subprocess\n"
        "from noctule_hub.notify.apprise_child import _Guard\n"
        "sys.addaudithook(_Guard([]))\n"
        "for bad in (lambda: open(sys.argv[1]), lambda: open(sys.argv[1], 'w'), lambda: subprocess.run(['true']),\n"
        "            lambda: open('/etc/passwd')):\n"
        "    try:\n"
        "        bad()\n"
        "    except PermissionError:\n"
        "        print('refused')\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(secret), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.split() == [b"refused"] * 4
    assert secret.read_text() == "planted"


async def test_planted_secrets_are_in_no_outcome_log_or_representation(
    noc: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    port = free_port()
    planted = [
        await noc.channel(webhook(port, "/planted-path"), "hook"),
        await noc.channel((Apprise("json"), apprise(port)), "apprise"),
        await noc.channel((smtp(port)[0], Secret(password="planted-mail-password")), "mail"),
    ]
    told = []
    for channel in planted:
        told.append(repr(channel))
        told.append((await noc.senders.send(channel, message())).text)
    told += [record.getMessage() for record in caplog.records]
    told += [repr(Secret(url="planted", key="planted", password="planted"))]
    told += [
        str(one.before) + str(one.after)
        for one in await noc.store.audit_entries(before_id=None, kind=None, object_id=None, subject=None, limit=100)
    ]
    assert not [text for text in told if "planted" in text]
    assert b"planted" not in b"".join(path.read_bytes() for path in noc.data_dir.glob("hub.db*"))
