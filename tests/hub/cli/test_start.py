"""What a command loads: no command pays for the hub's own parts, and help for nothing at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# What takes long to import: the hub's work, which no client of it does.
HUB_PARTS = {
    "aiohttp.web", "numpy", "sqlite3", "sqlite_utils", "cryptography", "argon2", "socketio", "apprise",
    "noctule_hub.app", "noctule_hub.api", "noctule_hub.store", "noctule_hub.realtime", "noctule_hub.auth",
}  # fmt: skip
CLIENT_PARTS = {"aiohttp", "asyncio", "rich", "ssl"}
PROGRAM = """
import json, sys
from noctule_hub.cli import root
try:
    root(json.loads(sys.argv[1]), prog_name="noctule")
finally:
    print("\\n" + json.dumps(sorted(sys.modules)))
"""


def loaded(*arguments: str, **environment: str) -> set[str]:
    command = [sys.executable, "-c", PROGRAM, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_help_and_version_load_nothing_but_click() -> None:
    for option in ("--help", "--version"):
        assert not loaded(option) & (HUB_PARTS | CLIENT_PARTS)


def test_help_of_a_command_loads_no_client() -> None:
    assert not loaded("device", "--help") & (HUB_PARTS | {"aiohttp", "rich"})
    assert not loaded("completion", "bash") & (HUB_PARTS | CLIENT_PARTS)


@pytest.mark.parametrize("arguments", [("device", "list"), ("site", "list", "--json"), ("client", "watch")])
def test_a_client_command_loads_none_of_the_hub_s_parts(profile: Path, arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments, NOCTULE_CONFIG_DIR=str(profile))
    assert "aiohttp" in modules
    assert not modules & (HUB_PARTS | {"rich"})
