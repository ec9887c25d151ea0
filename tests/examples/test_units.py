"""The systemd units are understood by systemd, and give no more than they must."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "examples" / "noctule-agent.service"
# systemd-analyze's exposure, 0 to 100: capability, network and the state folder are needed.
MAX_EXPOSURE = 20


def analyse(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Copy the unit with a program and a user that this machine has: systemd looks for both."""
    text = UNIT.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text)
    copy = tmp_path / UNIT.name
    copy.write_text(re.sub(r"(?m)^Group=.*\n", "", re.sub(r"(?m)^User=.*", "User=daemon", text)), encoding="utf-8")
    return copy


def test_unit_is_understood(unit: Path) -> None:
    done = analyse("verify", "--man=no", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


def test_unit_exposes_little(unit: Path) -> None:
    done = analyse("security", "--offline=yes", f"--threshold={MAX_EXPOSURE}", "--no-pager", str(unit))
    assert done.returncode == 0, done.stdout[-600:] + done.stderr


def test_unit_grants_the_one_capability_and_is_watched() -> None:
    settings = dict(re.findall(r"(?m)^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8")))
    assert settings["AmbientCapabilities"] == settings["CapabilityBoundingSet"] == "CAP_NET_RAW"
    assert (settings["Type"], settings["WatchdogSec"], settings["User"]) == ("notify", "60", "noctule-agent")
