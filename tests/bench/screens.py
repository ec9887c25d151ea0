"""What the dashboard costs a browser with 5,000 devices, without a hub beside it: headless Chromium and a tape.

The tape is taken first, of a hub as it is with 5 agents that measure; both have ended when the pages are looked at, so
that neither their CPU nor a stall of theirs is in the figures. The page's clock is set back to the recording's.

Times are CPU of the page's main thread, as Chromium traces it: on a busy machine the wall tells of others. A tick is a
second, in which the hub sends what has changed once. Bytes are those on the wire without a cache, from the hub itself.
The longest task is told apart for the load of a page, when all devices are read, for the time after, for a name being
typed into the filter of the list and deleted again, letter by letter, and for the hub being lost. The map has a network
of its own, of 2,000 devices that hang on one another.
"""

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page

from tests.bench.figures import Figures, absent, goal
from tests.bench.fleet import crowded_hub
from tests.bench.tape import Tape, recorded, replayed
from tests.kill.hub import HubProcess
from tests.screens.browser import PAINTED, NoBrowserError, Visitor, chromium

WATCH_S: Final = 20.0
# A page may settle sooner when it is recorded than when it is looked at.
SPARE_S: Final = 6.0
STEP_MS: Final = 50
KB: Final = 1000
MB: Final = 1000 * 1000
TICK_US: Final = 1_000_000
CATEGORIES: Final = ["devtools.timeline", "disabled-by-default-devtools.timeline", "v8", "blink.user_timing"]
TASK: Final = "RunTask"
# What promises run, all that a message brings among it, is within `v8.callFunction` alone.
SCRIPT: Final = frozenset(
    {
        "EvaluateScript",
        "EventDispatch",
        "FireAnimationFrame",
        "FireIdleCallback",
        "FunctionCall",
        "RunMicrotasks",
        "TimerFire",
        "v8.callFunction",
    }
)
STYLE: Final = frozenset({"UpdateLayoutTree", "Layout"})
PLACES: Final = {
    "overview": ("/", "[data-testid=overview] .tile"),
    "wall": ("/?wall=1", "[data-testid=wall] .tile"),
    "devices": ("/devices", "[data-testid=device-row]"),
}
MAP: Final = {"topology": ("/topology", "[data-testid=topology-map] canvas")}
MAPPED: Final = 2_000
FANOUT: Final = 20
# Where one types.
LIST: Final = "devices"
# What the load of a page leaves to do: tiles are made some in each frame.
SETTLED: Final = """() => {
  const count = document.querySelectorAll('.tile').length;
  const settled = window.tilesBefore === count;
  window.tilesBefore = count;
  return settled;
}"""
# When the first row or tile of the network stands on the page, in ms since the navigation began.
FIRST: Final = """(selector) => {
  const look = () => document.querySelector(selector) === null
    ? requestAnimationFrame(look) : (window.firstShownMs ??= performance.now());
  look();
}"""
# What the tape tells of happened then: to a page of today all of it would be old.
SET_BACK: Final = """(ms) => {
  const now = Date.now.bind(Date);
  Date.now = () => now() - ms;
}"""


@dataclass(frozen=True, slots=True)
class Work:
    """CPU in ms of a page's main thread: of each second, and of its longest task."""

    ticks_ms: Sequence[float]
    longest_ms: float


