import os

import pytest
from sandbox import Launcher, Sandbox


@pytest.fixture(scope="session")
def seed() -> int:
    """What all cases are drawn from; HOSTILE_SEED=N draws others."""
    return int(os.environ.get("HOSTILE_SEED", "1"))


@pytest.fixture(scope="session")
def launcher():
    """What starts the program."""
    launcher = Launcher()
    yield launcher
    launcher.stop()


@pytest.fixture
def sandbox(promptreg, tmp_path, launcher):
    """An empty folder that the program is run in."""
    return Sandbox(promptreg, tmp_path / "sandbox", launcher)


@pytest.fixture
def shipped(sandbox, repo):
    """A folder with the shipped jobs and prompts in it."""
    sandbox.copy(repo / "jobs", "jobs")
    sandbox.copy(repo / "prompts", "prompts")
    return sandbox
