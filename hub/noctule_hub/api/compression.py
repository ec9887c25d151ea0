"""Answers as short on the wire as who asks takes them: gzip, for what is read by GET and is long enough to be worth it.

No answer that may hold a secret is compressed, so that its length tells nothing of it (BREACH): tokens and passwords
are handed out by POST alone, and a GET is let in by a header that no page of another origin can have a browser send.
"""

import asyncio
import zlib
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

# Below this a compressed answer would save no packet.
WORTH_BYTES: Final = 1024
# What takes longer than a millisecond keeps nobody else waiting.
IN_THREAD_BYTES: Final = 32 * 1024
# A page of 1,000 devices becomes a twelfth in 5 ms; the highest level takes four times that for 2 % less.
_LEVEL: Final = 6
_GZIP_WINDOW_BITS: Final = 31
_TEXTS: Final = frozenset(
    {"application/json", "application/problem+json", "application/x-ndjson", "application/openmetrics-text"}
)


@web.middleware
async def compressed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compress whole answers for who takes them so. Answers that are streamed see to it themselves (`offer`)."""
    response = await handler(request)
    if request.method not in {hdrs.METH_GET, hdrs.METH_HEAD} or not isinstance(response, web.Response):
        return response
    if hdrs.CONTENT_ENCODING in response.headers or not (_is_text(response) or response.body is None):
        return response
    vary(response)
    body = response.body
    if takes_gzip(request) and isinstance(body, bytes) and len(body) >= WORTH_BYTES:
        packed = await asyncio.to_thread(_gzip, body) if len(body) >= IN_THREAD_BYTES else _gzip(body)
        response.body = packed
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    return response


def offer(request: web.Request, response: web.StreamResponse) -> None:
    """Have an answer compressed while it is written, where it is text and who asks takes it so.

    Call it before `prepare`. Long parts are compressed in a thread.
    """
    if request.method not in {hdrs.METH_GET, hdrs.METH_HEAD} or not _is_text(response):
        return
    vary(response)
    if not takes_gzip(request):
        return
    if request.method == hdrs.METH_HEAD:
        # The end of a compressed answer is a body too, and there must be none.
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    else:
        response.enable_compression(web.ContentCoding.gzip)


def takes_gzip(request: web.Request) -> bool:
    """Return whether `Accept-Encoding` has gzip, by name or by `*`, and does not refuse it by `q=0`."""
    quality: dict[str, bool] = {}
    for part in ",".join(request.headers.getall(hdrs.ACCEPT_ENCODING, [])).split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        quality[name] = not any(_is_refusal(parameter) for parameter in parameters)
    return quality.get("gzip", quality.get("*", False))


def vary(response: web.StreamResponse) -> None:
    """Tell caches that another client may be answered in another encoding."""
    response.headers[hdrs.VARY] = ", ".join(filter(None, (response.headers.get(hdrs.VARY), hdrs.ACCEPT_ENCODING)))


def _is_refusal(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    # Three decimals are all there may be.
    return name.strip() == "q" and value.strip() in {"0", "0.", "0.0", "0.00", "0.000"}


def _is_text(response: web.StreamResponse) -> bool:
    return response.content_type in _TEXTS or response.content_type.startswith("text/")


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW_BITS)
    return packer.compress(body) + packer.flush()
