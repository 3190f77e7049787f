"""The packages in a fresh Debian, without a toolchain and without libyaml: on a folder, on a server, and in its shells."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

import pexpect
import pytest
from built import REPO, run

DONE = "Successfully registered: 8\nErrors: 0\n"
# As a new user's shells are, but that those of zsh in Debian start no completion by themselves.
SHELLS = {"bash": ["bash", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "-i"]}
START = {"bash": ". /usr/share/bash-completion/bash_completion", "zsh": "autoload -Uz compinit && compinit -D -u", "fish": "set -g fish_autosuggestion_enabled 0"}
PORT = 19_873


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def root(request, built, tmp_path_factory):
    """A root with the Debian package, installed as .packaging/Dockerfile does it, and the wheel."""
    recipe = re.findall("^([A-Z]+) (.*)$", (REPO / ".packaging/Dockerfile").read_text(), re.MULTILINE)
    assert [name for name, _ in recipe] == ["FROM", "COPY", "RUN", "WORKDIR", "ENTRYPOINT"]
    assert recipe[:2] == [("FROM", "debian:12-slim"), ("COPY", "*.deb /tmp/")]
    root = tmp_path_factory.mktemp("debian") / request.param
    run("debootstrap", "--variant=minbase", request.param, root)
    # A container has it, and Swift takes a program's arguments from it.
    run("mount", "--types", "proc", "proc", root / "proc")
    try:
        for name in ("jobs", "prompts"):
            shutil.copytree(REPO / name, root / "agent" / name)
        shutil.copy(built["deb"], root / "tmp")
        run("chroot", root, "sh", "-c", recipe[2][1])
        assert subprocess.run(["chroot", root, "dpkg", "-s", "libyaml-0-2"], capture_output=True).returncode
        shutil.copy(built["whl"], root / "tmp")
        # The recipe leaves no lists of packages behind.
        inside(root, "apt-get update")
        yield root
    finally:
        run("umount", root / "proc")
        shutil.rmtree(root, ignore_errors=True)


def inside(root, command: str, **environment: str) -> str:
    """What a shell's command prints there."""
    variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
    # A way to Debian's packages, where this machine has one.
    variables |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    return run("chroot", root, *clean_environment(**{**variables, **environment}), "sh", "-c", command).stdout


def clean_environment(**variables: str) -> list[str]:
    return ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]


def test_the_shipped_job_runs_on_a_folder(root):
    assert inside(root, "cd /agent && promptreg run jobs/health_monitor.yaml").endswith(DONE)
    assert "promptreg" in inside(root, "zcat /usr/share/man/man1/promptreg.1.gz")


@pytest.fixture
def server(tmp_path):
    """A real MLflow server on this machine's loopback, which a root shares."""
    store = ["--backend-store-uri", f"sqlite:///{tmp_path}/mlflow.db", "--artifacts-destination", tmp_path / "artifacts"]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(PORT), "--workers", "1", *store]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=tmp_path)
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for _ in range(300):
            try:
                opener.open(f"http://127.0.0.1:{PORT}/health", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.2)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def test_the_shipped_job_runs_on_a_server(root, server):
    run_it = f"cd /agent && promptreg run jobs/health_monitor.yaml --registry {server}"
    assert inside(root, run_it).endswith(DONE)
    assert "8 unchanged" in inside(root, run_it)


def test_the_wheel_runs_beside_it(root):
    inside(root, "apt-get install -y --no-install-recommends python3 python3-venv && python3 -m venv /wheel")
    inside(root, "/wheel/bin/pip install --no-index /tmp/*.whl")
    assert inside(root, "cd /agent && /wheel/bin/promptreg run jobs/health_monitor.yaml --registry file:/other").endswith(DONE)


@pytest.mark.parametrize("shell", SHELLS)
def test_its_shells_complete(root, shell):
    inside(root, f"apt-get install -y --no-install-recommends {shell} bash-completion ncurses-base")
    clean = clean_environment(PATH="/usr/bin:/bin", HOME="/agent", TERM="xterm", LC_ALL="C.UTF-8")
    typed = pexpect.spawn(
        "chroot", [str(root), *clean, *SHELLS[shell]], dimensions=(50, 200), encoding="utf-8", timeout=60
    )
    try:
        typed.sendline(f"cd /agent; {START[shell]}")
        typed.sendline("echo re''ady")
        typed.expect("ready")
        for begun, completed in (("vali", "validate"), ("run jobs/health_monitor.yaml --targ", "--target")):
            typed.send(f"promptreg {begun}\t")
            # Some write what is missing, others the whole line anew.
            typed.expect([completed, f"{completed.removeprefix(begun.split()[-1])}[ =]"])
            typed.send("\x15")
    finally:
        typed.close(force=True)
