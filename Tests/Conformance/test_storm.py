"""Bad days: everything that may go wrong, by a seed, for one run and for several at once of which some are killed.

    STORM_SEED=17 STORM_ROUNDS=1 Tests/run conformance -- -k test_storm     repeats what a failure named
    STORM_ROUNDS=40 Tests/run storm                                         looks for more
"""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from crowd import Crowd
from invariants import Events, shown
from jobs import JobFolder
from other_client import OtherClient
from registries import Registry
from storm import Company, Storm

TIMEOUT = ("--timeout", "60s")
# Most of a storm is waiting.
AT_ONCE = 4


@pytest.fixture
def for_each_seed(many_shared, storm_seeds, tmp_path):
    """Tries every seed with a registry of its own."""

    def try_each(attempt: Callable[[random.Random, Registry, Path], None]) -> None:
        remotes = {seed: many_shared() for seed in storm_seeds}

        def one(seed: int) -> Exception | None:
            try:
                attempt(random.Random(seed), remotes[seed], tmp_path / f"seed-{seed}")
            except Exception as error:
                error.add_note(f"repeat it with STORM_SEED={seed} STORM_ROUNDS=1")
                return error

        with ThreadPoolExecutor(AT_ONCE) as pool:
            errors = [error for error in pool.map(one, storm_seeds) if error]
        if errors:
            raise ExceptionGroup("these seeds failed", errors)

    return try_each


def some_job(source: random.Random, registry: Registry, folder: Path) -> JobFolder:
    """A job of which a part is registered, and of that a part edited, retagged or left as it was."""
    job = JobFolder(folder / "job", aliases=["production", "staging"], schema=registry.schema)
    kinds = ["edited", "edited", "retagged", "unchanged", *source.choices(["new", "edited"], k=3), "new"]
    for index, kind in enumerate(kinds):
        if kind != "new":
            job.add(f"{kind}{index}", f"Text {index} {{{{x}}}}", tags={"team": "a"})
    registry.run(job.write())
    for index, kind in enumerate(kinds):
        text = f"Text {index}, edited {{{{x}}}}" if kind == "edited" else f"Text {index} {{{{x}}}}"
        job.add(f"{kind}{index}", text, tags={"team": "a" if kind == "unchanged" else "b"})
    job.write()
    if registry.proxy:
        registry.proxy.clear()
    return job


def weather(events: Events, crowd: Crowd) -> None:
    """Waits for the runs, checks what there has to be, and tells what happened if it is not so."""
    try:
        events.runs = crowd.finish()
        events.check()
    except AssertionError as error:
        raise AssertionError(f"{error}\n\n{shown(events.registry.everything())}\n{crowd.story()}") from error


@pytest.mark.parametrize("many_shared", ["server", "postgres", "unity"], indirect=True)
def test_one_run_on_a_bad_network(for_each_seed):
    """All of it passes, and so the run succeeds."""

    def attempt(source, remote, folder):
        job = some_job(source, remote, folder)
        events, crowd = Events(remote, [job], remote.everything(), []), Crowd(remote, folder)
        crowd.start(job, *TIMEOUT, choose=Storm(f"{source.random()}", remote).choose)
        weather(events, crowd)
        assert events.runs[0].code == 0, crowd.story()

    for_each_seed(attempt)


@pytest.mark.parametrize("many_shared", ["server", "postgres", "unity"], indirect=True)
def test_one_run_in_company_on_a_bad_network(for_each_seed):
    """Somebody else works on half of the prompts; whatever comes of the run, nothing of theirs is lost."""

    def attempt(source, remote, folder):
        job = some_job(source, remote, folder)
        others = OtherClient(remote)
        names = source.sample([prompt.full_name for prompt in job.expected.values()], len(job.expected) // 2)
        events, crowd = Events(remote, [job], remote.everything(), [], others), Crowd(remote, folder)
        storm = Storm(f"{source.random()}", remote, Company(others, names))
        crowd.start(job, *TIMEOUT, choose=storm.choose)
        weather(events, crowd)

    for_each_seed(attempt)


def many_runs(source: random.Random, registry: Registry, folder: Path, is_stormy: bool) -> None:
    """From two to eight runs at once of one job, of which some are killed."""
    job = some_job(source, registry, folder)
    events, crowd = Events(registry, [job], registry.everything(), []), Crowd(registry, folder)
    # A run on a folder takes hundredths of a second, one over a network seconds, and a storm takes more.
    longest = (8 if is_stormy else 1.5) if registry.proxy else 0.1
    timers = []
    for _ in range(source.randint(2, 8)):
        storm = Storm(f"{source.random()}", registry)
        process = crowd.start(job, *TIMEOUT, **({"choose": storm.choose} if is_stormy else {}))
        if source.random() < 0.4:
            timers.append(threading.Timer(source.uniform(0, longest), process.kill))
            timers[-1].start()
    for timer in timers:
        timer.join()
    weather(events, crowd)


def test_many_runs_of_which_some_are_killed(for_each_seed):
    for_each_seed(lambda source, registry, folder: many_runs(source, registry, folder, is_stormy=False))


@pytest.mark.parametrize("many_shared", ["server", "postgres", "unity"], indirect=True)
def test_many_runs_on_a_bad_network_of_which_some_are_killed(for_each_seed):
    for_each_seed(lambda source, registry, folder: many_runs(source, registry, folder, is_stormy=True))
