"""SNMP: our poller against pysnmp, net-snmp's tools and prometheus-snmp-exporter, all on the same simulated switches.

What counts is the CPU of the client, per poll of one interface: status, octets, packets, errors and discards. The
exporter and net-snmp walk whole tables, as they are used; pysnmp gets exactly the names that our poller gets.
"""

import asyncio
import contextlib
import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from noctule_agent.core.sizing import chunks
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.gufo_session import GufoSession
from noctule_agent.probes.snmp.mib import COUNTERS_64, Column
from noctule_agent.probes.snmp.poller import InterfacePoller
from noctule_shared.link import SnmpCredentials, SnmpVersion
from pysnmp.hlapi.v3arch import asyncio as hlapi  # type: ignore[import-untyped]  # the library has no types

from tests.bench import responder
from tests.bench.figures import Figures, Usage, absent, goal, medians, process_cpu_s, ratio, used

PORTS = 48
# So many devices are asked at once, one request in flight at each.
DEVICES = 10
POLLS = 30
PYSNMP_POLLS = 1
NET_SNMP_POLLS = 3
SCRAPES = 10
EXPORTER = "prometheus-snmp-exporter"
EXPORTER_DEADLINE_S = 20.0


def measure(repeat: int) -> Figures:
    """Measure all and set our poller beside the others."""
    with responder.running(PORTS) as port:
        found: Figures = {
            "interfacesPerDevice": PORTS,
            "poller": medians([asyncio.run(poller(port)) for _ in range(repeat)]),
            "pysnmp": medians([asyncio.run(pysnmp(port)) for _ in range(repeat)]),
            "snmpbulkget": net_snmp("snmpbulkget", bulk_get_words(), port),
            "snmpbulkwalk": net_snmp("snmpbulkwalk", [["1.3.6.1.2.1.2.2"], ["1.3.6.1.2.1.31.1.1"]], port),
            "exporter": exporter(port, repeat, names=True),
            "exporterWithoutNames": exporter(port, repeat, names=False),
        }
    ours, rival, scraped, bare = (
        _cpu_us(found[name]) for name in ("poller", "pysnmp", "exporter", "exporterWithoutNames")
    )
    found["goals"] = {
        "pollsPerCpuSecondToPysnmp": goal(ratio(rival, ours), at_least=20.0),
        "cpuPerInterfaceToExporter": goal(ratio(ours, scraped), at_most=0.25),
        "cpuPerInterfaceToExporterWithoutNames": goal(ratio(ours, bare), at_most=0.25),
    }
    return found


def addresses() -> list[str]:
    """Return the addresses of the devices that are polled."""
    return [f"127.90.0.{number}" for number in range(1, DEVICES + 1)]


async def poller(port: int) -> Figures:
    """Poll by our own client, after discovery, which is not counted."""

    def nothing(_event: object) -> None:
        pass

    credentials = SnmpCredentials(community=responder.COMMUNITY)
    pairs = [
        (
            InterfacePoller(
                number, interval_s=10.0, first_revision=1, on_event=nothing, walks=asyncio.Semaphore(DEVICES)
            ),
            SnmpClient(GufoSession(address, port, SnmpVersion.V2C, credentials), interval_s=10.0),
        )
        for number, address in enumerate(addresses())
    ]
    await asyncio.gather(*(one.poll(client) for one, client in pairs))

    async def repeatedly(one: InterfacePoller, client: SnmpClient) -> None:
        for _ in range(POLLS):
            rows = await one.poll(client)
            if rows is None or len(rows.if_index) != PORTS:
                raise AssertionError("the simulated switch lost interfaces")

    return await _measured([repeatedly(*pair) for pair in pairs], POLLS)


async def pysnmp(port: int) -> Figures:
    """Get the same names in the same requests with pysnmp's high-level API, the values looked up in no MIB."""
    engine = hlapi.SnmpEngine()
    community = hlapi.CommunityData(responder.COMMUNITY, mpModel=1)  # noqa: S508  loopback; v2c is what is compared
    requests = [[mib.SYS_UP_TIME, *chain.from_iterable(groups)] for groups in chunks(_groups(), 50)]

    async def repeatedly(address: str) -> None:
        target = await hlapi.UdpTransportTarget.create((address, port), timeout=5)
        for _ in range(PYSNMP_POLLS):
            for names in requests:
                objects = [hlapi.ObjectType(hlapi.ObjectIdentity(name)) for name in names]
                failure, status, _, values = await hlapi.get_cmd(
                    engine, community, target, hlapi.ContextData(), *objects, lookupMib=False
                )
                if failure or status or len(values) != len(names):
                    raise AssertionError(f"pysnmp got no answer: {failure or status}")

    try:
        return await _measured([repeatedly(address) for address in addresses()], PYSNMP_POLLS)
    finally:
        engine.close_dispatcher()


