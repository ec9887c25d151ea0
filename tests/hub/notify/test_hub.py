"""A whole hub with channels: an alert leaves it, and a stop waits for nobody's receiver."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession
from noctule_hub.app import clock_ms, running
from noctule_hub.auth.keys import Keys
from noctule_hub.cli.folder import initialise
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.config.notify import NotifySettings
from noctule_hub.core.notifying.policies import Step
from noctule_hub.store.sqlite import open_store

from tests.hub.ingest.wire import Hub
from tests.hub.notify.bench import LOOPBACK, Bench, alert, event, webhook
from tests.hub.notify.receivers import HttpReceiver, Listener
from tests.hub.program import started


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
    async with running(HubConfig(tmp_path / "data", settings)) as begun, ClientSession() as http:
        hub = Hub(begun, http)
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
        await begun.service.emit_new_alert(alert())
        await receiver.until(lambda: len(receiver.posted) == 2)
        await silent.until(lambda: silent.connected == 3)
        assert [one.json.event for one in receiver.posted] == ["test", "alert.new"]
        stopping = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopping < 5
    await receiver.close()
    await silent.close()


@pytest.mark.check
@pytest.mark.timeout(240)
async def test_a_hub_killed_between_two_steps_takes_the_second_once_at_its_time(tmp_path: Path) -> None:
    receiver = await HttpReceiver().open()
    data_dir = tmp_path / "data"
    await initialise(data_dir, username="admin")
    (data_dir / "hub.toml").write_text('[notify]\nallow_networks = ["127.0.0.0/8"]\n')
    store, keys = await open_store(data_dir, clock_ms=clock_ms), Keys.of_hub(data_dir)
    noc = Bench(data_dir, keys, store, now_ms=clock_ms())
    night = await noc.channel(webhook(receiver.port, "/night"), "night")
    boss = await noc.channel(webhook(receiver.port, "/boss"), "boss")
    await noc.policy(steps=(Step(0, (night.id,)), Step(6, (boss.id,))))
    rang_ms = clock_ms()
    await store.append([event(alert())], now_ms=rang_ms)
    await store.close()
    async with started(data_dir) as (program, _):
        await receiver.until(lambda: len(receiver.posted) == 1)
        program.process.kill()
        await program.process.wait()
    async with started(data_dir):
        await receiver.until(lambda: receiver.posted[-1].path == "/boss")
    assert clock_ms() >= rang_ms + 6_000
    # What it was killed over, before it knew of the answer, is sent again under the same id.
    assert [one.path for one in receiver.posted if one.path == "/boss"] == ["/boss"]
    assert len({one.delivery for one in receiver.posted}) == 2
    await receiver.close()
