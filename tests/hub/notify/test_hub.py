"""A whole hub with channels: an alert leaves it, and a stop waits for nobody's receiver."""

import asyncio
from pathlib import Path

from aiohttp import ClientSession
from noctule_hub.app import running
from noctule_hub.cli.folder import initialise
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.config.notify import NotifySettings

from tests.hub.ingest.wire import Hub
from tests.hub.notify.bench import LOOPBACK, alert
from tests.hub.notify.receivers import HttpReceiver, Listener


class Silent(Listener):
    """Takes connections and says nothing."""

    connected = 0

    async def talk(self, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        await self._note()
        while await reader.read(1000):
            pass


async def test_an_alert_leaves_the_hub_and_a_stop_waits_for_no_receiver(tmp_path: Path) -> None:
    receiver, silent = await HttpReceiver().open(), Silent()
    await silent.open()
    sign_in = await initialise(tmp_path / "data", username="admin")
    settings = HubSettings(port=0, notify=NotifySettings(LOOPBACK))
    async with running(HubConfig(tmp_path / "data", settings)) as started, ClientSession() as http:
        hub = Hub(started, http)
        answer = await hub.call("POST", "/auth/login", username=sign_in.username, password=sign_in.password)
        http.headers["Authorization"] = f"Bearer {answer['accessToken']}"
        mail = {"sender": "a@example.net", "recipients": ["b@example.net"], "security": "none"}
        for name, target in (
            ("good", {"webhook": {"url": f"http://127.0.0.1:{receiver.port}/"}}),
            ("silent hook", {"webhook": {"url": f"http://127.0.0.1:{silent.port}/"}}),
            ("silent mail", {"smtp": mail | {"host": "127.0.0.1", "port": silent.port}}),
            ("silent service", {"apprise": {"url": f"json://127.0.0.1:{silent.port}/"}}),
        ):
            added = await hub.call("POST", "/channels", name=name, **target)
            if name == "good":
                tried = await hub.call("POST", f"/channels/{added['id']}/test")
                assert tried == {"delivered": True, "outcome": "127.0.0.1 answered 200"}
        await started.service.emit_new_alert(alert())
        await receiver.until(lambda: len(receiver.posted) == 2)
        await silent.until(lambda: silent.connected == 3)
        assert [one.json.event for one in receiver.posted] == ["test", "alert.new"]
        stopping = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopping < 5
    await receiver.close()
    await silent.close()
