from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from noctule_agent.devices import DeviceList, Pages, load_devices, open_credentials, save_devices
from noctule_agent.errors import LinkLost
from noctule_shared.axes import Reachability
from noctule_shared.link import ConfigPage, DeviceConfig, SnmpConfig, SnmpCredentials, SnmpVersion

from tests.agent.fake_hub import seal


def device(device_id: int, sealed: str | None = None) -> DeviceConfig:
    snmp = None if sealed is None else SnmpConfig(SnmpVersion.V2C, 161, 30.0, sealed)
    return DeviceConfig(device_id, f"d{device_id}", "192.0.2.1", Reachability.SNMP, None, snmp)


def page(
    number: int, of: int, *devices: int, revision: int = 2, base: int = 0, removed: tuple[int, ...] = ()
) -> ConfigPage:
    return ConfigPage(revision, base, number, of, [device(one) for one in devices], list(removed))


def test_a_list_is_swapped_in_only_with_its_last_page() -> None:
    pages = Pages(DeviceList(1, {9: device(9)}))
    assert pages.take(page(1, 3, 1)) is None
    assert pages.take(page(2, 3, 2)) is None
    assert pages.current.revision == 1
    whole = pages.take(page(3, 3, 3))
    assert whole is not None
    assert (whole.revision, sorted(whole.devices)) == (2, [1, 2, 3])


def test_a_delta_changes_only_what_it_names() -> None:
    pages = Pages(DeviceList(1, {1: device(1), 2: device(2)}))
    new = pages.take(page(1, 1, 3, base=1, removed=(1,)))
    assert new is not None
    assert sorted(new.devices) == [2, 3]


@pytest.mark.parametrize(
    "second", [page(3, 3, 2), page(2, 4, 2), page(2, 3, 2, revision=7), page(4, 3, 2), page(1, 1, 2, base=5)]
)
def test_pages_that_do_not_follow_are_refused_and_nothing_is_applied(second: ConfigPage) -> None:
    pages = Pages(DeviceList(1, {9: device(9)}))
    pages.take(page(1, 3, 1))
    with pytest.raises(LinkLost, match="does not follow"):
        pages.take(second)
    assert sorted(pages.current.devices) == [9]


def test_a_new_first_page_starts_over() -> None:
    pages = Pages(DeviceList())
    pages.take(page(1, 2, 1))
    whole = pages.take(page(1, 1, 5, revision=3))
    assert whole is not None
    assert sorted(whole.devices) == [5]


def test_the_list_is_kept_for_its_owner_only_and_still_sealed(tmp_path: Path) -> None:
    key = X25519PrivateKey.generate()
    box = seal(SnmpCredentials(community="hidden-word"), 1, key.public_key().public_bytes_raw())
    kept = DeviceList(4, {1: device(1, box)})
    save_devices(tmp_path, kept)
    path = tmp_path / "devices.json"
    assert load_devices(tmp_path) == kept
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"hidden-word" not in path.read_bytes()
    assert open_credentials([key], kept.devices) == {1: SnmpCredentials(community="hidden-word")}


def test_a_list_that_cannot_be_read_is_asked_for_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert load_devices(tmp_path) == DeviceList()
    (tmp_path / "devices.json").write_bytes(b"{broken")
    assert load_devices(tmp_path).revision == 0
    assert "waiting for the hub to send the device list again" in caplog.text


def test_a_box_that_does_not_open_costs_only_its_device(caplog: pytest.LogCaptureFixture) -> None:
    key = X25519PrivateKey.generate()
    good = seal(SnmpCredentials(community="x"), 2, key.public_key().public_bytes_raw())
    opened = open_credentials([key], {1: device(1, good), 2: device(2, good), 3: device(3)})
    assert opened == {1: None, 2: SnmpCredentials(community="x"), 3: None}
    assert "device d1 is not polled by SNMP" in caplog.text
