"""Runs that meet on one registry: one after the other has it, and none loses or doubles anything."""

import fcntl
import os
import shutil
import signal
import subprocess
import time

import pytest
from jobs import JobFolder
from mlflow_registry import MLflowRegistry
from scenarios import ALIASES, Scenario, first_job, state

RUNS = 8


def start(program, *arguments) -> subprocess.Popen:
    """Begins a run."""
    return subprocess.Popen(
        [program.path, *map(str, arguments), "--no-progress"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(processes: list[subprocess.Popen]) -> None:
    """Waits for runs, which all have to end well."""
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err


@pytest.mark.parametrize("is_changed", [False, True], ids=["empty", "changed"])
def test_the_same_job_at_once(is_changed, program, tmp_path):
    scenario = Scenario.make(tmp_path / "scenario", program, count=30, is_changed=is_changed)
    folder = scenario.copy(tmp_path / "run")
    finish([start(program, *scenario.arguments(folder)) for _ in range(RUNS)])
    assert state(folder) == scenario.after
    scenario.check_whole(folder)


def test_other_jobs_at_once(program, tmp_path):
    jobs = []
    for index in range(RUNS):
        job = JobFolder(tmp_path / f"job-{index}", aliases=ALIASES, provenance=False, schema=f"s{index}")
        for number in range(10):
            job.add(f"p{number}", f"{number} of {index} {{{{x}}}}\n")
        jobs.append(job.write())
    for name, at_once in (("in-turn", 1), ("at-once", RUNS)):
        registry = tmp_path / name / "mlruns"
        for first in range(0, RUNS, at_once):
            running = jobs[first : first + at_once]
            finish([start(program, "run", job, "--registry", f"file:{registry}") for job in running])
    assert state(tmp_path / "at-once") == state(tmp_path / "in-turn")
    assert len(MLflowRegistry(tmp_path / "at-once" / "mlruns").names()) == RUNS * 10


def test_jobs_that_disagree_at_once(program, tmp_path):
    """Each makes its own version of every prompt, and whoever comes last has all the aliases."""
    jobs = []
    for index in range(RUNS):
        job = JobFolder(tmp_path / f"job-{index}", aliases=ALIASES, provenance=False)
        for number in range(10):
            job.add(f"p{number}", f"{number}, version of {index} {{{{x}}}}")
        jobs.append(job.write())
    registry = tmp_path / "mlruns"
    finish([start(program, "run", job, "--registry", f"file:{registry}") for job in jobs])
    orders = set()
    for prompt in MLflowRegistry(registry).snapshot().values():
        assert sorted(prompt["versions"]) == list(range(1, RUNS + 1))
        assert prompt["aliases"] == dict.fromkeys(ALIASES, RUNS)
        texts = [prompt["versions"][number]["template"] for number in range(1, RUNS + 1)]
        orders.add(tuple(text.split("version")[1] for text in texts))
    assert len(orders) == 1 and len(set(*orders)) == RUNS


def is_locked(path) -> bool:
    """Whether somebody holds the lock of a registry."""
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def test_a_run_goes_on_at_once_when_the_holder_of_the_lock_is_killed(program, tmp_path):
    job = first_job(tmp_path / "job", 300)
    clean, folder = tmp_path / "clean", tmp_path / "run"
    program.run(job.path, clean / "mlruns")
    registry = folder / "mlruns"
    while True:
        holder = start(program, "run", job.path, "--registry", f"file:{registry}")
        while holder.poll() is None and not is_locked(registry / ".promptreg.lock"):
            pass
        os.kill(holder.pid, signal.SIGSTOP)
        if is_locked(registry / ".promptreg.lock"):
            break
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate()
        shutil.rmtree(folder)
    waiting = start(program, "run", job.path, "--registry", f"file:{registry}")
    said = waiting.stderr.readline()
    assert "waiting for another run on this registry to end" in said
    time.sleep(0.2)
    assert waiting.poll() is None, "the run did not wait for the one that has the registry"
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    finish([waiting])
    assert state(folder) == state(clean)


def test_a_plan_needs_no_lock(program, tmp_path):
    scenario = Scenario.make(tmp_path / "scenario", program, count=3, is_changed=True)
    folder = scenario.copy(tmp_path / "run")
    lock = folder / "mlruns" / ".promptreg.lock"
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = program("plan", scenario.job.path, "--registry", f"file:{folder / 'mlruns'}")
        assert "waiting" not in ended.err
