"""A message as mail, handed to one server. smtplib blocks, so it works on a few threads, which a stop cuts short."""

import asyncio
import base64
import contextlib
import smtplib
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any, Final

from noctule_hub.core.client_address import Network
from noctule_hub.core.notifying.answers import is_mail_refusal
from noctule_hub.core.notifying.channels import Secret, Smtp, SmtpSecurity
from noctule_hub.core.notifying.messages import Message
from noctule_hub.core.notifying.plain_text import inert
from noctule_hub.errors import SendError
from noctule_hub.notify.destinations import Destination, find_destination

STEP_WITHIN_S: Final = 15.0
WITHIN_S: Final = 60.0
MAX_ANSWER_BYTES: Final = 64 * 1024
MAX_SHOWN_CHARS: Final = 120


class _Answers:
    """What a server says on one connection, up to a limit."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401  smtplib's buffered reader
        self._stream = stream
        self._left = MAX_ANSWER_BYTES

    def readline(self, most: int) -> bytes:
        line: bytes = self._stream.readline(most)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("the server says too much")
        return line

    def close(self) -> None:
        self._stream.close()


async def _connect(destination: Destination) -> socket.socket:
    """Return a connection to the first address that takes one; here, because a thread that connects cannot be ended."""
    loop = asyncio.get_running_loop()
    reason = "it has no address"
    for address in destination.addresses:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004  IP's version
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)  # noqa: FBT003  socket's own
            async with asyncio.timeout(STEP_WITHIN_S):
                await loop.sock_connect(connection, (str(address), destination.port))
        except OSError as error:
            # TimeoutError is one too.
            connection.close()
            reason = type(error).__name__
        except asyncio.CancelledError:
            connection.close()
            raise
        else:
            connection.settimeout(STEP_WITHIN_S)
            return connection
    raise SendError(f"{destination.host} cannot be reached ({reason})")


class _Client(smtplib.SMTP):
    """Speaks on a connection to an address that was checked, and believes certificates of the host's name alone."""

    def __init__(
        self, destination: Destination, connection: socket.socket, tls: ssl.SSLContext, *, implicit: bool
    ) -> None:
        self._destination = destination
        self._connection = connection
        self._tls = tls
        self._implicit = implicit
        super().__init__(destination.host, destination.port, socket.gethostname(), STEP_WITHIN_S)

    def _get_socket(self, _host: str, _port: int, _timeout: float) -> socket.socket:
        if not self._implicit:
            return self._connection
        return self._tls.wrap_socket(self._connection, server_hostname=self._destination.host)

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's next answer, within the limit for all of them."""
        if self.file is None and self.sock is not None:
            self.file = _Answers(self.sock.makefile("rb"))
        return super().getreply()


def mail_of(smtp: Smtp, message: Message) -> EmailMessage:
    """Return a message as plain text mail; the same at each attempt but for its date."""
    mail = EmailMessage()
    mail["Subject"] = inert(message.title)
    mail["From"] = smtp.sender
    mail["To"] = ", ".join(smtp.recipients)
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{message.public_id}@{smtp.sender.rpartition('@')[2]}>"
    # RFC 3834: no holiday notes back, please.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Noctule-Delivery"] = message.public_id
    mail.set_content(message.text)
    # It is of the content: set before, it would be cleared with what was there.
    mail["Content-Language"] = message.language
    return mail


class Mailer:
    """Sends mail on at most `threads` threads."""

    def __init__(self, threads: int = 4) -> None:
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None

    async def send(self, smtp: Smtp, secret: Secret, message: Message, allowed: Sequence[Network]) -> str:
        """Hand a message to the server and return how it was taken, in words. Raises `SendError`."""
        destination = await find_destination(smtp.host, smtp.port, allowed)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, "mail")
        connection = await _connect(destination)
        loop = asyncio.get_running_loop()
        # A duplicate to cut it by: TLS takes the connection itself away from whoever opened it.
        with connection.dup() as line:
            work = loop.run_in_executor(self._pool, _hand_over, destination, connection, smtp, secret, message)
            try:
                async with asyncio.timeout(WITHIN_S):
                    return await asyncio.shield(work)
            except TimeoutError:
                raise SendError(f"{smtp.host} took longer than {WITHIN_S:.0f} s") from None
            finally:
                if not work.done():
                    with contextlib.suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)
                # Not before the thread is done with it: its number could be another connection's by then.
                work.add_done_callback(lambda done: _forget(done, connection))

    def close(self) -> None:
        """Take nothing more."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def _forget(work: asyncio.Future[str], connection: socket.socket) -> None:
    """Close what work is done with, and take what became of it, for which nobody may wait any more."""
    connection.close()
    if not work.cancelled():
        work.exception()


def _hand_over(
    destination: Destination, connection: socket.socket, smtp: Smtp, secret: Secret, message: Message
) -> str:
    tls = ssl.create_default_context()
    step = "the connection"
    try:
        with _Client(destination, connection, tls, implicit=smtp.security is SmtpSecurity.TLS) as client:
            if smtp.security is SmtpSecurity.STARTTLS:
                step = "STARTTLS"
                client.starttls(context=tls)
            if smtp.username is not None:
                step = "the sign-in"
                client.login(smtp.username, secret.password or "")
            step = "the message"
            refused = client.send_message(mail_of(smtp, message), smtp.sender, smtp.recipients)
    except smtplib.SMTPAuthenticationError as error:
        # A server may say the password back.
        raise SendError(
            f"{smtp.host} refused the sign-in ({error.smtp_code}); check username and password",
            permanent=is_mail_refusal(error.smtp_code),
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise SendError(f"{smtp.host} does not offer {step}", permanent=True) from None
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise SendError(
            f"{smtp.host} refused all recipients ({_said(code, text, secret)})",
            permanent=all(is_mail_refusal(one) for one, _ in error.recipients.values()),
        ) from None
    except smtplib.SMTPResponseException as error:
        raise SendError(
            f"{smtp.host} refused {step} ({_said(error.smtp_code, error.smtp_error, secret)})",
            permanent=is_mail_refusal(error.smtp_code),
        ) from None
    except ssl.SSLCertVerificationError:
        raise SendError(f"the certificate of {smtp.host} is not valid for it") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise SendError(f"{smtp.host} broke off at {step} ({type(error).__name__})") from None
    taken = len(smtp.recipients) - len(refused)
    return f"{smtp.host} took it for {taken} of {len(smtp.recipients)} recipients"


def _said(code: int, text: bytes | str, secret: Secret) -> str:
    """Return what a server answered, short, inert, and without what it may have been told in confidence."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    for hidden in secret.texts():
        for form in (hidden, base64.b64encode(hidden.encode()).decode()):
            said = said.replace(form, "***")
    return inert(f"{code} {said}", MAX_SHOWN_CHARS)
