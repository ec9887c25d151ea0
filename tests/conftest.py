"""What every test of the project shares: a missing part skips on a user's machine and fails in CI."""

import asyncio
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about a shared machine than about us; `timeout` ends what hangs.
settings.register_profile("noctule", deadline=None)
settings.load_profile("noctule")

# Asked for a loop before anyone set one, Python 3.11 makes one that nobody closes, and any later test is blamed for it.
asyncio.set_event_loop(None)

# Files of `make check` that take minutes: they begin first, so that no worker is left alone with one at the end.
LONGEST = (
    "hub/api/test_fuzz.py",
    "e2e/test_screens.py",
    "kill/test_upkeep.py",
    "examples/test_demo.py",
    "kill/test_alarms.py",
    "kill/test_kill.py",
    "hub/api/test_tenants.py",
    "lab/test_alarms.py",
    "e2e/test_screen_states.py",
    "lab/test_monitoring.py",
    "kill/test_replay.py",
    "kill/test_restart.py",
    "kill/test_durability.py",
    "hub/realtime/test_storm.py",
    "hub/realtime/test_siege.py",
    "e2e/test_typescript_client.py",
    "e2e/test_hostile_text.py",
)

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that keeps its reason; an expected failure (`xfail`) is reported as it is."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{reason}\nNothing may be missing in CI: install it in .ci/run."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    places = {str(Path(__file__).parent / name): place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(str(item.path), len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IN_CI:
        _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if IN_CI:
        _fail_if_skipped(report)
    return report
