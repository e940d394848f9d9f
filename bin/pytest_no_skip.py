"""A pytest plugin: a test that did not run is not a test that passed, so a skip fails the run."""

from pathlib import Path

import pytest

ALLOWED = {
    line.strip()
    for line in Path(__file__).with_name("tests-allowed-to-skip.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
}
skipped = {}


def remember(report):
    if report.skipped and not hasattr(report, "wasxfail") and report.nodeid not in ALLOWED:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        skipped[report.nodeid] = str(reason)


def pytest_runtest_logreport(report):
    remember(report)


def pytest_collectreport(report):
    remember(report)


def pytest_sessionfinish(session, exitstatus):
    if skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if not skipped:
        return
    terminalreporter.section("skipped, and bin/tests-allowed-to-skip.txt does not allow it", red=True)
    for nodeid, reason in skipped.items():
        terminalreporter.line(f"{nodeid}: {reason}")
