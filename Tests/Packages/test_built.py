"""The packages as .packaging/build makes them: what they need, how large they are, and that they run where they should."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from built import REPO, run

TOOLS = REPO / ".build/packages-venv/bin"
LIMIT = 9_000_000


def test_the_wheel_needs_no_more_than_its_name_says(built):
    tag = built["whl"].stem.rsplit("-", 1)[1]
    shown = run(TOOLS / "auditwheel", "show", built["whl"]).stdout
    assert f'"{tag}"' in shown, shown
    run(TOOLS / "twine", "check", "--strict", built["whl"])
    assert built["whl"].stat().st_size <= LIMIT


def test_the_debian_package_is_clean(built):
    assert run("lintian", "--fail-on", "error,warning", built["deb"]).stdout == ""


def python(version: str) -> str:
    """A Python of this version, of the system's or pyenv's."""
    found = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob(f"{version}.*"))
    for path in [*(folder / "bin" / "python" for folder in found), shutil.which(f"python{version}")]:
        if path and not subprocess.run([path, "-c", ""], capture_output=True).returncode:
            return str(path)
    raise AssertionError(f"there is no Python {version} here")


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_the_shipped_job_runs_from_a_fresh_environment(built, tmp_path, version):
    run(python(version), "-m", "venv", tmp_path / "venv")
    run(tmp_path / "venv/bin/pip", "install", "--quiet", "--no-index", built["whl"])
    for name in ("jobs", "prompts"):
        shutil.copytree(REPO / name, tmp_path / "agent" / name)
    start = time.monotonic()
    program = tmp_path / "venv/bin/promptreg"
    done = run(program, "run", "jobs/health_monitor.yaml", cwd=tmp_path / "agent")
    assert done.stdout.endswith("Successfully registered: 8\nErrors: 0\n")
    assert time.monotonic() - start < 5
    again = run(tmp_path / "venv/bin/python", "-m", "promptreg_cli", "--version")
    assert again.stdout == run(program, "--version").stdout
