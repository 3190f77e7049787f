import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Conformance"))

from pages import Browser  # noqa: E402
from program import Program  # noqa: E402
from servers import MLflowServer  # noqa: E402


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, started once."""
    started = Browser()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def program(promptreg):
    return Program(promptreg)


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory):
    """A real MLflow server, started once."""
    server = MLflowServer(tmp_path_factory.mktemp("mlflow"))
    yield server
    server.stop()
