"""What readers see of a running hub's configuration, which is answered from memory."""

from tests.hub.ingest.wire import Hub


async def test_whoever_writes_a_device_reads_it_as_written(hub: Hub) -> None:
    await hub.call("POST", "/sites", name="north")
    made = await hub.call("POST", "/devices", name="core1", address="192.0.2.1", site="north")
    path = f"/devices/{made['id']}"
    assert await hub.call("GET", path) == made
    for number in range(1, 6):
        changed = await hub.call("PATCH", path, revision=number, name=f"core{number + 1}")
        assert await hub.call("GET", path) == changed
        listed = await hub.call("GET", "/devices")
        assert [device["name"] for device in listed["items"]] == [f"core{number + 1}"]
    await hub.call("DELETE", path)
    assert (await hub.call("GET", "/devices"))["items"] == []
