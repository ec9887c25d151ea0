import resource

import pytest
from noctule_agent.probes.icmp import EchoEngine, NoPermission
from noctule_agent.process import open_engine, raise_descriptor_limit


def test_missing_permission_is_one_warning_with_both_ways(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_cls: type[EchoEngine]) -> EchoEngine:
        raise NoPermission

    monkeypatch.setattr(EchoEngine, "open", classmethod(refuse))
    assert open_engine(enabled=True) is None
    assert len(caplog.records) == 1
    assert "cap_net_raw" in caplog.text
    assert "net.ipv4.ping_group_range" in caplog.text
    assert open_engine(enabled=False) is None


def test_as_many_files_may_be_open_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
        raise_descriptor_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
