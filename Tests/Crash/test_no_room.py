"""Full and read-only disks, and a system without /proc: the run says what is wrong, tears nothing, and completes later."""

import os
import resource
import shlex
import shutil
import signal
import subprocess

import pytest
from scenarios import Scenario, state

# Any user may mount in a namespace of its own.
NAMESPACE = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]


def in_namespace(script: str, *values) -> subprocess.CompletedProcess:
    """Runs a shell script that may mount; the values are its $1, $2 and so on."""
    command = [*NAMESPACE, "sh", "-eu", "-c", script, "sh", *map(str, values)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


@pytest.fixture(params=[False, True], ids=["empty", "changed"])
def scenario(request, program, tmp_path):
    """Twenty prompts, new or changed."""
    return Scenario.make(tmp_path / "scenario", program, count=20, is_changed=request.param)


@pytest.mark.parametrize("inodes", [False, True], ids=["blocks", "inodes"])
@pytest.mark.parametrize("percent", [5, 40, 80, 97])
def test_a_disk_that_is_full(percent, inodes, scenario, program, tmp_path):
    folder = scenario.copy(tmp_path / "run")
    disk, full, whole = tmp_path / "disk", tmp_path / "full", tmp_path / "whole"
    disk.mkdir()

    def used(entries: dict) -> int:
        if inodes:
            return len(entries) + 1
        return sum((len(content) + 4095) // 4096 for content in entries.values() if content is not None)

    # Room for a part of what the run adds to what is there.
    has, needs = used(state(folder)), used(scenario.after)
    room = has + (needs - has) * percent // 100
    limit = f"nr_inodes={room}" if inodes else f"size={room * 4}k"
    run = shlex.join([program.path, *scenario.arguments(disk)])
    ended = in_namespace(
        f"""
        mount -t tmpfs -o {limit} tmpfs "$1"
        cp -a "$2/." "$1"
        code=0; {run} || code=$?
        cp -a "$1" "$3"
        mount -o remount,size=64m,nr_inodes=100000 "$1"
        {run} >/dev/null
        cp -a "$1" "$4"
        exit $code
        """,
        disk, folder, full, whole,
    )  # fmt: skip
    assert ended.returncode in (1, 69), ended.stderr
    assert "No space left on device" in ended.stdout + ended.stderr
    assert "free some space and run again" in ended.stdout + ended.stderr
    scenario.check_whole(full)
    assert state(whole) == scenario.after


def test_a_limit_on_the_size_of_files(scenario, program, tmp_path):
    folder = scenario.copy(tmp_path / "run")

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    ended = subprocess.run(
        [program.path, *scenario.arguments(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        restore_signals=False,
        preexec_fn=limit,
        timeout=60,
    )
    assert ended.returncode in (1, 69), ended.stdout + ended.stderr
    assert "File too large" in ended.stdout + ended.stderr
    scenario.check_whole(folder)
    scenario.check_completes(folder)


def test_a_filesystem_that_is_mounted_read_only(scenario, program, tmp_path):
    folder = scenario.copy(tmp_path / "run")
    before = state(folder)
    run = shlex.join([program.path, *scenario.arguments(folder)])
    plan = shlex.join([program.path, "plan", *scenario.arguments(folder)[1:]])
    ended = in_namespace(
        f"""
        mount --bind "$1" "$1"
        mount -o remount,bind,ro "$1"
        {plan} >/dev/null
        exec {run}
        """,
        folder,
    )
    assert ended.returncode == 77, ended.stdout + ended.stderr
    assert "Read-only file system" in ended.stdout + ended.stderr
    assert state(folder) == before
    scenario.check_completes(folder)


def test_a_registry_of_somebody_else(scenario, program, open_folder):
    folder = shutil.copytree(scenario.before, open_folder / "run")
    job = shutil.copytree(scenario.job.folder, open_folder / "job") / "jobs" / "job.yaml"
    if os.geteuid() == 0:
        become = lambda: (os.setgroups([]), os.setgid(65534), os.setuid(65534))  # noqa: E731
    else:
        become = None
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
    before = state(folder)
    command = ["run", str(job), "--registry", f"file:{folder / 'mlruns'}", "--no-progress"]
    ended = subprocess.run(
        [program.path, *command], capture_output=True, text=True, preexec_fn=become, cwd="/", timeout=60
    )
    assert ended.returncode == 77, ended.stdout + ended.stderr
    assert "Permission denied" in ended.stdout + ended.stderr
    assert state(folder) == before


def test_without_proc(program):
    ended = in_namespace(f'mount -t tmpfs none /proc; exec "{program.path}" --version')
    assert (ended.returncode, ended.stdout) == (69, "")
    assert "as /proc is not mounted" in ended.stderr
