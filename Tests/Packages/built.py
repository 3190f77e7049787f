"""What the tests of the packages share."""

import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def run(*command, **options) -> subprocess.CompletedProcess:
    """Runs a command, which has to succeed."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=3_600, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done
