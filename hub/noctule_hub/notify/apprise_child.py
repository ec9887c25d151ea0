"""A process of its own that hands one message to Apprise, under hooks of the interpreter that bound what it may do.

Apprise resolves, connects and follows by itself. Here every connection of the process is checked when it is made, at
its numeric address, redirects are not followed, certificates are verified, no program is started, no file is written,
and none is read but Python's own and the system's certificates. Reads a `Request` from standard input, writes a
`Result` to standard output.
"""

import contextlib
import ipaddress
import logging
import os
import resource
import signal
import site
import socket
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from noctule_hub.core.client_address import Network
from noctule_hub.core.notifying.answers import is_refusal
from noctule_hub.errors import SendError
from noctule_hub.notify.destinations import check_address

# The parent ends this process before; this is for a parent that was killed.
WITHIN_S: Final = 60
MAX_MEMORY_BYTES: Final = 1024**3
MAX_INPUT_BYTES: Final = 64 * 1024
# What services answer is a few lines of JSON.
MAX_ANSWER_BYTES: Final = 256 * 1024
_NO_PROGRAMS: Final = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"}
)
_NO_SERVERS: Final = frozenset({"socket.bind", "socket.sendto", "socket.sendmsg"})
_READABLE: Final = ("/etc/ssl/", "/etc/pki/", "/usr/share/ca-certificates/", "/usr/lib/ssl/", "/usr/share/zoneinfo/")
_READABLE_FILES: Final = frozenset({"/dev/null", "/dev/urandom", "/etc/mime.types", "/etc/hosts", "/etc/resolv.conf"})


class Request(msgspec.Struct, frozen=True):
    """One message. `allowed` are the networks of `[notify] allow_networks`."""

    url: str
    title: str
    text: str
    allowed: list[str]


class Result(msgspec.Struct, frozen=True):
    """What became of it, in words that hold no secret."""

    delivered: bool
    text: str
    permanent: bool = False


class _Guard:
    """The hook. `refused`: why a connection was not made; `answers`: what the service answered, `status` the newest."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self.refused: str | None = None
        self.answers: list[str] = []
        self.status: int | None = None
        self._allowed = allowed
        self._checking = False
        prefixes = {sys.prefix, sys.base_prefix, *site.getsitepackages(), *filter(None, sys.path)}
        self._folders = (*(f"{Path(one).resolve()}/" for one in prefixes), *_READABLE)
        files = {*_READABLE_FILES, ssl.get_default_verify_paths().openssl_cafile}
        files |= {path for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if (path := os.environ.get(name))}
        self._files = {os.path.realpath(path) for path in files}

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Raise `PermissionError` for what must not be."""
        if event in _NO_PROGRAMS or event in _NO_SERVERS:
            raise PermissionError(event)
        if event == "open":
            self._check_open(*args)
        elif event == "socket.connect" and not self._checking:
            self._check_connect(args[1])

    def _check_open(self, path: Any, mode: Any, flags: Any) -> None:  # noqa: ANN401  what the interpreter gives
        if isinstance(path, int):
            return
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) or set(mode or "") & set("wax+")
        real = os.path.realpath(os.fsdecode(path))
        if real != "/dev/null" and (writes or not (real in self._files or real.startswith(self._folders))):
            raise PermissionError("open")

    def _check_connect(self, address: Any) -> None:  # noqa: ANN401  what the interpreter gives
        self._checking = True
        try:
            if not isinstance(address, tuple):
                raise PermissionError("socket.connect")
            check_address(ipaddress.ip_address(address[0]), self._allowed, "the service's address")
        except (SendError, ValueError) as error:
            self.refused = str(error) if isinstance(error, SendError) else "the service's address is not checked"
            raise PermissionError("socket.connect") from None
        finally:
            self._checking = False


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_DATA, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, WITHIN_S),
    ):
        # Under systemd's unit they may not be set here; then the unit's own limits hold.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
    signal.alarm(WITHIN_S)


def _watch_requests(guard: _Guard) -> None:
    """Let no plugin follow redirects or leave certificates unchecked, and note what services answer."""
    import requests  # noqa: PLC0415  heavy, and only here

    ask = requests.Session.send

    def send(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401  its own options
        options["allow_redirects"] = False
        options["verify"] = options.get("verify") or True
        options["stream"] = True
        try:
            response = ask(self, request, **options)
            read = bytearray()
            for part in response.iter_content(8_192):
                read += part
                if len(read) > MAX_ANSWER_BYTES:
                    break
            # Where the library itself keeps what it has read; the rest is never taken.
            response._content = bytes(read)  # noqa: SLF001  there is no other place
            response.close()
        except requests.RequestException as error:
            guard.status = None
            guard.answers.append(f"no answer ({type(error).__name__})")
            raise
        guard.status = response.status_code
        guard.answers.append(f"answer {response.status_code}")
        return response

    requests.Session.send = send  # type: ignore[method-assign]
    requests.Session.get_redirect_target = lambda *_: None  # type: ignore[method-assign]


def deliver(request: Request) -> Result:
    """Hand a message to the service; the process can do little else afterwards."""
    import apprise  # noqa: PLC0415  heavy, and only here

    socket.setdefaulttimeout(15)
    guard = _Guard([ipaddress.ip_network(one) for one in request.allowed])
    _watch_requests(guard)
    sys.addaudithook(guard)
    asset = apprise.AppriseAsset(app_id="Noctule", app_desc="Noctule", app_url="", secure_logging=True, plugin_paths=[])
    service = apprise.Apprise.instantiate(request.url, asset=asset)
    if not isinstance(service, apprise.NotifyBase):
        return Result(delivered=False, text="Apprise does not understand this URL")
    service.verify_certificate = True
    if service.notify(title=request.title, body=request.text, body_format=apprise.NotifyFormat.TEXT):
        return Result(delivered=True, text=f"the service took it ({', '.join(guard.answers[-3:]) or 'no HTTP'})")
    reason = guard.refused or ", ".join(guard.answers[-3:]) or "it could not be asked"
    refused = guard.status is not None and is_refusal(guard.status)
    return Result(delivered=False, text=f"the service did not take it: {reason}", permanent=refused)


def main() -> None:
    """Read, deliver, answer. Whatever a plugin prints or logs goes nowhere: it may hold the URL."""
    logging.disable(logging.CRITICAL)
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    request = msgspec.json.decode(sys.stdin.buffer.read(MAX_INPUT_BYTES), type=Request)
    _limit()
    try:
        result = deliver(request)
    except Exception as error:  # noqa: BLE001  a plugin's own bug; its text may hold the URL
        result = Result(delivered=False, text=f"the service could not be asked ({type(error).__name__})")
    os.write(answer, msgspec.json.encode(result))
    # Threads that a plugin left behind are not waited for.
    os._exit(0)


if __name__ == "__main__":
    main()