def measure(seconds: float) -> Figures:
    """Record a visit to each page, end the hub, then open each page anew and watch it live."""
    watch_s = min(seconds, WATCH_S)
    try:
        with chromium() as browser:
            with crowded_hub() as hub:
                loaded_bytes = _loaded_bytes(browser, hub)
                tapes = _tapes(browser, hub, PLACES, watch_s)
            with crowded_hub(MAPPED, fanout=FANOUT) as hub:
                maps = _tapes(browser, hub, MAP, watch_s)
            found = {name: _look(browser, name, tape, watch_s) for name, tape in tapes.items()}
            drawn = {name: _look(browser, name, tape, watch_s) for name, tape in maps.items()}
    except NoBrowserError as error:
        return absent(str(error))
    typing_ms = found[LIST].pop("longestTaskTypingMs")
    return {
        "initialKb": {kind: round(size / KB, 1) for kind, size in loaded_bytes.items()},
        "longestSilenceOfHubS": round(max(tape.longest_silence_s for tape in [*tapes.values(), *maps.values()]), 1),
        **found,
        **drawn,
        "longestTaskTypingMs": typing_ms,
        "goals": {
            "tickP95Ms": goal(_worst(found, "tickP95Ms"), at_most=8.0),
            "longestTaskLiveMs": goal(_worst(found, "longestTaskLiveMs"), at_most=50.0),
            "longestTaskLoadMs": goal(_worst(found, "longestTaskLoadMs"), at_most=50.0),
            "longestTaskLostMs": goal(_worst(found, "longestTaskLostMs"), at_most=50.0),
            "longestTaskTypingMs": goal(float(str(typing_ms)), at_most=50.0),
            "longestTaskMapMs": goal(
                max(_worst(drawn, "longestTaskLoadMs"), _worst(drawn, "longestTaskLiveMs")), at_most=50.0
            ),
            "heapMb": goal(_worst(found | drawn, "heapMb"), at_most=200.0),
            "initialKb": goal(round(loaded_bytes["page"] / KB, 1), at_most=200.0),
        },
    }


@contextlib.contextmanager
def _coming(browser: Browser, url: str) -> Iterator[Visitor]:
    """Lend someone who has never been there."""
    visitor = Visitor.come(browser, url)
    try:
        yield visitor
    finally:
        visitor.context.close()


def _loaded_bytes(browser: Browser, hub: HubProcess) -> dict[str, int]:
    """Return what the browser transfers until the overview has all its answers: for the page, and for its data."""
    with _coming(browser, f"http://127.0.0.1:{hub.port}") as visitor:
        wire = visitor.context.new_cdp_session(visitor.page)
        wire.send("Network.enable")
        kinds: dict[str, str] = {}
        sizes = {"page": 0, "data": 0}

        def forget(event: dict[str, Any]) -> None:
            kinds.pop(event["requestId"], None)

        def count(event: dict[str, Any]) -> None:
            data = "/api/" in kinds.pop(event["requestId"], "")
            sizes["data" if data else "page"] += int(event["encodedDataLength"])

        wire.on("Network.requestWillBeSent", lambda event: kinds.update({event["requestId"]: event["request"]["url"]}))
        wire.on("Network.loadingFinished", count)
        wire.on("Network.loadingFailed", forget)
        visitor.sign_in("admin", hub.password)
        visitor.page.wait_for_selector(PLACES["overview"][1])
        # Tiles stand as soon as the devices are known: what fires and what is busiest may still be on its way.
        while kinds:
            visitor.page.wait_for_timeout(STEP_MS)
        return sizes


def _tapes(browser: Browser, hub: HubProcess, places: Mapping[str, tuple[str, str]], seconds: float) -> dict[str, Tape]:
    """Record a visit to each page as it will be looked at, all at the same time."""
    with contextlib.ExitStack() as visits:
        tapes: dict[str, Tape] = {}
        for name, place in places.items():
            url, tapes[name] = visits.enter_context(recorded(f"http://127.0.0.1:{hub.port}"))
            visitor = visits.enter_context(_coming(browser, url))
            visitor.sign_in("admin", hub.password)
            _arrive(visitor, *place)
        visitor.page.wait_for_timeout(seconds * 1000)
        if LIST in places:
            _type(visitor.page)
        visitor.page.wait_for_timeout(SPARE_S * 1000)
        return tapes


def _arrive(visitor: Visitor, path: str, first: str) -> float:
    """Open a page and return when the first row or tile stood on it, in ms, once all do."""
    visitor.page.add_init_script(f"({FIRST})({json.dumps(first)})")
    visitor.open(path)
    visitor.page.wait_for_function("() => window.firstShownMs !== undefined")
    visitor.page.wait_for_function(SETTLED, polling=500)
    return float(visitor.page.evaluate("() => window.firstShownMs"))


