"""What every test of the project shares: a missing part skips on a user's machine and fails in CI."""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

# How long an example takes says more about a shared machine than about us; `timeout` ends what hangs.
settings.register_profile("noctule", deadline=None)
settings.load_profile("noctule")

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that keeps its reason; an expected failure (`xfail`) is reported as it is."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{reason}\nNothing may be missing in CI: install it in .ci/run."


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
