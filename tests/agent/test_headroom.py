"""Measuring for real, for an instant: the figures are this machine's, only their being there is asked."""

import sys

import pytest
from noctule_agent.headroom import measure
from noctule_agent.probes.icmp import EchoEngine

MEASURE_S = 0.05


async def test_echoes_and_pdus_are_counted(icmp_permission: None) -> None:  # noqa: ARG001  skips without it
    engine = EchoEngine.open()
    found = await measure(engine, measure_s=MEASURE_S)
    stats = engine.stats
    engine.close()
    assert found.echoes_per_s is not None
    assert found.echoes_per_s > 0
    assert stats.sent == stats.received + found.echoes_lost
    assert found.pdus_per_s is not None
    assert found.pdus_per_s > 0
    assert (found.varbinds, found.names_per_interface) == (46, 15)


async def test_without_icmp_only_pdus_are_counted() -> None:
    found = await measure(None, measure_s=MEASURE_S)
    assert (found.echoes_per_s, found.echoes_lost, found.devices) == (None, 0, None)
    assert found.pdus_per_s is not None


async def test_a_responder_that_cannot_be_started_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert (await measure(None, measure_s=MEASURE_S)).pdus_per_s is None
