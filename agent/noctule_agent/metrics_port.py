"""Serves the agent's status as Prometheus text on a loopback port; nothing else is answered there."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from aiohttp import web

from noctule_agent.config import AgentConfig
from noctule_agent.metrics import metrics_text
from noctule_agent.status import AgentStatus

PATH: Final = "/metrics"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
RETRY_S: Final = 30.0
SHUTDOWN_S: Final = 0.5

_log = logging.getLogger(__name__)


async def serve_metrics(config: AgentConfig, status: Callable[[], AgentStatus]) -> None:
    """Answer `GET /metrics` until cancelled; a port that is taken is said once and tried again, measuring goes on."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=metrics_text(status()).encode(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.router.add_get(PATH, answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await _listen(runner, config.metrics_address, config.metrics_port)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: str, port: int) -> None:
    told = False
    while True:
        try:
            await web.TCPSite(runner, address, port).start()
        except OSError as error:
            if not told:
                _log.error("metrics are not served at %s port %d: %s", address, port, error.strerror or error)
            told = True
            await asyncio.sleep(RETRY_S)
        else:
            return