def _type(page: Page) -> None:
    """Type the first device's name into the filter of the list, and delete it again."""
    name = page.locator(f"{PLACES[LIST][1]} .name").first.inner_text()
    page.get_by_test_id("filter").focus()
    for key in [*name, *["Backspace"] * len(name)]:
        page.keyboard.press(key)
        page.evaluate(PAINTED)


def _look(browser: Browser, name: str, tape: Tape, seconds: float) -> Figures:
    with contextlib.ExitStack() as hub, _coming(browser, hub.enter_context(replayed(tape))) as visitor:
        visitor.page.add_init_script(f"({SET_BACK})({(time.time() - tape.began_s) * 1000:.0f})")
        visitor.sign_in("admin", "of the tape")
        page = visitor.page
        with _traced(browser, page) as load:
            shown_ms = _arrive(visitor, *(PLACES | MAP)[name])
        with _traced(browser, page) as live:
            page.wait_for_timeout(seconds * 1000)
        heap_mb = _heap_mb(visitor.context.new_cdp_session(page))
        typing: Figures = {}
        if name == LIST:
            with _traced(browser, page) as typed:
                _type(page)
            typing = {"longestTaskTypingMs": _work(typed).longest_ms}
        with _traced(browser, page) as lost:
            hub.close()
            page.wait_for_selector("[data-testid=link-bar]")
            page.evaluate(PAINTED)
    loading, living = _work(load), _work(live)
    return {
        "firstShownMs": round(shown_ms),
        "loadCpuMs": round(sum(loading.ticks_ms)),
        "longestTaskLoadMs": loading.longest_ms,
        "ticks": len(living.ticks_ms),
        "tickP50Ms": _quantile(living.ticks_ms, 50),
        "tickP95Ms": _quantile(living.ticks_ms, 95),
        "longestTaskLiveMs": living.longest_ms,
        "longestTaskLostMs": _work(lost).longest_ms,
        "heapMb": heap_mb,
        **typing,
    }


@contextlib.contextmanager
def _traced(browser: Browser, page: Page) -> Iterator[list[bytes]]:
    """Trace while the block runs; the trace is the list's one item afterwards."""
    traces: list[bytes] = []
    browser.start_tracing(page=page, categories=CATEGORIES)
    yield traces
    traces.append(browser.stop_tracing())


def _work(traces: Sequence[bytes]) -> Work:
    return work(json.loads(traces[0])["traceEvents"])


def work(events: Iterable[dict[str, Any]]) -> Work:
    """Return the work of the busiest main thread of a renderer: there is one page."""
    complete = [event for event in events if event.get("ph") == "X" and "tdur" in event]
    mains = {(event["pid"], event["tid"]) for event in complete if event["name"] in STYLE}
    threads = [[event for event in complete if (event["pid"], event["tid"]) == main] for main in mains]
    if not threads:
        return Work([], 0.0)
    thread = max(threads, key=len)
    outermost = list(_outermost(event for event in thread if event["name"] in SCRIPT | STYLE))
    seconds = groupby(outermost, key=lambda event: event["ts"] // TICK_US)
    ticks_ms = [sum(event["tdur"] for event in group) / 1000 for _, group in seconds]
    longest_us = max((event["tdur"] for event in thread if event["name"] == TASK), default=0)
    return Work(ticks_ms, round(longest_us / 1000, 1))


def _outermost(events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the events that are within no other, by time: what a call calls is part of it."""
    end_us = 0
    for event in sorted(events, key=lambda event: (event["ts"], -event["dur"])):
        if event["ts"] >= end_us:
            end_us = event["ts"] + event["dur"]
            yield event


def _heap_mb(wire: CDPSession) -> float:
    """Return what is reachable: rubbish is collected first."""
    wire.send("HeapProfiler.collectGarbage")
    wire.send("Performance.enable")
    metrics = {metric["name"]: metric["value"] for metric in wire.send("Performance.getMetrics")["metrics"]}
    return round(float(metrics["JSHeapUsedSize"]) / MB, 1)


def _quantile(values: Sequence[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 2) if values else 0.0


def _worst(found: dict[str, Figures], name: str) -> float:
    return max(float(str(figures[name])) for figures in found.values())
