"""What the tests in Python share: the program under test, and the rule that a skipped test is a failed one."""

import os
import signal
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
PROMPTREG = REPO / ".build" / "release" / "promptreg"
CHANGES_PROMPTREG = (
    "MLFLOW_", "PROMPTREG_", "DATABRICKS_", "GITHUB_", "ACTIONS_", "GIT_", "NO_COLOR", "TF_BUILD", "AGENT_TEMPDIRECTORY",
)  # fmt: skip

# The program of another shell's settings is not the program under test.
UPDATES_EXPECTED_OUTPUT = os.environ.get("PROMPTREG_UPDATE") == "1"
for name in [name for name in os.environ if name.startswith(CHANGES_PROMPTREG)]:
    del os.environ[name]
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
sys.dont_write_bytecode = True

# A shell starts what runs in its background with SIGINT ignored, and whoever is started so goes on ignoring it: a
# handler of our own gives the program under test the usual effect.
signal.signal(signal.SIGINT, signal.default_int_handler)


# The files that take longest, most of it waiting: where files are run side by side, these are begun first.
LONGEST = [
    "test_faults.py", "test_runs_at_once.py", "test_traces.py", "test_soak.py", "test_tracing.py", "test_pipelines.py",
    "test_storm.py", "test_kill.py", "test_interruption.py", "test_crowd_of_agents.py",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(autouse=True)
def environment_stays():
    """Takes back what a test, or MLflow's client in it, sets for the programs that are started from here."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The folder of Package.swift."""
    return REPO


@pytest.fixture(scope="session")
def promptreg() -> Path:
    """The release build of the program."""
    assert os.access(PROMPTREG, os.X_OK), f"{PROMPTREG} is missing: swift build -c release"
    return PROMPTREG


@pytest.fixture(scope="session")
def venv_python() -> Path:
    """The Python that has MLflow."""
    return Path(sys.executable)


@pytest.fixture(scope="session")
def updates_expected_output() -> bool:
    """Whether recorded outputs are rewritten instead of compared."""
    return UPDATES_EXPECTED_OUTPUT


def _fail_if_skipped(report) -> None:
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        # What was expected to fail counts as skipped too, and pytest would go on to forgive it.
        vars(report).pop("wasxfail", None)
        report.longrepr = f"{report.nodeid} was skipped, and nothing may be: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    _fail_if_skipped(report)
    return report
