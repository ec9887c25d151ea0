"""Why a real SNMP agent does not take a v3 user; the sentences are tested with the diagnosis."""

import pytest
from msgspec.structs import replace
from noctule_agent.probes.snmp.session import Refusal
from noctule_agent.probes.snmp.v3_refusal import V3Refusal, v3_refusal
from noctule_shared.link import AuthProtocol, PrivProtocol, SnmpCredentials

from tests.agent.conftest import Snmpd, free_udp_port

AUTHOR = SnmpCredentials(
    user="author",
    auth_protocol=AuthProtocol.SHA1,
    auth_secret="authsecret1",
    priv_protocol=PrivProtocol.AES128,
    priv_secret="privsecret1",
)


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        (AUTHOR, None),
        (replace(AUTHOR, user="stranger"), V3Refusal(Refusal.UNKNOWN_USER)),
        (replace(AUTHOR, auth_protocol=AuthProtocol.MD5), V3Refusal(Refusal.WRONG_AUTH, AuthProtocol.SHA1)),
        (replace(AUTHOR, priv_protocol=PrivProtocol.DES), V3Refusal(Refusal.WRONG_PRIV, PrivProtocol.AES128)),
        (replace(AUTHOR, context="vlan7"), V3Refusal(Refusal.UNKNOWN_CONTEXT)),
    ],
)
async def test_refusal_is_named_with_the_protocol_that_fits(
    snmpd: Snmpd, credentials: SnmpCredentials, expected: V3Refusal | None
) -> None:
    assert await v3_refusal("127.0.0.1", snmpd.port, credentials) == expected


async def test_nothing_is_known_of_a_user_where_nothing_listens() -> None:
    assert await v3_refusal("127.0.0.1", free_udp_port(), AUTHOR) is None
