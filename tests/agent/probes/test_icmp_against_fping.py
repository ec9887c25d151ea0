"""The echo engine's delays beside fping's on the same machine."""

import asyncio
import shutil
import statistics

import pytest
from noctule_agent.probes.icmp import EchoEngine

pytestmark = pytest.mark.check


async def test_median_delay_is_that_of_fping(icmp_permission: None) -> None:  # noqa: ARG001  skips without it
    program = shutil.which("fping")
    if program is None:
        pytest.skip("fping is not installed")
    fping = await asyncio.create_subprocess_exec(
        program, "-q", "-p", "20", "-C", "50", "127.0.0.1", stderr=asyncio.subprocess.PIPE
    )
    _, text = await fping.communicate()
    theirs_s = statistics.median(float(part) / 1000 for part in text.decode().split(":")[1].split() if part != "-")
    engine = EchoEngine.open()
    try:
        ours = await engine.round("127.0.0.1", 50, 0.02)
    finally:
        engine.close()
    assert ours.received == 50
    assert ours.median_s is not None
    # Both take the kernel's receive stamp; what is left is the time to enter the kernel, well below 1 ms.
    assert abs(ours.median_s - theirs_s) < 0.001
