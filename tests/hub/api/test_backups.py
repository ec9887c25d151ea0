"""A backup over HTTP: for admins, one at a time, cut off rather than half."""

import io
import tarfile
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from noctule_hub.core.backup import MANIFEST
from noctule_hub.core.principal import Role
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.backup import SCRATCH

from tests.hub.api.harness import Hub

PATH = "/api/v1/backups"


async def test_admin_gets_a_tar_whose_last_member_is_the_manifest(hub: Hub) -> None:
    async with hub.client.post(PATH, headers=hub.bearer(Role.ADMIN)) as response:
        assert (response.status, response.content_type) == (200, "application/x-tar")
        content = await response.read()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        names = [name for name in archive.getnames() if name != "progress"]
    assert names == ["hub.db", MANIFEST]
    for path in (hub.data_dir / "keys").glob("*"):
        assert path.read_bytes() not in content
    assert not (hub.data_dir / SCRATCH).exists()


async def test_backup_tells_the_audit_log_who_took_it(hub: Hub) -> None:
    async with hub.client.post(PATH, headers=hub.bearer(Role.ADMIN)) as response:
        await response.read()
    (entry,) = (await hub.get("/api/v1/audit?kind=hub")).json["items"]
    assert (entry["action"], entry["actor"]) == ("backed-up", "admin")


def occupy(data_dir: Path) -> None:
    (data_dir / SCRATCH).mkdir()


async def test_second_backup_at_once_is_told_to_wait(hub: Hub) -> None:
    occupy(hub.data_dir)
    answer = await hub.ask("POST", PATH)
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (429, "too-many", "60")


async def test_backup_that_fails_on_its_way_is_cut_off_and_the_next_one_works(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise StoreError("the disk reported an error")

    with monkeypatch.context() as patched:
        patched.setattr("noctule_hub.store.sqlite.backup.copy_database", fail)
        async with hub.client.post(PATH, headers=hub.bearer(Role.ADMIN)) as response:
            assert response.status == 200
            with pytest.raises(aiohttp.ClientError):
                await response.read()
    assert not (hub.data_dir / SCRATCH).exists()
    assert (await hub.ask("POST", PATH)).status == 200
