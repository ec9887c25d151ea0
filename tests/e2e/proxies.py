"""The reverse proxies of the examples as processes: their own files, with this test's ports and certificate."""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
START_S = 30.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def replaced(text: str, changes: Sequence[tuple[str, str]]) -> str:
    """Return an example with changes; each must be found, or the test would run something else than the example."""
    for pattern, put in changes:
        text, found = re.subn(pattern, put, text, flags=re.MULTILINE)
        assert found, f"the example has no {pattern!r}"
    return text


@dataclass(frozen=True)
class Place:
    """Where a proxy runs in a test: its folder with `hub.pem` and `hub.key`, its port, and the hub's."""

    folder: Path
    port: int
    hub_port: int


def nginx(place: Place) -> Sequence[str | Path]:
    site = replaced(
        (EXAMPLES / "nginx.conf").read_text(encoding="utf-8"),
        [
            (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{place.port} ssl http2;"),
            (r"^ *listen \[::\].*\n", ""),
            (r"/etc/letsencrypt/\S+fullchain\.pem", str(place.folder / "hub.pem")),
            (r"/etc/letsencrypt/\S+privkey\.pem", str(place.folder / "hub.key")),
            (r"127\.0\.0\.1:5000", f"127.0.0.1:{place.hub_port}"),
        ],
    )
    (place.folder / "noctule.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {place.folder}/{kind};" for kind in kinds)
    whole = f"""
        daemon off; master_process off; pid {place.folder}/nginx.pid; error_log stderr;
        events {{ }}
        http {{ access_log off; {temporary} include {place.folder}/noctule.conf; }}"""
    (place.folder / "nginx.conf").write_text(whole)
    return ["nginx", "-e", "stderr", "-p", place.folder, "-c", place.folder / "nginx.conf"]


def haproxy(place: Place) -> Sequence[str | Path]:
    both = place.folder / "both.pem"
    both.touch(mode=0o600)
    both.write_bytes((place.folder / "hub.pem").read_bytes() + (place.folder / "hub.key").read_bytes())
    config = replaced(
        (EXAMPLES / "haproxy.cfg").read_text(encoding="utf-8"),
        [
            (r"bind :80", f"bind 127.0.0.1:{free_port()}"),
            (r"bind :443 ssl crt \S+", f"bind 127.0.0.1:{place.port} ssl crt {both}"),
            (r"log /dev/log local0", "log stderr local0 warning"),
            (r"maxconn 20000", "maxconn 200"),
            (r"127\.0\.0\.1:5000", f"127.0.0.1:{place.hub_port}"),
        ],
    )
    (place.folder / "haproxy.cfg").write_text(config)
    return ["haproxy", "-db", "-f", place.folder / "haproxy.cfg"]


def caddy(place: Place) -> Sequence[str | Path]:
    own = f"https://127.0.0.1:{place.port} {{\n\ttls {place.folder}/hub.pem {place.folder}/hub.key"
    site = replaced(
        (EXAMPLES / "Caddyfile").read_text(encoding="utf-8"),
        [(r"^noc\.example\.net \{", own), (r"127\.0\.0\.1:5000", f"127.0.0.1:{place.hub_port}")],
    )
    # No server on port 80, no administration, no authority of its own: only what the example says of the site.
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    (place.folder / "Caddyfile").write_text(options + site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", place.folder / "Caddyfile"]


PROXIES: dict[str, Callable[[Place], Sequence[str | Path]]] = {"nginx": nginx, "haproxy": haproxy, "caddy": caddy}


@asynccontextmanager
async def proxied(name: str, place: Place) -> AsyncIterator[str]:
    """Run a proxy in front of the hub's port; yields the address that clients open."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    program = shutil.which(name, path=path)
    if program is None:
        pytest.skip(f"{name} is not installed (Debian: {name})")
    words = PROXIES[name](place)
    environment = os.environ | {"HOME": str(place.folder), "XDG_DATA_HOME": str(place.folder)}
    with (place.folder / "proxy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, *map(str, words[1:]), stdout=log, stderr=log, env=environment
        )
    try:
        await listening(place, process)
        yield f"https://127.0.0.1:{place.port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def listening(place: Place, process: asyncio.subprocess.Process) -> None:
    """Return once the proxy takes connections."""
    async with asyncio.timeout(START_S):
        while True:
            assert process.returncode is None, (place.folder / "proxy.log").read_text()
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", place.port)
                writer.close()
                return
            await asyncio.sleep(0.05)
