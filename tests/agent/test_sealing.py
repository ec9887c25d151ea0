import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from noctule_agent.errors import SealBroken
from noctule_agent.sealing import open_sealed
from noctule_shared.link import AuthProtocol, SnmpCredentials

from tests.agent.fake_hub import seal

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
# Sealed once for device 42 and the key above with the ephemeral private key 32 x 0x07; the format may not drift.
KNOWN = "E75P6uryBMf9M1j8nAByGIHRdCeBKCJ+xnTzf3/pe23SpBsCTcvyO1wathUC/GHhgQZHFkGFRhMvc5wqsHTzAlOvTPtzhQ=="
CREDENTIALS = SnmpCredentials(user="noc", auth_protocol=AuthProtocol.SHA256, auth_secret="not-a-real-secret")


def test_a_box_sealed_once_still_opens() -> None:
    assert open_sealed(KEY, KNOWN, 42) == SnmpCredentials(community="public")


def test_what_was_sealed_for_this_agent_and_device_opens() -> None:
    box = seal(CREDENTIALS, 5, KEY.public_key().public_bytes_raw())
    assert open_sealed(KEY, box, 5) == CREDENTIALS


def test_a_box_of_another_device_does_not_open() -> None:
    with pytest.raises(SealBroken, match="device 6"):
        open_sealed(KEY, KNOWN, 6)


def test_a_box_for_another_agent_does_not_open() -> None:
    with pytest.raises(SealBroken):
        open_sealed(X25519PrivateKey.generate(), KNOWN, 42)


@pytest.mark.parametrize("box", ["", "AAAA", "not base64!", KNOWN[:-8], "A" * 9000, "AAAA" * 20])
def test_a_damaged_box_is_refused_without_its_content(box: str) -> None:
    with pytest.raises(SealBroken) as caught:
        open_sealed(KEY, box, 42)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_credentials_do_not_show_in_a_repr() -> None:
    assert "not-a-real-secret" not in repr(CREDENTIALS)
