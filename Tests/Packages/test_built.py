"""The packages as .packaging/build makes them: what they need, how large they are, and that they run where they should.

Only when asked for (Tests/run packages): the program is built again, which takes minutes. PACKED_PROGRAM names one
that was built so, to pack that.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
TOOLS = REPO / ".build/packages-venv/bin"
LIMIT = 9 * 1024 * 1024
PROGRAM = os.environ.get("PACKED_PROGRAM")


def run(*command, **options) -> subprocess.CompletedProcess:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=3_600, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("out")
    run(REPO / ".packaging/build", out, *(["--around", PROGRAM] if PROGRAM else []))
    return {path.suffix[1:]: path for path in out.iterdir()}


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


def test_the_debian_package_runs_in_a_root_without_a_toolchain(built, tmp_path):
    """A fresh Debian: no toolchain, no libyaml. The package is installed as .packaging/Dockerfile does it."""
    recipe = re.findall("^([A-Z]+) (.*)$", (REPO / ".packaging/Dockerfile").read_text(), re.MULTILINE)
    assert [name for name, _ in recipe] == ["FROM", "COPY", "RUN", "WORKDIR", "ENTRYPOINT"]
    assert recipe[:2] == [("FROM", "debian:12-slim"), ("COPY", "*.deb /tmp/")]
    root = tmp_path / "root"
    run("debootstrap", "--variant=minbase", "bookworm", root)
    try:
        shutil.copy(built["deb"], root / "tmp")
        for name in ("jobs", "prompts"):
            shutil.copytree(REPO / name, root / "agent" / name)
        run("chroot", root, "sh", "-c", recipe[2][1])
        done = run("chroot", root, "sh", "-c", "cd /agent && promptreg run jobs/health_monitor.yaml")
        assert done.stdout.endswith("Successfully registered: 8\nErrors: 0\n")
        assert run("chroot", root, "bash", "-n", "/usr/share/bash-completion/completions/promptreg").stdout == ""
    finally:
        shutil.rmtree(root, ignore_errors=True)


