"""Credentials sealed by the hub open at the agent, and at no other one or for no other device."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from noctule_agent.errors import SealBroken
from noctule_agent.sealing import open_sealed
from noctule_hub.auth.keys import Keys
from noctule_hub.auth.sealing import open_stored, seal_credentials, store_form
from noctule_hub.errors import SealError
from noctule_shared.link import AuthProtocol, SnmpCredentials

V3 = SnmpCredentials(user="noc", auth_protocol=AuthProtocol.SHA256, auth_secret="planted-auth-secret")


def public_hex(key: X25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def test_what_the_hub_seals_its_agent_opens() -> None:
    agent = X25519PrivateKey.generate()
    assert open_sealed(agent, seal_credentials(V3, 7, public_hex(agent)), 7) == V3


def test_another_agent_or_device_does_not_open_it() -> None:
    agent = X25519PrivateKey.generate()
    sealed = seal_credentials(V3, 7, public_hex(agent))
    with pytest.raises(SealBroken):
        open_sealed(agent, sealed, 8)
    with pytest.raises(SealBroken):
        open_sealed(X25519PrivateKey.generate(), sealed, 7)


@pytest.mark.parametrize("key", ["", "zz", "00" * 31, "00" * 32])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(SealError, match="device 7"):
        seal_credentials(V3, 7, key)


def test_credentials_come_back_from_the_store(keys: Keys) -> None:
    sealed = keys.seal(7, store_form(V3))
    assert b"planted" not in sealed
    assert open_stored(keys, 7, sealed) == V3


def test_damaged_credentials_are_an_error_without_the_secret(keys: Keys) -> None:
    with pytest.raises(SealError) as caught:
        open_stored(keys, 7, keys.seal(7, b'{"community": 5, "x": "planted"}'))
    assert "planted" not in str(caught.value)