def net_snmp(program: str, requests: Sequence[Sequence[str]], port: int) -> Figures:
    """Run one of net-snmp's tools for each of some requests to every device; without MIBs, output thrown away."""
    if shutil.which(program) is None:
        return absent(f"{program} (net-snmp) is not installed")
    with used() as usage:
        for _ in range(NET_SNMP_POLLS):
            for address in addresses():
                for words in requests:
                    subprocess.run(
                        [program, "-v2c", "-c", responder.COMMUNITY, "-m", "", "-Onq", "-Cr50"]
                        + [f"{address}:{port}" if word == "HOST" else word for word in ["HOST", *words]],
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        timeout=30,
                        check=True,
                    )
    return {"processes": NET_SNMP_POLLS * DEVICES * len(requests)} | _figures(
        usage, usage.children_cpu_s, NET_SNMP_POLLS
    )


def bulk_get_words() -> list[list[str]]:
    """Return one bulk GET for each column: its 48 rows are its repetitions."""
    return [[column.value] for column in _columns()]


def exporter(port: int, repeat: int, *, names: bool) -> Figures:
    """Scrape every device through Debian's exporter with the module if_mib, four at once.

    `names`: each metric carries ifAlias, ifDescr and ifName, as its generator has it; else ifIndex alone.
    """
    program = shutil.which(EXPORTER)
    if program is None:
        return absent(f"{EXPORTER} is not installed")
    with tempfile.TemporaryDirectory() as folder, _exporting(program, Path(folder), names=names) as (pid, listening):

        def scrape(address: str) -> int:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", listening, timeout=30)) as connection:
                connection.request("GET", f"/snmp?module=if_mib&target={address}:{port}")
                return connection.getresponse().read().count(b"\nifHCInOctets{")

        def scrapes() -> Figures:
            began_s = process_cpu_s(pid)
            with used() as usage, ThreadPoolExecutor(4) as pool:
                counts = list(pool.map(scrape, addresses() * SCRAPES))
            if set(counts) != {PORTS}:
                return absent(f"the exporter answered with {sorted(set(counts))} interfaces instead of {PORTS}")
            return _figures(usage, process_cpu_s(pid) - began_s, SCRAPES)

        scrapes()
        return medians([scrapes() for _ in range(repeat)])


@contextlib.contextmanager
def _exporting(program: str, folder: Path, *, names: bool) -> Iterator[tuple[int, int]]:
    """Yield the exporter's process id and port once it listens."""
    config = folder / "snmp.yml"
    config.write_text(_exporter_config(names=names), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        listening = reserved.getsockname()[1]
    words = [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{listening}", "--log.level=error"]
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, text=True)
    try:
        deadline_s = time.monotonic() + EXPORTER_DEADLINE_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", listening), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > deadline_s:
                raise AssertionError(f"{program} does not start: {(folder / 'log').read_text('utf-8')}")
            time.sleep(0.05)
        yield process.pid, listening
    finally:
        responder.stop(process)


def _exporter_config(*, names: bool) -> str:
    """Return the module if_mib with the columns that we read; `names`: and the lookups of its generator."""
    lookups = "    lookups:\n" + "".join(
        f"    - labels: [ifIndex]\n      labelname: {name}\n      oid: {Column[name]}\n      type: DisplayString\n"
        for name in ("ifAlias", "ifDescr", "ifName")
    )
    metrics = "".join(
        f"  - name: {column.name}\n    oid: {column}\n    type: counter\n    help: {column.name}\n"
        f"    indexes:\n    - labelname: ifIndex\n      type: gauge\n{lookups if names else ''}"
        for column in _columns()
    )
    return (
        "if_mib:\n  version: 2\n  max_repetitions: 25\n  timeout: 10s\n  auth:\n"
        f"    community: {responder.COMMUNITY}\n"
        f"  walk: [1.3.6.1.2.1.2.2, 1.3.6.1.2.1.31.1.1]\n  get: [{mib.SYS_UP_TIME}]\n  metrics:\n{metrics}"
    )


def _columns() -> list[Column]:
    return [Column.ifOperStatus, Column.ifAdminStatus, *COUNTERS_64.values(), Column.ifCounterDiscontinuityTime]


def _groups() -> list[list[str]]:
    return [[column.of(index) for column in _columns()] for index in range(1, PORTS + 1)]


async def _measured(works: Sequence[Awaitable[None]], polls: int) -> Figures:
    """Do the work for every device at once and return what one interface's poll cost."""
    with used() as usage:
        await asyncio.gather(*works)
    return _figures(usage, usage.own_cpu_s, polls)


def _figures(usage: Usage, cpu_s: float, polls: int) -> Figures:
    interfaces = PORTS * DEVICES * polls
    return {
        "interfacePollsPerCpuS": round(interfaces / cpu_s),
        "interfacePollsPerS": round(interfaces / usage.wall_s),
        "cpuUsPerInterface": round(cpu_s / interfaces * 1e6, 1),
    }


def _cpu_us(figures: object) -> object:
    return figures.get("cpuUsPerInterface") if isinstance(figures, dict) else None
