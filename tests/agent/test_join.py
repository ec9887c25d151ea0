from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from noctule_agent.enrolment import Enrolment, load_enrolment, normalised_url
from noctule_agent.errors import AlreadyRunning, HubNotTrusted, HubUnreachable, JoinFailed, NotEnrolled
from noctule_agent.files import data_dir_lock
from noctule_agent.join import JoinOrder, checked_url, join
from noctule_agent.keys import load_keys
from noctule_shared.errors import Refused
from noctule_shared.join_token import JoinToken

from tests.agent.fake_hub import AGENT_ID, SECRET, FakeHub


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    hub = FakeHub()
    await hub.start()
    yield hub
    await hub.stop()


def order(hub: FakeHub, data_dir: Path, *, force: bool = False, token: JoinToken | None = None) -> JoinOrder:
    return JoinOrder(url=f"{hub.url}/", token=token or hub.token(), name="edge", data_dir=data_dir, force=force)


async def test_joining_registers_public_keys_and_keeps_private_ones_to_the_owner(hub: FakeHub, tmp_path: Path) -> None:
    enrolment = await join(order(hub, tmp_path))
    assert load_enrolment(tmp_path) == enrolment
    assert (enrolment.agent_id, enrolment.name, enrolment.hub_id, enrolment.hub_url) == (
        AGENT_ID, "edge", "hub-1", hub.url,
    )  # fmt: skip
    keys = load_keys(tmp_path)
    assert (hub.signing_key, hub.sealing_key) == (keys.signing_public_hex, keys.sealing_public_hex)
    for name in ("enrolment.json", "keys/signing.key", "keys/sealing.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert repr(keys) == "AgentKeys(***)"


async def test_a_hub_with_another_key_is_never_shown_the_token(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(HubNotTrusted, match="another fingerprint"):
        await join(order(hub, tmp_path, token=JoinToken(3, SECRET, "0" * 32)))
    assert hub.signing_key == ""
    with pytest.raises(NotEnrolled):
        load_enrolment(tmp_path)


async def test_joining_twice_needs_force(hub: FakeHub, tmp_path: Path) -> None:
    await join(order(hub, tmp_path))
    with pytest.raises(JoinFailed, match=r"already enrolled.*--force"):
        await join(order(hub, tmp_path))
    (tmp_path / "devices.json").write_text("{}")
    (tmp_path / "outbox.db").write_text("of the former hub")
    first = load_keys(tmp_path).signing_public_hex
    await join(order(hub, tmp_path, force=True))
    assert load_keys(tmp_path).signing_public_hex != first
    assert not (tmp_path / "devices.json").exists()
    assert not (tmp_path / "outbox.db").exists()


async def test_a_refusal_by_the_hub_is_one_line_and_changes_nothing(hub: FakeHub, tmp_path: Path) -> None:
    await join(order(hub, tmp_path))
    before = load_keys(tmp_path).signing_public_hex
    hub.refuse_join = (401, {"code": "unauthorised", "message": "this join token is used up", "status": 401})
    with pytest.raises(JoinFailed, match=r"^the hub refused: this join token is used up$"):
        await join(order(hub, tmp_path, force=True))
    hub.refuse_join = (422, {"code": "invalid", "message": "is taken", "field": "name", "retryAfterS": 3})
    with pytest.raises(JoinFailed, match=r"^the hub refused \(name\): is taken; try again in 3 s$"):
        await join(order(hub, tmp_path, force=True))
    assert load_keys(tmp_path).signing_public_hex == before


async def test_an_answer_that_is_no_hubs_says_so(hub: FakeHub, tmp_path: Path) -> None:
    hub.refuse_join = (502, {"nothing": "useful"})
    with pytest.raises(HubUnreachable, match="HTTP status 502; is this the address of a Noctule hub"):
        await join(order(hub, tmp_path))


async def test_a_hub_that_does_not_answer_is_unreachable(tmp_path: Path) -> None:
    hub = FakeHub(url="http://127.0.0.1:1")
    with pytest.raises(HubUnreachable, match=r"hub unreachable: .*: Connection refused$"):
        await join(order(hub, tmp_path))


async def test_a_folder_with_a_running_agent_is_not_joined(hub: FakeHub, tmp_path: Path) -> None:
    with data_dir_lock(tmp_path), pytest.raises(AlreadyRunning, match="another noctule-agent"):
        await join(order(hub, tmp_path))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "http://[::1]:5000", "http://localhost", "https://noc.example.net/path"]
)
def test_an_address_that_is_safe_is_accepted(url: str) -> None:
    assert checked_url(f" {url}/ ", insecure=False) == url


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1", "ftp://x", "noc.example.net", "https://u:p@x", "https://x/?a=1", "http://x:99999", ""]
)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        checked_url(url, insecure=False)
    assert caught.value.field == "url"


def test_insecure_allows_http_elsewhere() -> None:
    assert checked_url("http://192.0.2.1", insecure=True) == "http://192.0.2.1"
    assert normalised_url("https://a//") == "https://a"


def test_a_damaged_enrolment_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "enrolment.json").write_bytes(msgspec.json.encode(Enrolment("u", "h", "zz", 1, "n", "s")))
    with pytest.raises(NotEnrolled, match=r"is damaged .*--force"):
        load_enrolment(tmp_path)
