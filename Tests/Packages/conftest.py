"""The packages, built once.

Only when asked for (Tests/run packages): the program is built again, which takes minutes. PACKED_PROGRAM names one
that was built so, to pack that.
"""

import os
from pathlib import Path

import pytest
from built import REPO, run

PROGRAM = os.environ.get("PACKED_PROGRAM")


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> dict[str, Path]:
    """The files by what they are: `whl` and `deb`."""
    out = tmp_path_factory.mktemp("out")
    run(REPO / ".packaging/build", out, *(["--around", PROGRAM] if PROGRAM else []))
    return {path.suffix[1:]: path for path in out.iterdir()}
