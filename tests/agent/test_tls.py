"""Over TLS an agent trusts the system's roots or the authority that it was given, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from noctule_agent.enrolment import load_enrolment
from noctule_agent.errors import HubUnreachable
from noctule_agent.join import JoinOrder, join
from noctule_agent.keys import load_keys
from noctule_agent.link_connection import LinkIdentity
from noctule_agent.outbox import Outbox
from noctule_agent.uplink import LinkState, Uplink

from tests.agent.certificates import hub_tls
from tests.agent.fake_hub import FakeHub
from tests.agent.test_uplink import LIMITS, Rig, running


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[FakeHub]:
    hub = FakeHub(tls=hub_tls(tmp_path))
    await hub.start()
    yield hub
    await hub.stop()


def order(hub: FakeHub, data_dir: Path, ca: Path | None) -> JoinOrder:
    return JoinOrder(url=hub.url, token=hub.token(), name="a1", data_dir=data_dir, ca=ca)


async def test_an_authority_that_was_given_is_trusted_to_join_and_to_deliver(hub: FakeHub, tmp_path: Path) -> None:
    enrolment = await join(order(hub, tmp_path / "agent", tmp_path / "ca.pem"))
    outbox = Outbox(tmp_path / "agent" / "outbox.db", LIMITS)
    await outbox.open()
    rig = Rig(hub, enrolment, tmp_path / "agent", outbox)
    await rig.keep(b"frame 1")
    async with running(rig):
        await rig.delivered(1)
    await outbox.close()
    assert enrolment.hub_url.startswith("https://")


async def test_the_systems_roots_are_trusted_without_naming_them(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # OpenSSL reads the system's roots from there.
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    enrolment = await join(order(hub, tmp_path / "agent", None))
    assert enrolment.ca is None


async def test_a_hub_of_an_unknown_authority_is_never_shown_the_token(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(HubUnreachable, match="its certificate is not trusted"):
        await join(order(hub, tmp_path / "agent", None))
    assert hub.signing_key == ""


async def test_a_certificate_for_another_host_is_not_trusted(tmp_path: Path) -> None:
    hub = FakeHub(tls=hub_tls(tmp_path, host="192.0.2.1"))
    await hub.start()
    with pytest.raises(HubUnreachable, match="certificate is not valid for"):
        await join(order(hub, tmp_path / "agent", tmp_path / "ca.pem"))
    await hub.stop()


async def test_a_certificate_that_changed_its_authority_gets_no_frame(hub: FakeHub, tmp_path: Path) -> None:
    await join(order(hub, tmp_path / "agent", tmp_path / "ca.pem"))
    hub_tls(tmp_path)
    outbox = Outbox(tmp_path / "agent" / "outbox.db", LIMITS)
    await outbox.open()
    rig = Rig(hub, load_enrolment(tmp_path / "agent"), tmp_path / "agent", outbox)
    await rig.keep(b"frame 1")
    states: list[LinkState] = []
    identity = LinkIdentity(load_enrolment(tmp_path / "agent"), load_keys(tmp_path / "agent"), started_ms=1)

    class EnoughError(Exception):
        pass

    def backoff(_attempt: int, _rng: object) -> float:
        states.append(uplink.state)
        if len(states) == 3:
            raise EnoughError
        return 0.01

    uplink = Uplink(identity, outbox, rig.side, backoff=backoff)
    with pytest.raises(EnoughError):
        await uplink.run()
    await outbox.close()
    assert states == [LinkState.UNREACHABLE] * 3
    assert "certificate is not trusted" in str(uplink.reason)
    assert hub.hellos == []
