"""Bad days: everything that may go wrong, by a seed, for one run and for several at once of which some are killed.

    STORM_SEED=17 STORM_ROUNDS=1 Tests/run conformance -- -k test_storm     repeats what a failure named
    STORM_ROUNDS=40 Tests/run storm                                         looks for more
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crowd import Crowd
from invariants import Events, shown
from jobs import JobFolder
from other_client import OtherClient
from registries import Registry
from storm import Company, Storm

TIMEOUT = ("--timeout", "80s")
# Most of a storm is waiting.
AT_ONCE = 8


def some_job(source: random.Random, registry: Registry, folder: Path) -> JobFolder:
    """A job of which a part is registered, and of that a part edited, retagged or left as it was."""
    aliases = ["production", "staging"]
    job = JobFolder(folder / "job", aliases=aliases, schema=registry.schema, on_foreign="overwrite")
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
        events.is_settled = crowd.is_settled
        events.check()
    except AssertionError as error:
        raise AssertionError(f"{error}\n\n{shown(events.registry.everything())}\n{crowd.story()}") from error


def one_run(source: random.Random, remote: Registry, folder: Path) -> None:
    """All of it passes, and so the run succeeds."""
    job = some_job(source, remote, folder)
    events, crowd = Events(remote, [job], remote.everything(), []), Crowd(remote, folder)
    crowd.start(job, *TIMEOUT, choose=Storm(f"{source.random()}", remote, may_fail=False).choose)
    weather(events, crowd)
    assert events.runs[0].code == 0, crowd.story()


def one_run_in_company(source: random.Random, remote: Registry, folder: Path) -> None:
    """Somebody else works on half of the prompts; whatever comes of the run, nothing of theirs is lost."""
    job = some_job(source, remote, folder)
    others = OtherClient(remote)
    names = source.sample([prompt.full_name for prompt in job.expected.values()], len(job.expected) // 2)
    events, crowd = Events(remote, [job], remote.everything(), [], others), Crowd(remote, folder)
    storm = Storm(f"{source.random()}", remote, Company(others, names))
    crowd.start(job, *TIMEOUT, choose=storm.choose)
    weather(events, crowd)


def many_runs(source: random.Random, registry: Registry, folder: Path, is_stormy: bool = False) -> None:
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


def many_runs_in_a_storm(source: random.Random, remote: Registry, folder: Path) -> None:
    """The same over a bad network."""
    many_runs(source, remote, folder, is_stormy=True)


def test_storms(many_shared, storm_seeds, tmp_path):
    """Tries every seed in every way, each with a registry and a job of its own, and many at the same time."""
    ways = [many_runs, one_run, one_run_in_company, many_runs_in_a_storm]
    if many_shared.kind == "folder":
        # There is no network to have a storm on, so that there is time for more.
        ways, storm_seeds = [many_runs], range(storm_seeds[0], storm_seeds[0] + 10 * len(storm_seeds))
    cases = [(way, seed, many_shared()) for seed in storm_seeds for way in ways]

    def attempt(case) -> Exception | None:
        way, seed, registry = case
        try:
            way(random.Random(seed), registry, tmp_path / f"{way.__name__}-{seed}")
        except Exception as error:
            error.add_note(f"this was {way.__name__}; repeat it with STORM_SEED={seed} STORM_ROUNDS=1")
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        errors = [error for error in pool.map(attempt, cases) if error]
    if errors:
        raise ExceptionGroup("these storms did harm", errors)
