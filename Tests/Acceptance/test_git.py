"""What a run takes from git, whatever git does: it hangs, it refuses, it is not the one that was meant."""

import os
import signal
import subprocess
import time
from pathlib import Path

import generated_job
import pytest

TIME_LIMIT = 60
SLEEP = "echo $$ >>{log}; trap '' TERM; sleep 300 & echo $! >>{log}; wait; sleep 300"


@pytest.fixture
def fake_git(workspace):
    """Puts a shell script before the real git; it may write to a log."""
    log = workspace.folder.parent / "git.log"

    def write(script: str) -> Path:
        path = workspace.folder.parent / "bin" / "git"
        path.write_text("#!/bin/sh\n" + script.format(log=log) + "\n")
        path.chmod(0o755)
        generated_job.make(workspace.folder, 1)
        return log

    yield write
    for process in running(log):
        os.kill(process, signal.SIGKILL)


def running(log: Path) -> list[int]:
    """The processes that a log names and that still run; one that was killed has a moment to be gone."""
    named = [Path("/proc", line, "stat") for line in log.read_text().split() if line.isdigit()] if log.exists() else []
    end = time.monotonic() + 1
    while (found := [each for each in named if is_running(each)]) and time.monotonic() < end:
        time.sleep(0.01)
    return [int(each.parent.name) for each in found]


def is_running(state: Path) -> bool:
    """Whether there is a process, and not only its exit code."""
    try:
        return ") Z " not in state.read_text()
    except OSError:
        return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_leaves_no_git_behind(workspace, fake_git, number, code):
    log = fake_git(SLEEP)
    begin = time.monotonic()
    process = subprocess.Popen(
        ["promptreg", "run", "jobs/generated.yaml", "--report", "report.json"],
        cwd=workspace.folder, env=workspace.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    # Both gits that are asked first, and what each has started.
    while not log.exists() or len(log.read_text().split()) < 4:
        assert time.monotonic() < begin + TIME_LIMIT, "git was never asked"
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(timeout=5) == code
    assert running(log) == []
    assert generated_job.report(workspace.folder / "report.json")["status"] == "interrupted"


def test_a_git_that_hangs_holds_a_plan_no_longer_than_its_time(workspace, fake_git):
    log = fake_git(SLEEP)
    begin = time.monotonic()
    ran = workspace.run("plan", "jobs/generated.yaml", "--timeout", "2s", timeout=TIME_LIMIT)
    assert time.monotonic() - begin < 6
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == "warning: no commit is recorded: git took longer than 2 s\n"
    assert running(log) == []


def test_git_is_given_no_secrets(workspace, fake_git):
    log = fake_git("env >>{log}; exit 128")
    secrets = {
        "DATABRICKS_TOKEN": "dapi-secret", "MLFLOW_TRACKING_PASSWORD": "secret", "GITHUB_TOKEN": "ghs-secret",
        "GIT_DIR": "elsewhere", "LD_PRELOAD": "", "OPENAI_API_KEY": "sk-secret",
    }  # fmt: skip
    wanted = {"HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere/config", "GIT_CONFIG_GLOBAL": "/nowhere/gitconfig"}
    workspace.environment |= secrets | wanted
    ran = workspace.run("plan", "jobs/generated.yaml")
    assert ran.returncode == 0, ran.stderr
    given = dict(line.split("=", 1) for line in log.read_text().splitlines())
    shell = {"PWD", "SHLVL", "_", "OLDPWD"}
    allowed = {
        "PATH", "HOME", "XDG_CONFIG_HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "LOGNAME", "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_OPTIONAL_LOCKS",
    }  # fmt: skip
    assert set(given) - shell <= allowed
    assert given.items() >= (wanted | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_NOSYSTEM": "1"}).items()


@pytest.mark.parametrize("path", ["", ".", ":{path}", ".:{path}", "bin:{path}"])
def test_no_git_of_the_current_folder_is_run(workspace, path):
    generated_job.make(workspace.folder, 1)
    for name in ("git", "bin/git"):
        planted = workspace.folder / name
        planted.parent.mkdir(exist_ok=True)
        planted.write_text("#!/bin/sh\ntouch planted; exit 1\n")
        planted.chmod(0o755)
    path = path.format(path=workspace.environment["PATH"])
    promptreg = workspace.folder.parent / "bin" / "promptreg"
    ran = subprocess.run(
        [promptreg, "plan", "jobs/generated.yaml"], cwd=workspace.folder, env=workspace.environment | {"PATH": path},
        capture_output=True, text=True, timeout=TIME_LIMIT,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert not (workspace.folder / "planted").exists()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo \"fatal: detected dubious ownership in repository at '/src'\" >&2; exit 128",
         "git says: fatal: detected dubious ownership in repository at '/src'"),
        ("kill -KILL $$", "git says: it ended with 137"),
    ],
)  # fmt: skip
def test_why_git_refuses_is_told(workspace, fake_git, script, reason):
    fake_git(script)
    ran = workspace.run("plan", "jobs/generated.yaml")
    assert (ran.returncode, ran.stderr) == (0, f"warning: no commit is recorded: {reason}\n")
