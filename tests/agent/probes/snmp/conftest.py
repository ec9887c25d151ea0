"""Tests against recorded devices are collected only where the recordings are: they are not part of the project."""

import pytest

from tests.agent.conftest import DEVICES

collect_ignore = [] if (DEVICES / "serve.py").exists() else ["test_recordings.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if collect_ignore:
        terminalreporter.write_line(f"recorded devices not found in {DEVICES}: test_recordings.py not collected")
