"""What is secret appears nowhere: planted wherever one may stand, looked for in everything that comes out."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import socketio  # type: ignore[import-untyped]
from aiohttp import ClientSession
from noctule_hub.api.routes import ALL_ENDPOINTS

from tests.e2e.conftest import COMMUNITY, SITE, Installation, wait_until

pytestmark = [pytest.mark.check, pytest.mark.timeout(180), pytest.mark.xdist_group("e2e")]

AUTH_SECRET: Final = "planted-auth-5c1d77"
PRIV_SECRET: Final = "planted-priv-90ee21"
OTHER_COMMUNITY: Final = "planted-community-3b8a"
USER_PASSWORD: Final = "planted-password-77aa41"
V3_USER: Final = f"""user = "watcher"
auth_protocol = "SHA-256"
auth_secret = "{AUTH_SECRET}"
priv_protocol = "AES"
priv_secret = "{PRIV_SECRET}"
"""


class Secrets:
    """What must not be seen, by what it is; and where something was looked for."""

    def __init__(self, installation: Installation) -> None:
        self.planted = {
            "the community of a device": COMMUNITY,
            "another community": OTHER_COMMUNITY,
            "an SNMPv3 authentication secret": AUTH_SECRET,
            "an SNMPv3 privacy secret": PRIV_SECRET,
            "the administrator's password": installation.password,
            "a user's password": USER_PASSWORD,
        }
        self.places = 0

    def look_in(self, place: str, content: bytes | str) -> None:
        raw = content.encode() if isinstance(content, str) else content
        self.places += 1
        for what, secret in self.planted.items():
            assert secret.encode() not in raw, f"{what} is in {place}"


@pytest.fixture(scope="module")
def secrets(installation: Installation) -> Secrets:
    """Plant secrets of all kinds, in right and in wrong places, and have devices asked with them."""
    found, folder = Secrets(installation), installation.folder
    v3, community, password = folder / "v3.toml", folder / "other-community", folder / "user-password"
    v3.write_text(V3_USER)
    community.write_text(OTHER_COMMUNITY)
    password.write_text(USER_PASSWORD)
    v3.chmod(0o600)
    device = ("--site", SITE, "--reachability", "snmp", "--interval", "5")
    installation.noctule(
        "device", "add", "v3-device", "127.0.0.2", *device, "--snmp-version", "3", "--v3-file", str(v3)
    )
    installation.noctule(
        *("device", "add", "v1-device", "127.0.0.3", *device, "--snmp-version", "1"),
        *("--community-file", str(community)),
    )
    installation.noctule("device", "test", "v3-device", check=False)
    installation.noctule("user", "add", "watcher", "--role", "viewer", "--password-file", str(password), check=False)
    token = installation.json("token", "create", "--name", "planted", "--role", "viewer", "--ttl", "1h")["token"]
    joining = installation.json("agent", "token", "--site", SITE)["token"]
    profile = json.loads((folder / "config" / "profile.json").read_text())
    found.planted |= {
        "a program's token": token,
        "a join token's secret": joining.split("_")[2],
        "an access token": profile["accessToken"],
        "a refresh secret": profile["refreshSecret"],
    }
    return found


async def test_no_answer_holds_a_secret(installation: Installation, secrets: Secrets) -> None:
    async with ClientSession(installation.url, headers=await _bearer(installation)) as http:
        for endpoint in ALL_ENDPOINTS:
            if endpoint.method != "GET" or not endpoint.path.startswith(("/api/", "/health", "/metrics", "/status")):
                continue
            for number in (1, 2, 3):
                path = re.sub(r"\{[^}]*\}", str(number), endpoint.path)
                async with http.get(path) as answer:
                    assert answer.status < 500, f"{path}: {answer.status}"
                    secrets.look_in(f"the answer of GET {path}", await answer.read())
                if path == endpoint.path:
                    break
    assert secrets.places > 20


async def test_no_refusal_repeats_a_secret(installation: Installation, secrets: Secrets) -> None:
    bodies: list[dict[str, Any]] = [
        {"name": "x", "address": "not an address", "site": SITE, "snmp": {"community": OTHER_COMMUNITY}},
        {"name": "x", "address": "192.0.2.7", "site": SITE, "snmp": {"version": "3", "community": OTHER_COMMUNITY}},
        {"name": "x", "address": "192.0.2.7", "site": SITE, "snmp": {"version": OTHER_COMMUNITY}},
        {"name": "x", "address": "192.0.2.7", "site": SITE, "snmp": {"v3": {"user": "u", "authSecret": AUTH_SECRET}}},
        {"name": "x", "address": "192.0.2.7", "site": SITE, "snmp": {"v3": [PRIV_SECRET]}},
        {"username": "watcher", "password": USER_PASSWORD, "role": "nobody"},
        {"username": ["watcher"], "password": USER_PASSWORD},
    ]
    async with ClientSession(installation.url, headers=await _bearer(installation)) as http:
        for body in bodies:
            for path in ("/api/v1/devices", "/api/v1/users", "/api/v1/auth/login", "/api/v1/devices/1/test"):
                async with http.post(path, json=body) as answer:
                    assert 400 <= answer.status < 500, f"{path}: {answer.status}"
                    secrets.look_in(f"the refusal of POST {path} {sorted(body)}", await answer.read())


async def test_no_socket_message_holds_a_secret(installation: Installation, secrets: Secrets) -> None:
    heard: list[str] = []
    news = asyncio.Event()
    client = socketio.AsyncClient()

    def remember(event: str, data: Any = None) -> None:
        heard.append(f"{event} {json.dumps(data)}")
        news.set()

    client.on("*", remember)
    token = (await _bearer(installation))["Authorization"].removeprefix("Bearer ")
    epoch_and_zero = {"epoch": await _epoch(installation), "seq": 0}
    await client.connect(installation.url, auth={"token": token, "since": epoch_and_zero}, transports=["websocket"])
    async with asyncio.timeout(60):
        while not any(line.startswith("replay:done") for line in heard):
            news.clear()
            await news.wait()
    await client.disconnect()
    assert len(heard) > 1
    for line in heard:
        secrets.look_in(f"the message {line[:60]}", line)


def test_no_log_and_no_command_line_holds_a_secret(installation: Installation, secrets: Secrets) -> None:
    wait_until(lambda: "v3-device" in installation.devices(), "the planted devices")
    for program, process in installation.running.items():
        assert process.poll() is None
        secrets.look_in(f"the log of the {program}", installation.log(program))
        secrets.look_in(f"the argv of the {program}", Path(f"/proc/{process.pid}/cmdline").read_bytes())
    for command in (("device", "list"), ("device", "show", "v3-device"), ("token", "list"), ("user", "list")):
        secrets.look_in(f"noctule {' '.join(command)}", installation.noctule(*command).stdout)


def test_the_database_holds_no_secret_in_the_open(installation: Installation, secrets: Secrets) -> None:
    for file in sorted((installation.folder / "hub").rglob("*.db*")):
        secrets.look_in(file.name, file.read_bytes())
    keys = [path for path in (installation.folder / "hub" / "keys").rglob("*") if path.is_file()]
    assert keys
    assert {path.stat().st_mode & 0o077 for path in keys} == {0}


async def _bearer(installation: Installation) -> dict[str, str]:
    async with ClientSession(installation.url) as http:
        body = {"username": "admin", "password": installation.password}
        async with http.post("/api/v1/auth/login", json=body) as answer:
            return {"Authorization": f"Bearer {(await answer.json())['accessToken']}"}


async def _epoch(installation: Installation) -> str:
    headers = await _bearer(installation)
    async with ClientSession(installation.url, headers=headers) as http, http.get("/api/v1/events") as answer:
        epoch: str = (await answer.json())["position"]["epoch"]
        return epoch
