"""Many devices at once: all or none, each row's fate said beforehand, and what is there neither doubled nor undone."""

from typing import Any

from noctule_hub.core.principal import Role

from tests.hub.api.harness import Answer, Hub
from tests.hub.api.test_devices import V3, enrol


def row(name: str, last: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "address": f"192.0.2.{last}", "site": "north"} | more


async def load(hub: Hub, *rows: dict[str, Any], dry: bool = False, update: bool = False) -> Answer:
    path = "/api/v1/devices/import" + ("?dryRun=true" if dry else "")
    return await hub.post(path, {"devices": list(rows), "update": update})


def outcomes(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [one["outcome"] for one in answer.json["rows"]]


async def names(hub: Hub) -> list[str]:
    return [device.name for device in await hub.store.devices()]


async def test_all_devices_are_added_and_the_agents_are_told_once(hub: Hub) -> None:
    agent_id = await enrol(hub)
    answer = await load(hub, row("a", 1), row("b", 2, snmp={"community": "planted"}, tags=["x"], note="n"))
    assert (outcomes(answer), answer.json["applied"]) == (["added", "added"], True)
    devices = await hub.store.devices()
    assert [one["deviceId"] for one in answer.json["rows"]] == [device.id for device in devices]
    assert {device.agent_id for device in devices} == {agent_id}
    assert hub.engine.reloads == 1
    assert "planted" not in answer.text


async def test_a_dry_run_says_what_would_become_of_each_row_and_changes_nothing(hub: Hub) -> None:
    await load(hub, row("a", 1))
    answer = await load(
        hub,
        row("a", 1),
        row("b", 2),
        row("c", 2),
        row("d", 3, site="nowhere"),
        row("e", 300),
        row("f", 6, reachability="snmp"),
        row("g", 7, agent="nobody"),
        row("h", 8, parents=["nothing"]),
        dry=True,
    )
    assert outcomes(answer) == ["skipped", "added", *["refused"] * 6]
    fields = [one["field"] for one in answer.json["rows"]]
    assert fields == [None, None, "address", "site", "address", "snmp", "agent", "parents"]
    assert answer.json["applied"] is False
    assert await names(hub) == ["a"]
    assert hub.engine.reloads == 1


async def test_a_row_that_cannot_be_read_is_told_beside_the_others(hub: Hub) -> None:
    rows = (row("a", 1, reachability="telepathy"), row("b", 2), row("c", 3, icmpIntervalS=0), row("b", 4))
    answer = await load(hub, *rows, dry=True)
    assert outcomes(answer) == ["refused", "added", "refused", "refused"]
    told = [(one["field"], one["message"]) for one in answer.json["rows"]]
    assert told[0] == ("reachability", "must be one of: icmp, snmp, both")
    assert told[2][0] == "icmpIntervalS"
    answer = await load(hub, *rows)
    assert (answer.status, answer.json["field"]) == (400, "devices[0].reachability")
    assert "2 rows are refused" in answer.json["message"]
    assert await names(hub) == []


async def test_all_that_is_wrong_with_a_row_is_told_at_once(hub: Hub) -> None:
    await load(hub, row("a", 1))
    rows = (
        row("x\x07", 300, site="nowhere", agent="nobody", role="\x07", tags=["\x07"], parents=["nothing"], note="\x07"),
        row("b", 2, reachability="telepathy", icmpIntervalS=0, snmp={"port": 0, "communty": "planted"}, agent="nobody"),
        {"name": 7, "address": "999.1.1.1", "snmp": {"version": "3"}},
        row("c", 3, reachability="snmp", parents=["nothing"]),
        row("a", 1),
    )
    answer = await load(hub, *rows, dry=True)
    assert outcomes(answer) == ["refused"] * 4 + ["skipped"]
    fields = [[fault["field"] for fault in one["faults"]] for one in answer.json["rows"]]
    assert sorted(fields[0]) == ["address", "agent", "name", "note", "parents", "role", "site", "tags[0]"]
    assert sorted(fields[1]) == ["agent", "icmpIntervalS", "reachability", "snmp.communty", "snmp.port"]
    assert sorted(fields[2]) == ["address", "name", "site", "snmp.v3"]
    assert fields[3:] == [["snmp", "parents"], []]
    for one in answer.json["rows"][:4]:
        assert (one["field"], one["message"]) == (one["faults"][0]["field"], one["faults"][0]["message"])
    assert "planted" not in answer.text
    assert await names(hub) == ["a"]


async def test_faults_of_a_row_that_are_without_end_are_bounded(hub: Hub) -> None:
    answer = await load(hub, row("a", 1, **{f"x{number}": 1 for number in range(50)}), dry=True)
    assert len(answer.json["rows"][0]["faults"]) == 10


async def test_one_refused_row_undoes_all_and_is_named(hub: Hub) -> None:
    answer = await load(hub, row("a", 1), row("b", 1), row("c", 1))
    assert (answer.status, answer.json["field"]) == (400, "devices[1].address")
    assert "2 rows are refused; dryRun=true tells of each" in answer.json["message"]
    assert await names(hub) == []
    assert not (await hub.get("/api/v1/audit?kind=device")).json["items"]
    ids = (await load(hub, row("a", 1))).json["rows"][0]["deviceId"]
    assert ids == 1


async def test_what_is_there_is_found_by_name_or_address_and_changed_only_when_asked(hub: Hub) -> None:
    await load(hub, row("a", 1, tags=["old"], note="kept", snmp={"community": "c", "intervalS": 5}))
    assert outcomes(await load(hub, row("A", 9), row("other", 1), dry=True)) == ["skipped", "refused"]
    answer = await load(hub, row("renamed", 1, tags=["new"], snmp={"port": 1161, "community": "c"}), update=True)
    # Another port of the same address is another device.
    assert outcomes(answer) == ["added"]
    answer = await load(hub, row("a", 1, tags=["new"], snmp={"version": "1"}), update=True)
    assert outcomes(answer) == ["changed"]
    assert answer.json["rows"][0]["message"] == "changes snmp, tags"
    device = (await hub.store.devices())[0]
    assert (device.tags, device.note, device.revision) == (("new",), "kept", 2)
    assert device.snmp is not None
    assert (device.snmp.version, device.snmp.interval_s) == ("1", 5.0)


async def test_the_same_file_twice_changes_nothing_the_second_time(hub: Hub) -> None:
    await enrol(hub)
    rows = (
        row("gw", 1, snmp={"community": "planted"}),
        row("sw", 2, parents=["gw"], tags=["t"], icmpIntervalS=5, snmp={"version": "3", "v3": V3}),
    )
    assert outcomes(await load(hub, *rows, update=True)) == ["added", "added"]
    assert outcomes(await load(hub, *rows, update=True)) == ["unchanged", "unchanged"]
    assert outcomes(await load(hub, *rows)) == ["skipped", "skipped"]
    assert [device.revision for device in await hub.store.devices()] == [1, 1]
    other = row("gw", 1, snmp={"community": "another"})
    assert (await load(hub, other, update=True)).json["rows"][0]["message"] == "changes credentials"


async def test_parents_may_stand_anywhere_in_the_import_or_be_there_already(hub: Hub) -> None:
    await load(hub, row("old", 1))
    answer = await load(hub, row("leaf", 4, parents=["mid", "OLD"]), row("mid", 3, parents=["top"]), row("top", 2))
    assert outcomes(answer) == ["added"] * 3
    ids = {device.name: device.id for device in await hub.store.devices()}
    parents = {device.name: device.parents for device in await hub.store.devices()}
    assert parents["mid"] == (ids["top"],)
    assert sorted(parents["leaf"]) == sorted((ids["old"], ids["mid"]))


async def test_rows_that_stand_behind_each_other_are_refused(hub: Hub) -> None:
    answer = await load(hub, row("a", 1, parents=["b"]), row("b", 2, parents=["a"]), row("c", 3), dry=True)
    assert outcomes(answer) == ["refused", "refused", "added"]
    await load(hub, row("a", 1), row("b", 2, parents=["a"]))
    assert outcomes(await load(hub, row("a", 1, parents=["b"]), dry=True, update=True)) == ["refused"]
    turned = (row("a", 1, parents=["b"]), row("b", 2, parents=[]))
    assert outcomes(await load(hub, *turned, update=True)) == ["changed", "changed"]


async def test_a_parent_s_name_that_several_sites_have_must_be_plain(hub: Hub) -> None:
    for site in ("east", "west"):
        await hub.post("/api/v1/sites", {"name": site})
        await load(hub, row("gw", 1, site=site))
    answer = await load(hub, row("sw", 2, parents=["gw"]), dry=True)
    assert "is the name of several devices, none of them at north" in answer.json["rows"][0]["message"]
    assert outcomes(await load(hub, row("sw", 2, site="east", parents=["gw"]), dry=True)) == ["added"]


async def test_too_many_or_misshapen_rows_are_refused_by_name(hub: Hub) -> None:
    many = [row(f"d{number}", 1) for number in range(1001)]
    answer = await load(hub, *many)
    assert (answer.status, answer.json["field"]) == (400, "devices")
    assert (await load(hub)).status == 400
    answer = await load(hub, row("a", 1, snmp={"communty": "planted"}))
    assert (answer.status, answer.json["field"]) == (400, "devices[0].snmp.communty")
    assert "planted" not in answer.text


async def test_only_who_may_write_devices_imports(hub: Hub) -> None:
    body = {"devices": [row("a", 1)]}
    assert (await hub.post("/api/v1/devices/import", body, role=Role.VIEWER)).status == 403
    assert (await hub.post("/api/v1/devices/import", body, role=Role.OPERATOR)).status == 200


async def test_a_list_holds_what_the_query_names(hub: Hub) -> None:
    await hub.post("/api/v1/sites", {"name": "east"})
    await load(hub, row("core", 1, tags=["x"]), row("edge", 2, site="east", note="behind the CORE"), row("cpe", 3))

    async def found(query: str) -> list[str]:
        answer = await hub.get(f"/api/v1/devices?{query}")
        assert answer.status == 200, answer.text
        return [device["name"] for device in answer.json["items"]]

    assert await found("text=core") == ["core", "edge"]
    assert await found("text=192.0.2.3") == ["cpe"]
    assert await found("site=EAST") == ["edge"]
    assert await found("tag=x") == ["core"]
    assert await found("status=unknown&site=north") == ["core", "cpe"]
    assert await found("status=online") == []
    assert (await hub.get("/api/v1/devices?status=perfect")).json["field"] == "status"
