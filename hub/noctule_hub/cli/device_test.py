"""`noctule device test`: what a device answers to its own agent, and why it does not."""

from typing import Any, Final

import click
from noctule_shared.commands import IcmpBody, ProbeBody, SnmpBody

from noctule_hub.answers.devices import DeviceView
from noctule_hub.cli import complete
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.output import bit_rate, json_option, print_json, print_table, say

MAX_LISTED: Final = 20


@click.command("test")
@click.argument("device", shell_complete=complete.devices)
@click.option("--count", type=click.IntRange(1, 20), default=5, show_default=True, help="Number of echoes.")
@json_option
def test_device(device: str, count: int, *, as_json: bool) -> None:
    """Have its agent ask DEVICE (id or name) by ICMP and SNMP, with the credentials that are registered.

    Exit status 0 when all that is registered for it works, 1 when not: a device that is monitored by both answers
    both. Echoes of one that is monitored by SNMP alone do not count.
    """

    async def test(client: HubClient) -> tuple[DeviceView, ProbeBody]:
        found = await find_device(client, device)
        body: dict[str, Any] = {"count": count}
        return found, decode(await client.send("POST", f"devices/{found.id}/test", body), ProbeBody)

    registered, found = call(test)
    if as_json:
        print_json(found)
    else:
        _print(found, pinged=registered.icmp is not None)
    if not _works(registered, found):
        raise click.exceptions.Exit(1)


def _works(registered: DeviceView, found: ProbeBody) -> bool:
    """Return whether a device answers in every way in which it is monitored."""
    pings = registered.icmp is None or bool(found.icmp.received)
    return pings and (registered.snmp is None or (found.snmp is not None and found.snmp.ok))


def _print(found: ProbeBody, *, pinged: bool) -> None:
    icmp = _icmp(found.icmp) if pinged else f"{_icmp(found.icmp)} (it is not monitored by ICMP)"
    print_table(found.address, ("", ""), [("icmp", icmp), ("snmp", _snmp(found.snmp))])
    if found.interface_count:
        rows = [
            (str(row.if_index), row.name, row.if_alias, row.if_oper_status, bit_rate(row.speed_bps))
            for row in found.interfaces[:MAX_LISTED]
        ]
        listed = "" if found.interface_count == len(rows) else f", the first {len(rows)}"
        print_table(
            f"{found.interface_count} interfaces{listed}", ("#ifIndex", "name", "alias", "state", "#speed"), rows
        )
    for sentence in found.advice:
        say(f"-> {sentence}")


def _icmp(icmp: IcmpBody) -> str:
    if not icmp.sent:
        return f"not measured: {icmp.reason or 'no reason given'}"
    line = f"{icmp.received} of {icmp.sent} echoes came back"
    if icmp.rtt_s.median is None:
        return f"{line}: {icmp.reason}" if icmp.reason else line
    return f"{line}, rtt median {icmp.rtt_s.median * 1000:.3f} ms"


def _snmp(snmp: SnmpBody | None) -> str:
    if snmp is None:
        return "not asked: no SNMP is registered"
    if not snmp.ok:
        return f"no answer with version {snmp.version}: {snmp.reason}"
    return f"version {snmp.version}, {snmp.sys_name or '(no sysName)'}, {snmp.sys_descr or ''}".rstrip(", ")
