import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Conformance"))

from program import Program  # noqa: E402


@pytest.fixture(scope="session")
def program(promptreg):
    return Program(promptreg)


@pytest.fixture(scope="session")
def seed() -> int:
    """What the random instants are drawn from; CRASH_SEED=N repeats a run as far as a clock allows."""
    return int(os.environ.get("CRASH_SEED", "1"))


@pytest.fixture
def open_folder():
    """A scratch folder that every user may look into, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="promptreg-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
