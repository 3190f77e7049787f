"""The packages that the tests look at."""

from pathlib import Path

import pytest
from packing import packed, write_stand_in


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory) -> Path:
    return write_stand_in(tmp_path_factory.mktemp("program") / "promptreg")


@pytest.fixture(scope="session")
def packages(stand_in, tmp_path_factory) -> dict[str, Path]:
    return packed(stand_in, tmp_path_factory.mktemp("packages"))
