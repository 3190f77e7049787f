"""A run that is killed at any instant leaves a whole registry, and the next run completes it."""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter

import pytest
from scenarios import Scenario

# How many runs are killed on each of the two registries.
KILLS = 30
# The calls that change what is on the disk; a file that was made and not written to is seen before its write.
CHANGING_CALLS = [
    "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "write", "pwrite64",
    "writev", "ftruncate", "link", "linkat", "symlink", "symlinkat",
]  # fmt: skip
FLUSHING_CALLS = ["syncfs", "fsync", "fdatasync"]


@pytest.mark.parametrize("is_changed", [False, True], ids=["empty", "changed"])
def test_a_kill_at_a_random_instant(is_changed, program, tmp_path, seed):
    scenario = Scenario.make(tmp_path / "scenario", program, count=60, is_changed=is_changed)
    source = random.Random(seed)
    killed = runs = 0
    longest = scenario.seconds
    folder = scenario.copy(tmp_path / "run")
    while killed < KILLS:
        runs += 1
        assert runs < KILLS * 5, "hardly any run was killed before it ended"
        delay = source.uniform(0, longest)
        print(f"seed {seed}, run {runs}: kill after {delay:.4f} s")
        process = subprocess.Popen(
            [program.path, *scenario.arguments(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            # The machine was slower when the time of a run was taken.
            longest = (longest + delay) / 2
            folder = scenario.copy(folder)
            continue
        killed += 1
        scenario.check_whole(folder)
        # Now and then the next run is killed as well, on what this one left.
        if source.random() < 0.3:
            continue
        scenario.check_completes(folder)
        folder = scenario.copy(folder)
    scenario.check_completes(folder)


def traced(program, scenario, folder, *flags: str) -> subprocess.CompletedProcess:
    """A run under strace, on one processor: strace counts the calls of each thread, and here one does all."""
    processor = min(os.sched_getaffinity(0))
    return subprocess.run(
        ["strace", "-f", "-qqq", *flags, program.path, *scenario.arguments(folder), "--concurrency", "1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: os.sched_setaffinity(0, {processor}),
    )


def calls_of(program, scenario, folder, names: list[str]) -> dict[str, int]:
    """How often the run makes each call, in the thread that makes it most often.

    strace counts in each thread by itself, and in one run of twelve two threads share the work: three runs tell.
    """
    log = folder.with_name("strace.log")
    most: dict[str, int] = {}
    for _ in range(3):
        ended = traced(program, scenario, scenario.copy(folder), "-o", str(log), "-e", f"trace={','.join(names)}")
        assert ended.returncode == 0, ended.stderr
        for (_, call), count in Counter(re.findall(r"^(\d+) +(\w+)\(", log.read_text(), re.MULTILINE)).items():
            most[call] = max(most.get(call, 0), count)
    return most


@pytest.fixture(params=[False, True], ids=["empty", "changed"])
def small(request, program, tmp_path):
    """A scenario of few calls."""
    return Scenario.make(tmp_path / "scenario", program, count=2, is_changed=request.param)


def test_a_kill_at_every_call_that_changes_the_disk(small, program, tmp_path):
    counts = calls_of(program, small, tmp_path / "run", CHANGING_CALLS)
    kills = 0
    for call, count in counts.items():
        for at in range(1, count + 1):
            folder = small.copy(tmp_path / "run")
            print(f"killed at {call} {at}")
            inject = f"inject={call}:signal=KILL:when={at}"
            ended = traced(program, small, folder, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
            # strace ends as what it ran has ended.
            assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
            kills += ended.returncode != 0
            small.check_whole(folder)
            small.check_completes(folder)
    assert kills > 30, f"strace killed only {kills} runs at these calls: {counts}"


def test_a_disk_that_fails_at_every_call(small, program, tmp_path):
    """One call after the other fails as on a full disk: the run says so, and the next one completes it."""
    calls = [call for call in CHANGING_CALLS if "unlink" not in call and call != "rmdir"] + FLUSHING_CALLS
    counts = calls_of(program, small, tmp_path / "run", calls)
    failures = 0
    for call, count in counts.items():
        for at in [f"{n}{suffix}" for n in range(1, count + 1) for suffix in ("", "+")]:
            folder = small.copy(tmp_path / "run")
            print(f"no room at {call} {at}")
            inject = f"inject={call}:error=ENOSPC:when={at}"
            ended = traced(program, small, folder, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
            assert ended.returncode in (0, 1, 69), ended.stderr
            failures += ended.returncode != 0
            # Where it was the message itself that could not be written, there is none.
            if ended.returncode != 0 and call != "write":
                assert "No space left on device" in ended.stdout + ended.stderr
            small.check_whole(folder)
            small.check_completes(folder)
    assert failures > 80, f"strace failed only {failures} runs at these calls: {counts}"
