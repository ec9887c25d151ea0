"""Clients as people have them, which offer compression by themselves: Chromium, and Node.js with `ws` and socket.io."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from noctule_hub.realtime.fanout import encode
from noctule_hub.realtime.link import deflated_frame_of

from tests.screens.browser import NoBrowserError, chromium

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

HERE = Path(__file__).parent
WEB = HERE.parents[2] / "hub" / "web"
DEADLINE_S = 60
# Short, long, beyond any window, and beyond ASCII; each to be understood without the one before.
TRIALS = [{"n": n, "fill": fill} for n, fill in enumerate(["", "rttS " * 600, "ü€😀" * 9_000, "no", "rttS " * 600])]
PAGE = """async () => {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  window.trials = [];
  return new Promise((done, fail) => {
    socket.onclose = () => fail(new Error("closed"));
    socket.onmessage = ({ data }) => {
      if (data.startsWith("0")) socket.send(`40${JSON.stringify({ token: "viewer", padding: "x".repeat(2000) })}`);
      if (data.startsWith('42["trial"')) window.trials.push(JSON.parse(data.slice(2))[1]);
      if (data.startsWith('42["replay:done"')) done(socket.extensions);
    };
  });
}"""


@asynccontextmanager
async def node(hub: "SocketHub", way: str, options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    program = shutil.which("node")
    if program is None or not (WEB / "node_modules" / "ws").is_dir():
        pytest.skip("needs node, and hub/web/node_modules as the build leaves it")
    words = (str(HERE / "compressing.mjs"), str(WEB / "dashboard"), hub.url, way, options)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(program, *words, stdin=pipe, stdout=pipe, limit=2**20)
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def line(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        return json.loads(await process.stdout.readline())


def tell(hub: "SocketHub") -> None:
    for trial in TRIALS:
        hub.service.fanout.deliver(hub.service.connections, encode("trial", trial))


@pytest.mark.parametrize(
    ("way", "options", "compressed"),
    [
        ("ws", "true", 3),
        ("ws", '{"serverMaxWindowBits": 12}', 2),
        ("ws", '{"clientMaxWindowBits": 9, "threshold": 0}', 3),
        ("ws", "false", 0),
        # As it is when nobody says anything.
        ("socket.io", '{"threshold": 1024}', 3),
    ],
)
async def test_node_gets_every_message_compressed_or_not(
    hub: "SocketHub", way: str, options: str, compressed: int
) -> None:
    with patch("noctule_hub.realtime.sessions.deflated_frame_of", wraps=deflated_frame_of) as deflated:
        async with node(hub, way, options) as process:
            ready = await line(process)
            agreed = ready["data"]["extensions"]
            tell(hub)
            assert [(await line(process))["data"] for _ in TRIALS] == TRIALS
    if way == "ws":
        assert ("permessage-deflate" in agreed) == (compressed > 0)
    assert deflated.call_count == compressed


async def test_chromium_gets_every_message_compressed_or_not(hub: "SocketHub") -> None:
    loop = asyncio.get_running_loop()

    def browse() -> tuple[str, Any]:
        with chromium() as browser:
            page = browser.new_page()
            # There is no such page, but it is one of the hub's.
            page.goto(f"{hub.url}/nothing")
            extensions: str = page.evaluate(PAGE)
            loop.call_soon_threadsafe(tell, hub)
            page.wait_for_function(f"window.trials.length === {len(TRIALS)}", timeout=DEADLINE_S * 1_000)
            return extensions, page.evaluate("window.trials")

    with patch("noctule_hub.realtime.sessions.deflated_frame_of", wraps=deflated_frame_of) as deflated:
        try:
            extensions, trials = await asyncio.to_thread(browse)
        except NoBrowserError as error:
            pytest.skip(str(error))
    assert "permessage-deflate" in extensions
    assert "server_no_context_takeover" in extensions
    assert trials == TRIALS
    assert deflated.call_count == 3
