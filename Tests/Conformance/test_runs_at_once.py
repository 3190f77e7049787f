"""Runs of one job at once: any number of them ends as one would, and each report is true."""

import signal
import threading
import time

import pytest
from crowd import Crowd, Gate
from fault_proxy import Fault
from invariants import Events, shown
from jobs import JobFolder

RUNS = 3
COUNT = 6
TIMEOUT = ("--timeout", "60s")


def job_of(folder, registry, name: str, is_edited: bool) -> JobFolder:
    """A job that no registry knows, or that was registered and then edited: not all of it."""
    job = JobFolder(folder, aliases=["production", "staging"], schema=registry.schema)
    for index in range(COUNT):
        job.add(f"{name}{index}", f"Text {index} {{{{x}}}}", tags={"team": "a"})
    job.write()
    if is_edited:
        registry.run(job.path)
        for index in range(COUNT - 1):
            job.add(f"{name}{index}", f"Text {index}, edited {{{{x}}}}", tags={"team": "b"})
        job.write()
    return job


def gates(registry):
    """Where the runs wait for one another: nowhere, or where they most likely get into each other's way."""
    found = {"free": None}
    if registry.proxy:
        found |= {"write": lambda request: request.is_write, "version": registry.is_version}
        found |= {"journal": registry.is_journal, "alias": registry.is_alias}
    return found


@pytest.mark.parametrize("is_edited", [False, True], ids=["new", "edited"])
def test_three_runs_at_once_end_as_one(is_edited, shared, tmp_path):
    problems = []
    for name, matches in gates(shared).items():
        job = job_of(tmp_path / name, shared, name, is_edited)
        events = Events(shared, [job], shared.everything(), [])
        crowd = Crowd(shared, tmp_path / name)
        gate = matches and Gate(RUNS, matches)
        for _ in range(RUNS):
            crowd.start(job, *TIMEOUT, **({"choose": gate.choose()} if gate else {}))
        events.runs = crowd.finish()
        try:
            check_one_state(events, job, expected=1 + is_edited)
            events.check()
        except AssertionError as error:
            problems.append(f"held at {name}: {error}\n{shown(shared.everything())}\n{crowd.story()}")
    if problems:
        raise AssertionError("\n".join(problems))


def check_one_state(events: Events, job: JobFolder, expected: int) -> None:
    """Every run succeeded and says the same, which is how it is; before any other run puts it right."""
    now = events.registry.everything()
    if codes := {run.code for run in events.runs} - {0}:
        events.complain(f"runs at once ended with {codes}")
    for index, prompt in enumerate(job.expected.values()):
        numbers = {run.report["prompts"][index]["version"] for run in events.runs if run.report}
        found = now.get(prompt.full_name)
        wanted = 1 if prompt.template.count("edited") < expected - 1 else expected
        if not found or len(found.versions) != wanted:
            events.complain(f"{prompt.full_name} has versions {found and [*found.versions]}, not {wanted}")
        elif numbers != {min(n for n, version in found.versions.items() if version.text == prompt.template)}:
            events.complain(f"the reports say that {prompt.full_name} has versions {numbers}")
        elif found.aliases != dict.fromkeys(prompt.aliases, max(numbers)):
            events.complain(f"{prompt.full_name} has the aliases {found.aliases}")


@pytest.mark.parametrize("moves", [1, COUNT, 2 * COUNT - 3])
@pytest.mark.parametrize("is_edited", [False, True], ids=["new", "edited"])
def test_a_run_that_is_stopped_leaves_what_another_has_reported(is_edited, moves, remote, tmp_path):
    """It waits with some aliases moved while a second run of the job finds these, moves the others, and succeeds."""
    job = job_of(tmp_path / "job", remote, "p", is_edited)
    events = Events(remote, [job], remote.everything(), [])
    crowd = Crowd(remote, tmp_path)
    is_held, goes_on = threading.Event(), threading.Event()
    seen = []

    def hold():
        is_held.set()
        goes_on.wait(60)

    def choose(request):
        if not remote.is_alias(request):
            return None
        seen.append(request)
        return Fault("usual", before=hold) if len(seen) == moves + 1 else None

    first = crowd.start(job, *TIMEOUT, "--concurrency", "1", choose=choose)
    assert is_held.wait(60)
    second = crowd.start(job, *TIMEOUT)
    assert second.wait(60) == 0, crowd.story()
    first.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    goes_on.set()
    events.runs = crowd.finish()
    assert [run.code for run in events.runs] == [143, 0], crowd.story()
    try:
        now = remote.everything()
        for prompt in job.expected.values():
            newest = max(now[prompt.full_name].versions)
            assert now[prompt.full_name].aliases == dict.fromkeys(prompt.aliases, newest)
        events.check()
    except AssertionError as error:
        raise AssertionError(f"{error}\n{shown(remote.everything())}\n{crowd.story()}") from error


@pytest.mark.parametrize("is_edited", [False, True], ids=["new", "edited"])
@pytest.mark.parametrize("what", ["slow", "killed", "lost"])
def test_a_run_relies_on_nothing_that_another_is_moving_back(is_edited, what, remote, tmp_path):
    """One run fails, and has looked who relies on an alias when another begins, which finds the alias in place.

    The first is held up there: the server takes long, the run is killed, or what it sent is lost and it sends it again
    when that cannot take effect any more.
    """
    job = job_of(tmp_path / "job", remote, "p", is_edited)
    events = Events(remote, [job], remote.everything(), [])
    crowd = Crowd(remote, tmp_path)
    is_held, goes_on = threading.Event(), threading.Event()
    # Of an edited job, the last prompt is unchanged.
    last = [prompt.full_name for prompt in job.expected.values()][COUNT - 1 - is_edited]
    failures = []

    def hold():
        is_held.set()
        goes_on.wait(60)

    def choose(request):
        if not (remote.is_alias(request) or request.is_like("DELETE", "alias")):
            return None
        if failures and not is_held.is_set():
            return Fault("usual" if what == "slow" else "reset", before=is_held.set if what == "lost" else hold)
        if request.name == last and not failures:
            failures.append(request)
            return Fault("status", status=400, code="INVALID_PARAMETER_VALUE")
        return None

    first = crowd.start(job, "--timeout", "120s", "--concurrency", "1", choose=choose)
    assert is_held.wait(60), crowd.story()
    if what == "killed":
        first.kill()
    second = crowd.start(job, *TIMEOUT)
    time.sleep(4 if what == "slow" else 0)
    goes_on.set()
    second.wait(60)
    events.runs = crowd.finish()
    try:
        assert events.runs[1].code == 0
        events.check()
    except AssertionError as error:
        raise AssertionError(f"{error}\n{shown(remote.everything())}\n{crowd.story()}") from error
