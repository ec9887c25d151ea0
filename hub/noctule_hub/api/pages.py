"""The built dashboard, served from the installed package; when it was not built, a page that says how to."""

import mimetypes
from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from noctule_hub.api.endpoints import Endpoint
from noctule_hub.auth.permissions import Action

STATIC_DIR: Final = web.AppKey("noctule_static_dir", Path)
NOT_PAGES: Final = ("/api/", "/socket.io/", "/health", "/metrics", "/assets/")
# Not every machine's table of types knows these, and nosniff makes browsers refuse a wrong one.
_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Noctule: the dashboard is not built</title></head>
<body>
<h1>The dashboard is not built</h1>
<p>This hub runs and its API answers, but it was installed without the built dashboard.</p>
<p>Build it by installing the hub from its source folder, which does so by itself:</p>
<pre>pip install ./shared ./hub</pre>
<p>or start the demonstration, which sets everything up:</p>
<pre>make demo</pre>
<p>Then start the hub again. Until then the command line works: <code>noctule device list</code>.</p>
</body>
</html>
"""


def default_static_dir() -> Path:
    """Return where the build puts the dashboard inside the installed package."""
    return Path(str(files("noctule_hub"))) / "web" / "static"


async def index(request: web.Request) -> web.StreamResponse:
    """`GET /`: the dashboard."""
    return _page(request, "index.html")


async def socket_test(request: web.Request) -> web.StreamResponse:
    """`GET /ws-test`: the small page on which to watch the sockets."""
    return _page(request, "ws-test.html")


async def asset(request: web.Request) -> web.StreamResponse:
    """`GET /assets/*`: files whose names carry a hash of their content, so they may be kept for good."""
    found = _file(request, f"assets/{request.match_info['name']}")
    if found is None:
        raise web.HTTPNotFound
    return _send(found, "public, max-age=31536000, immutable")


def fallback(request: web.Request) -> web.StreamResponse | None:
    """Return what stands for a path without a route: a file beside the page, or for browsers the page itself.

    None: a real 404.
    """
    if request.method not in {hdrs.METH_GET, hdrs.METH_HEAD} or request.path.startswith(NOT_PAGES):
        return None
    found = _file(request, request.path.lstrip("/"))
    if found is not None:
        return _send(found, "no-cache")
    if "text/html" in request.headers.get(hdrs.ACCEPT, ""):
        return _page(request, "index.html")
    return None


def _page(request: web.Request, name: str) -> web.StreamResponse:
    found = _file(request, name)
    if found is None:
        return web.Response(text=NOT_BUILT, content_type="text/html", headers={hdrs.CACHE_CONTROL: "no-store"})
    return _send(found, "no-cache")


def _file(request: web.Request, name: str) -> Path | None:
    root = request.app[STATIC_DIR].resolve()
    try:
        # Resolved first, so that neither `..` nor a symbolic link leads out of the folder.
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file():
            return path
    except (OSError, ValueError):
        return None
    return None


def _send(path: Path, cache_control: str) -> web.FileResponse:
    content_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if content_type.startswith("text/") else ""
    return web.FileResponse(
        path, headers={hdrs.CACHE_CONTROL: cache_control, hdrs.CONTENT_TYPE: content_type + charset}
    )


ENDPOINTS: Final = (
    Endpoint("GET", "/", Action.PUBLIC, index),
    Endpoint("GET", "/ws-test", Action.PUBLIC, socket_test),
    Endpoint("GET", "/assets/{name:.+}", Action.PUBLIC, asset),
)
