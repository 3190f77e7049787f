import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "Conformance"))

from program import Program  # noqa: E402
from version_server import Server  # noqa: E402


@pytest.fixture(scope="session")
def program(promptreg):
    return Program(promptreg)


@pytest.fixture(scope="session")
def start(tmp_path_factory):
    """Starts a server of a version, once for all tests; one that is not to be shared is up to the caller."""
    started = {}

    def start(version: str, is_shared: bool = True, **settings) -> Server:
        def new() -> Server:
            return Server(version, tmp_path_factory.mktemp(f"mlflow-{version}-"), **settings)

        if not is_shared:
            return new()
        if version not in started:
            started[version] = new()
        return started[version]

    yield start
    for server in started.values():
        server.stop()
