"""A reverse proxy that forwards plain HTTP requests and lets no WebSocket through, as many in the field do."""

import aiohttp
from aiohttp import web

HOP_HEADERS = frozenset({"host", "connection", "transfer-encoding", "content-encoding", "content-length"})


class HttpOnlyProxy:
    """Stands at `url` before the hub at `target`."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.url = ""
        self.upgrades_refused = 0
        self.largest_post_bytes = 0

    async def start(self) -> None:
        self.http = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._forward)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        host, port = self.runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        await self.runner.cleanup()
        await self.http.close()

    async def _forward(self, request: web.Request) -> web.Response:
        if "upgrade" in request.headers:
            self.upgrades_refused += 1
            return web.Response(status=403, text="no upgrades here")
        body = await request.read()
        self.largest_post_bytes = max(self.largest_post_bytes, len(body))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_HEADERS}
        try:
            async with self.http.request(
                request.method, self.target + request.path_qs, data=body or None, headers=headers
            ) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_HEADERS}
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)
        except aiohttp.ClientError as error:
            return web.Response(status=502, text=str(error))
