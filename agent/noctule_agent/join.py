"""Enrolment: the hub proves itself first, only then is the join token shown and this agent's keys registered."""

import ipaddress
import os
import secrets
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec
from noctule_shared.enrolment import JoinAnswer, JoinRequest, ProveAnswer, ProveRequest
from noctule_shared.errors import ErrorBody, invalid
from noctule_shared.join_token import JoinToken

from noctule_agent import __version__
from noctule_agent.devices import DEVICES_FILE
from noctule_agent.enrolment import ENROLMENT_FILE, Enrolment, normalised_url, save_enrolment
from noctule_agent.errors import DataDirError, HubNotTrusted, HubUnreachable, JoinFailed
from noctule_agent.files import data_dir_lock
from noctule_agent.hub_proof import NOT_ENROLLED_ID, check_fingerprint, check_proof
from noctule_agent.keys import generate_keys, save_keys
from noctule_agent.outbox_file import OUTBOX_FILES

TIMEOUT_S: Final = 15.0
MAX_ANSWER_BYTES: Final = 64 * 1024
HTTP_OK: Final = 200
HTTP_CREATED: Final = 201
HTTP_NO_CONTENT: Final = 204
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class JoinOrder:
    """What a person asked for. `ca`: file of trusted certificate authorities, None for the system's."""

    url: str
    token: JoinToken = field(repr=False)
    name: str
    data_dir: Path
    ca: Path | None = None
    insecure: bool = False
    force: bool = False


async def join(order: JoinOrder) -> Enrolment:
    """Enrol this agent and write keys and enrolment; nothing is changed unless all of it succeeds.

    Raises `JoinFailed`, `HubNotTrusted`, `HubUnreachable`, `DataDirError`, `AlreadyRunning` or `Refused`.
    """
    url = checked_url(order.url, insecure=order.insecure)
    ca = order.ca.absolute() if order.ca else None
    tls = tls_context(ca)
    with data_dir_lock(order.data_dir):
        if (order.data_dir / ENROLMENT_FILE).exists() and not order.force:
            raise JoinFailed(
                f"this agent is already enrolled ({order.data_dir / ENROLMENT_FILE}); "
                "--force enrols it anew and drops its keys, device list and undelivered measurements"
            )
        keys = generate_keys()
        async with open_http(tls) as http:
            public_key = await prove(http, url)
            check_fingerprint(public_key, order.token.fingerprint)
            request = JoinRequest(
                token_id=order.token.token_id,
                secret=order.token.secret,
                signing_key=keys.signing_public_hex,
                sealing_key=keys.sealing_public_hex,
                name=order.name,
                version=__version__,
            )
            answer = await _post(http, f"{url}/api/v1/agents/join", request, JoinAnswer)
        enrolment = Enrolment(
            hub_url=url,
            hub_id=answer.hub_id,
            hub_key=public_key.hex(),
            agent_id=answer.agent_id,
            name=answer.name,
            site=answer.site,
            ca=str(ca) if ca else None,
        )
        _forget_former(order.data_dir)
        save_keys(order.data_dir, keys)
        save_enrolment(order.data_dir, enrolment)
    return enrolment


async def prove(http: aiohttp.ClientSession, url: str) -> bytes:
    """Have the hub sign a fresh nonce; return its raw public key. Whether to trust that key is the caller's.

    Raises `HubUnreachable`, `HubNotTrusted` or `JoinFailed`.
    """
    nonce = secrets.token_hex(16)
    answer = await _post(http, f"{url}/api/v1/agents/prove", ProveRequest(nonce), ProveAnswer)
    try:
        public_key = bytes.fromhex(answer.public_key)
    except ValueError:
        raise HubNotTrusted("the hub's public key is not hexadecimal; is this a Noctule hub?") from None
    check_proof(public_key, answer.signature, nonce=nonce, agent_id=NOT_ENROLLED_ID)
    return public_key


def checked_url(text: str, *, insecure: bool) -> str:
    """Return the hub's address; plain http only to this machine unless `insecure`. Raises `Refused`."""
    url = normalised_url(text)
    parts = urlsplit(url)
    if parts.scheme == "http" and not insecure and not _is_loopback(parts.hostname or ""):
        raise invalid("url", f"{url} is not encrypted: use https://, or --insecure if the way to the hub is trusted")
    return url


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """Return how certificates are checked. Raises `Refused` (field ca) when the file cannot be used."""
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise invalid("ca", f"cannot use the certificates in {ca}: {error.strerror or error}") from error


def open_http(tls: ssl.SSLContext) -> aiohttp.ClientSession:
    """Return an HTTP session with a deadline, for the enrolment calls."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls), timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
    )


def reason_of(error: BaseException) -> str:
    """Return in a few words why a connection failed: the innermost system error where there is one."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ClientConnectorCertificateError):
            return f"its certificate is not trusted: {cause.certificate_error}"
        if isinstance(cause, aiohttp.ClientConnectorError):
            number, text = cause.os_error.errno, cause.os_error.strerror
            return os.strerror(number) if number and number > 0 else text or str(cause)
        cause = cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__


def has_cause(error: BaseException, kind: type[BaseException]) -> bool:
    """Return whether an error of this kind stands behind an error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, kind):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def post_request(http: aiohttp.ClientSession, url: str, request: msgspec.Struct) -> bytes:
    """Post a message as JSON and return the answer's body. Raises `HubUnreachable`, or `JoinFailed` when refused."""
    try:
        async with http.post(
            url,
            data=msgspec.json.encode(request),
            headers={"Content-Type": "application/json"},
            allow_redirects=False,
        ) as response:
            body = await response.content.read(MAX_ANSWER_BYTES)
            status = response.status
    except TimeoutError:
        raise HubUnreachable(f"hub unreachable: {url} did not answer within {TIMEOUT_S:.0f} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise HubUnreachable(f"hub unreachable: {url}: {reason_of(error)}") from error
    if status not in {HTTP_OK, HTTP_CREATED, HTTP_NO_CONTENT}:
        raise _refusal(url, status, body)
    return body


async def _post(http: aiohttp.ClientSession, url: str, request: msgspec.Struct, answer: type[_T]) -> _T:
    body = await post_request(http, url, request)
    try:
        return msgspec.json.decode(body, type=answer)
    except msgspec.MsgspecError as error:
        raise HubUnreachable(f"{url} did not answer as a Noctule hub does: {error}") from error


def _refusal(url: str, status: int, body: bytes) -> JoinFailed | HubUnreachable:
    """Return a hub's refusal (a problem document) as one line."""
    try:
        error = msgspec.json.decode(body, type=ErrorBody)
    except msgspec.MsgspecError:
        return HubUnreachable(f"{url} answered with HTTP status {status}; is this the address of a Noctule hub?")
    retry = f"; try again in {error.retry_after_s:.0f} s" if error.retry_after_s else ""
    named = f" ({error.field})" if error.field else ""
    return JoinFailed(f"the hub refused{named}: {error.message}{retry}")


def _forget_former(data_dir: Path) -> None:
    """Remove what belongs to a former enrolment: another hub must not receive its measurements or devices."""
    try:
        for name in (ENROLMENT_FILE, DEVICES_FILE, *OUTBOX_FILES):
            (data_dir / name).unlink(missing_ok=True)
    except OSError as error:
        raise DataDirError(f"cannot remove the former enrolment in {data_dir}: {error.strerror}") from error
