"""The systemd units are understood by systemd, and give no more than they must."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
AGENT, HUB = EXAMPLES / "noctule-agent.service", EXAMPLES / "noctule-hub.service"
# systemd-analyze's exposure, 0 to 100: network and the state folder are needed, by the agent a capability too.
MAX_EXPOSURE = {AGENT: 20, HUB: 15}


def analyse(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(params=[AGENT, HUB], ids=["agent", "hub"])
def unit(request: pytest.FixtureRequest) -> Path:
    """Each of the units."""
    path: Path = request.param
    return path


@pytest.fixture
def copy(unit: Path, tmp_path: Path) -> Path:
    """Copy the unit with a program and a user that this machine has: systemd looks for both."""
    text = unit.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text)
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"(?m)^Group=.*\n", "", re.sub(r"(?m)^User=.*", "User=daemon", text)), encoding="utf-8")
    return copy


def settings_of(unit: Path) -> dict[str, str]:
    return dict(re.findall(r"(?m)^(\w+)=(.*)$", unit.read_text(encoding="utf-8")))


def test_unit_is_understood(copy: Path) -> None:
    done = analyse("verify", "--man=no", str(copy))
    assert (done.returncode, done.stderr) == (0, "")


def test_unit_exposes_little(unit: Path, copy: Path) -> None:
    done = analyse("security", "--offline=yes", f"--threshold={MAX_EXPOSURE[unit]}", "--no-pager", str(copy))
    assert done.returncode == 0, done.stdout[-600:] + done.stderr


def test_agent_has_the_one_capability_and_is_watched() -> None:
    settings = settings_of(AGENT)
    assert settings["AmbientCapabilities"] == settings["CapabilityBoundingSet"] == "CAP_NET_RAW"
    assert (settings["Type"], settings["WatchdogSec"], settings["User"]) == ("notify", "60", "noctule-agent")


def test_hub_has_no_capability_is_watched_and_reloads_by_the_signal_that_it_knows() -> None:
    settings = settings_of(HUB)
    assert settings["AmbientCapabilities"] == settings["CapabilityBoundingSet"] == ""
    assert (settings["Type"], settings["WatchdogSec"], settings["User"]) == ("notify", "60", "noctule-hub")
    assert settings["ExecReload"] == "/bin/kill -HUP $MAINPID"
