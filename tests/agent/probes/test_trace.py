"""Traceroutes are few, bounded, and never made where they say nothing."""

import asyncio
import threading

import pytest
from noctule_agent.probes.trace import MAX_AT_ONCE, Tracer


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_loopback_is_not_traced(address: str) -> None:
    assert Tracer(allowed=True).start(address) is None


async def test_nothing_is_traced_without_permission() -> None:
    assert Tracer(allowed=False).start("192.0.2.1") is None


async def test_more_than_four_at_once_are_skipped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def summary(address: str) -> str:
        assert release.wait(20)
        return f"traceroute to {address}"

    monkeypatch.setattr("noctule_agent.probes.trace.trace_summary", summary)
    tracer = Tracer(allowed=True)
    started = [tracer.start(f"192.0.2.{number}") for number in range(1, 7)]
    futures = [future for future in started if future is not None]
    assert (len(futures), tracer.skipped) == (MAX_AT_ONCE, 2)
    release.set()
    assert await asyncio.gather(*futures) == [f"traceroute to 192.0.2.{number}" for number in range(1, 5)]
    # Room again, once those have ended.
    after = tracer.start("192.0.2.9")
    assert after is not None
    await after
