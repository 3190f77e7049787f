"""The fixtures of the acceptance tests."""

import subprocess

import pytest
from workspace import Workspace, make_workspace


@pytest.fixture(scope="session")
def version(promptreg) -> str:
    """The version that the program says it has."""
    return subprocess.run([promptreg, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]


@pytest.fixture
def workspace(tmp_path, promptreg, version) -> Workspace:
    """An empty folder to work in."""
    return make_workspace(tmp_path, promptreg, version)


@pytest.fixture(scope="module")
def shared_workspace(tmp_path_factory, promptreg, version) -> Workspace:
    """A folder that the tests of a module share."""
    return make_workspace(tmp_path_factory.mktemp("shared"), promptreg, version)
