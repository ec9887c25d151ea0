"""The dashboard's and the client's own tests, with the Node.js that builds them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.check, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]


def test_tests_of_the_web_workspace_pass() -> None:
    command = [sys.executable, "hub/hatch_build.py", "npm", "test"]
    plain = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
