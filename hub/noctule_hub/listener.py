"""The hub's listening socket: plain or TLS, with a limit on open connections. What is answered is the application's."""

import asyncio
import errno
import logging
import socket
from typing import Final, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from noctule_hub.api.middleware import SECURITY_HEADERS
from noctule_hub.api.problems import malformed_response
from noctule_hub.config import HubConfig
from noctule_hub.errors import ConfigError, PortTakenError
from noctule_hub.tls import ServerTls

BACKLOG: Final = 1_024
# A connection that has not sent a whole request head, or rests between two requests, is closed after this time.
# Longer than proxies keep theirs (nginx 60 s), so that none sends a request into a connection that is being closed.
IDLE_S: Final = 75.0


class _WithoutMalformed(logging.Filter):
    """Makes one short record of what is no HTTP; aiohttp's own has a traceback and the beginning of the request."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError):
            return True
        record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        record.msg, record.exc_info = f"{record.msg}: it is no HTTP ({type(error).__name__})", None
        return server_log.isEnabledFor(logging.INFO)


# What aiohttp's server itself has to say.
server_log: Final = logging.getLogger(f"{__name__}.server")
server_log.addFilter(_WithoutMalformed())


class _Connection(web.RequestHandler):
    """One connection. What is no HTTP is told as every other error, where aiohttp answers in text with its version."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        # It makes the record, and raises when an answer has begun.
        super().handle_error(request, status, exc, message)
        response = malformed_response(status)
        # No application is asked about it, so that none sets these.
        response.headers.update(SECURITY_HEADERS)
        response.force_close()
        return response


class Listener:
    """Accepts connections; past `limits.connections` they are closed at once, counted in `refused`.

    One that rests for `idle_s` is closed, and so is one whose client sends a body that nobody reads for `linger_s`.
    """

    def __init__(
        self, server: web.Server, config: HubConfig, tls: ServerTls | None, *, idle_s: float, linger_s: float
    ) -> None:
        self.refused = 0
        self._idle_s = idle_s
        self._linger_s = linger_s
        self._server = server
        self._config = config
        self._tls = tls
        self._listening: asyncio.Server | None = None

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.connections)

    async def start(self) -> str:
        """Listen; returns the address to open on this machine. Raises `PortTakenError` or `ConfigError`."""
        settings = self._config.settings
        context = None if self._tls is None else self._tls.context
        loop = asyncio.get_running_loop()
        try:
            if settings.host == "::":
                # asyncio by itself would leave IPv4 out.
                both = socket.create_server(
                    ("::", settings.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG
                )
                self._listening = await loop.create_server(self._accept, sock=both, ssl=context)
            else:
                self._listening = await loop.create_server(
                    self._accept, settings.host, settings.port, ssl=context, backlog=BACKLOG
                )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(settings.host, settings.port) from error
            raise ConfigError(f"host {settings.host}: cannot listen there: {error.strerror or error}") from error
        return self._config.url_at(self._listening.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Take no more connections; those that are open go on."""
        if self._listening is not None:
            self._listening.close()

    def _accept(self) -> asyncio.Protocol:
        if self.connections >= self._config.settings.limits.connections:
            self.refused += 1
            return _Closed()
        return _Connection(
            self._server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # None is none: `api.arrival` makes the records
            keepalive_timeout=self._idle_s,
            lingering_time=self._linger_s,
            logger=server_log,
        )


class _Closed(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()
