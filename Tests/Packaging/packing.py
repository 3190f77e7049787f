"""The packages around a stand-in for the program, which says what the packaging asks of it and is quick to pack."""

import os
import stat
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PACKAGING = REPO / ".packaging"
sys.path[:0] = [str(PACKAGING), str(REPO / "Tests/Conformance")]

STAND_IN = """#!/bin/sh
case "$1" in
man) echo '.TH PROMPTREG 1' ;;
completions) echo "# completions of $2" ;;
fail) echo first; echo 'error: nothing works' >&2; exit "$2" ;;
wait) trap 'echo stopped >"$2"; exit 143' TERM; echo waiting; while :; do sleep 0.1; done ;;
*) echo "called with $*"; env | grep -e '^DATABRICKS_' -e '^PROMPTREG_' | sort ;;
esac
"""


def write_stand_in(path: Path) -> Path:
    path.write_text(STAND_IN)
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


def packed(program: Path, out: Path, epoch: int = 1_790_000_000) -> dict[str, Path]:
    """The wheel and the Debian package around a program, by their endings."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    command = [PACKAGING / "build", out, "--around", program]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
    return {path.suffix[1:]: path for path in out.iterdir()}
