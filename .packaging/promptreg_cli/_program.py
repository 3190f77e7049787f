"""Where the program of this distribution was installed."""

import os
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "promptreg-cli"


def _candidates():
    try:
        for file in metadata.distribution(DISTRIBUTION).files or ():
            if file.name == "promptreg" and file.parent.name in ("bin", "Scripts"):
                yield Path(file.locate())
    except metadata.PackageNotFoundError:
        pass
    yield Path(sysconfig.get_path("scripts"), "promptreg")
    scheme = sysconfig.get_preferred_scheme("user")
    yield Path(sysconfig.get_path("scripts", scheme), "promptreg")
    # With --target or --prefix the program lies beside the packages, or in the bin folder of the prefix.
    for folder in Path(__file__).resolve().parents[1:5]:
        yield folder / "bin" / "promptreg"


def find_program() -> str:
    """The path of promptreg, as this distribution installed it."""
    for path in _candidates():
        if path.is_file() and os.access(path, os.X_OK):
            return str(path.resolve())
    raise FileNotFoundError(f"promptreg is not installed beside {Path(__file__).parent} ({sys.executable})")
