"""New keys for an enrolled agent: made here, announced to the hub signed by both, used from the next connection on.

The former keys count at the hub until the new ones are used, so that nothing is lost wherever this is interrupted.
"""

import time
from pathlib import Path

import msgspec
from noctule_shared.enrolment import RotateRequest, rotation_text

from noctule_agent.enrolment import Enrolment, load_enrolment
from noctule_agent.files import data_dir_lock
from noctule_agent.join import open_http, post_request, tls_context
from noctule_agent.keys import AgentKeys, load_keys, next_keys, take_next_keys


async def rotate_keys(data_dir: Path) -> Enrolment:
    """Give the agent of a data folder, which must not run, new keys; returns its enrolment.

    Raises `NotEnrolled`, `AlreadyRunning`, `DataDirError`, `HubUnreachable` or `JoinFailed`; the agent's present keys
    still count then.
    """
    enrolment = load_enrolment(data_dir)
    with data_dir_lock(data_dir):
        keys, new = load_keys(data_dir), next_keys(data_dir)
        # Of a rotation that was interrupted at its very end, only the last step is missing.
        if keys.signing_public_hex != new.signing_public_hex:
            request = signed(enrolment, keys, new, now_ms=time.time_ns() // 1_000_000)
            tls = tls_context(Path(enrolment.ca) if enrolment.ca else None)
            async with open_http(tls) as http:
                await post_request(http, f"{enrolment.hub_url}/api/v1/agents/keys", request)
        take_next_keys(data_dir, keys, new)
    return enrolment


def signed(enrolment: Enrolment, keys: AgentKeys, new: AgentKeys, *, now_ms: int) -> RotateRequest:
    """Return the announcement of `new` keys, signed by the present and by the new signing key."""
    request = RotateRequest(enrolment.agent_id, now_ms, new.signing_public_hex, new.sealing_public_hex)
    word = rotation_text(request, hub_id=enrolment.hub_id)
    return msgspec.structs.replace(request, signature=keys.signing.sign(word).hex(), proof=new.signing.sign(word).hex())
