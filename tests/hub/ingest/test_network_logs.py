"""Network logs from an agent's frames to where they are searched, with states between them."""

from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.log_retention import LogLimits
from noctule_hub.core.log_search import LogFilter, parse_terms
from noctule_hub.ingest.inputs import FrameInput
from noctule_shared.axes import Axis, IcmpLevel
from noctule_shared.frames import EventsBody, encode_frame
from noctule_shared.observations import AxisChanged, LogSource, NetworkLogged

from tests.hub.ingest.conftest import Bench, clock_ms
from tests.hub.ingest.test_engine import EPOCH, hello

LINES = 2_000
FRAMES = 10


def line(bench: Bench, message: str) -> NetworkLogged:
    return NetworkLogged(bench.device_id, LogSource.SYSLOG, "127.0.0.9", 3, "local3", message, clock_ms())


async def test_storm_is_stored_and_searched_and_the_state_in_it_survives_it(bench: Bench) -> None:
    await hello(bench, level=IcmpLevel.UP)
    for seq in range(1, FRAMES + 1):
        logs = [line(bench, f"line {seq}.{number}") for number in range(LINES)]
        state = [AxisChanged(bench.device_id, Axis.ICMP, "up", "down", "test", clock_ms())] if seq == 5 else []
        body = EventsBody([*logs[: LINES // 2], *state, *logs[LINES // 2 :]])
        bench.engine.submit(FrameInput(bench.agent_id, EPOCH, seq, encode_frame(body), body))
    await bench.until_ack(FRAMES)
    keeper = bench.store.log_keeper()
    assert await keeper.copy_once(clock_ms()) == LINES * FRAMES
    await keeper.delete_once(clock_ms(), LogLimits(), replayable=100)
    assert await bench.store.floor(LogClass.LOGS) > await bench.store.floor(LogClass.EVENTS) == 0
    events = await bench.store.events_after(0, limit=100, classes={LogClass.EVENTS})
    assert "offline" in [row.data.get("status") for row in events]
    wanted = LogFilter(device_id=bench.device_id, max_severity=3, terms=parse_terms('"line 7 1234"'))
    (found,) = await bench.store.search_logs(wanted, cursor=None, limit=10)
    assert found.data["message"] == "line 7.1234"
    assert (found.data["deviceName"], found.late) == ("core1", False)
