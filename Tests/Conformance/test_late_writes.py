"""A write that takes effect when nobody waits for it any more is made once all the same, and told as it is."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fault_proxy import Fault, Request
from faults import once_each
from invariants import Events, Run
from jobs import JobFolder
from registries import Registry

COUNT = 4
LATE = {
    "dropped, 5 s late": Fault("reset", late=5),
    "504, 4 s late": Fault("status", status=504, late=4),
    "503 page, 4 s late": Fault("page", status=503, late=4),
    # Not even the fractions of a second matter.
    "dropped, 1.3 s late": Fault("reset", late=1.3),
}


def half_new(folder, remote: Registry) -> JobFolder:
    """A job of new prompts and of edited ones."""
    job = JobFolder(folder / "job", aliases=["production", "staging"], schema=remote.schema)
    for index in range(COUNT // 2):
        job.add(f"old{index}", f"Text {index} {{{{x}}}}")
    remote.run(job.write())
    for index in range(COUNT // 2):
        job.add(f"old{index}", f"Text {index}, edited {{{{x}}}}")
        job.add(f"new{index}", f"New text {index} {{{{x}}}}")
    job.write()
    remote.proxy.clear()
    return job


def run_all(remote: Registry, job: JobFolder, choose, *flags: str) -> tuple[Events, Run]:
    """A run over a bad network, and what there is once all of it has arrived."""
    events = Events(remote, [job], remote.everything(), [])
    remote.proxy.choose = choose
    ended = remote.ended(job.path, *flags)
    run = Run(ended.code, ended.report)
    events.runs.append(run)
    remote.proxy.clear()
    return events, run


def numbers(remote: Registry, job: JobFolder) -> dict[str, list[int]]:
    """The versions that there are, by the prompts' names within the job."""
    now = remote.everything()
    return {name: sorted(now[job.full_name(name)].versions) for name in job.expected}


def once(job: JobFolder) -> dict[str, list[int]]:
    """The versions that there have to be: of what was edited one more."""
    return {name: [1, 2] if name.startswith("old") else [1] for name in job.expected}


def what_takes_effect_late_is_made_once(remote: Registry, folder, fault: Fault, is_all_late: bool):
    """What makes versions is late, or what makes prompts too."""
    job = half_new(folder, remote)
    choose = once_each(fault, lambda request: remote.is_version(request) or (is_all_late and remote.is_creation(request)))
    events, run = run_all(remote, job, choose, "--timeout", "60s")
    assert (run.code, numbers(remote, job)) == (0, once(job))
    assert run.report["summary"]["duplicates_removed"] == 0
    events.check()


def what_takes_effect_after_it_was_sent_again_is_removed(remote: Registry, folder):
    """Nobody waits for ever: what comes later still is found before the aliases move."""
    job = half_new(folder, remote)
    late = once_each(Fault("reset", late=5), lambda request: remote.is_version(request, job.full_name("new0")))
    slow = once_each(Fault("usual", seconds=8), lambda request: remote.is_version(request, job.full_name("old0")))
    # A quarter of this passes before it is sent again.
    events, run = run_all(remote, job, lambda request: late(request) or slow(request), "--timeout", "14s")
    assert (run.code, numbers(remote, job)) == (0, once(job))
    removed = {prompt["name"]: prompt["duplicates_removed"] for prompt in run.report["prompts"]}
    assert removed == {"old0": [], "old1": [], "new0": [2], "new1": []}
    assert run.report["summary"]["duplicates_removed"] == 1
    events.check()


def what_takes_effect_after_the_end_is_settled_by_the_next_run(remote: Registry, folder):
    job = half_new(folder, remote)
    late = once_each(Fault("reset", late=8), remote.is_version)
    events, run = run_all(remote, job, late, "--timeout", "6s")
    before = numbers(remote, job)
    ended = remote.ended(job.path, "--timeout", "60s")
    events.runs.append(Run(ended.code, ended.report))
    assert (ended.code, numbers(remote, job)) == (0, once(job))
    removed = {prompt["name"]: prompt["duplicates_removed"] for prompt in ended.report["prompts"]}
    assert removed == {name: [n for n in before[name] if n not in once(job)[name]] for name in job.expected}
    events.check()


def what_is_late_and_never_sent_again_is_not_told_as_made(remote: Registry, folder):
    """Nothing after the first attempt gets through before the time is over."""
    job = half_new(folder, remote)
    late = once_each(Fault("reset", late=7), remote.is_version)

    def choose(request: Request) -> Fault | None:
        return late(request) or (Fault("reset") if remote.is_version(request) else None)

    events, run = run_all(remote, job, choose, "--timeout", "5s")
    assert run.code != 0
    assert {prompt["status"] for prompt in run.report["prompts"]} == {"failed"}
    assert "may have taken effect" in str(run.report)
    assert numbers(remote, job) == once(job)
    events.check()


def a_lookup_that_is_answered_with_what_was_is_repeated(remote: Registry, folder):
    """A replica or a cache does not know of the version yet that was made without an answer."""
    job = half_new(folder, remote)
    lost = once_each(Fault("reset", takes_effect=True), remote.is_version)

    def choose(request: Request) -> Fault | None:
        # Every list of versions is as old as that, so what was made is visible after this time.
        is_list = request.path.endswith("versions/search")
        return lost(request) or (Fault("stale", age=3) if is_list else None)

    events, run = run_all(remote, job, choose, "--timeout", "60s")
    assert (run.code, numbers(remote, job)) == (0, once(job))
    events.check()


def a_move_that_takes_effect_after_it_was_taken_back_is_not_told_as_taken_back(remote: Registry, folder):
    """The first prompt's alias moves late, and before that the second's is refused, so that all go back."""
    job = half_new(folder, remote)
    first, second = job.full_name("old0"), job.full_name("old1")
    late = once_each(Fault("reset", late=4), lambda request: remote.is_alias(request, first, "production"))
    refused = Fault("status", status=403, code="PERMISSION_DENIED")

    def choose(request: Request) -> Fault | None:
        return late(request) or (refused if remote.is_alias(request, second) else None)

    events, run = run_all(remote, job, choose, "--timeout", "40s", "--concurrency", "1")
    row = run.report["prompts"][0]["aliases"][0]
    assert (run.code, row["alias"]) == (1, "production")
    place = remote.everything()[first].aliases["production"]
    assert row["status"] == "failed" or (row["status"], place) == ("restored", 1)
    events.check()


def a_move_that_is_made_after_it_was_acknowledged_is_waited_for(remote: Registry, folder):
    """A server, or what is in front of it, says at once that it has done what it does seconds later."""
    job = half_new(folder, remote)
    early = once_each(Fault("body", body=b"{}", late=4), remote.is_alias)
    events, run = run_all(remote, job, early, "--timeout", "60s")
    assert run.code == 0
    events.check()


def a_move_that_is_acknowledged_and_made_too_late_is_not_told_as_taken_back(remote: Registry, folder):
    """Nobody waits for ever."""
    job = half_new(folder, remote)
    first = job.full_name("old0")
    early = once_each(Fault("body", body=b"{}", late=9), lambda request: remote.is_alias(request, first, "production"))
    events, run = run_all(remote, job, early, "--timeout", "60s")
    row = run.report["prompts"][0]["aliases"][0]
    assert (run.code, row["alias"], row["version"]) == (1, "production", 2)
    # Where the run itself is slow, it sees in the end that the move was made.
    told = {"failed": "it may point to version 2", "ok": ""}
    assert told[row["status"]] in str(run.report["prompts"][0]["error"])
    events.check()


CASES = {
    f"{name}, {'prompts too' if is_all_late else 'versions'}": partial(
        what_takes_effect_late_is_made_once, fault=fault, is_all_late=is_all_late
    )
    for name, fault in LATE.items()
    for is_all_late in (False, True)
} | {
    case.__name__: case
    for case in (
        what_takes_effect_after_it_was_sent_again_is_removed,
        what_takes_effect_after_the_end_is_settled_by_the_next_run,
        what_is_late_and_never_sent_again_is_not_told_as_made,
        a_lookup_that_is_answered_with_what_was_is_repeated,
        a_move_that_takes_effect_after_it_was_taken_back_is_not_told_as_taken_back,
        a_move_that_is_made_after_it_was_acknowledged_is_waited_for,
        a_move_that_is_acknowledged_and_made_too_late_is_not_told_as_taken_back,
    )
}


def test_late_writes(many, tmp_path):
    """Every case has a registry and a job of its own, and all are tried at the same time, for most of it is waiting."""

    def attempt(name: str, remote: Registry) -> Exception | None:
        try:
            CASES[name](remote, tmp_path / remote.schema)
        except Exception as error:
            error.add_note(f"the case is: {name}")
            return error

    remotes = [many() for _ in CASES]
    with ThreadPoolExecutor(len(CASES)) as pool:
        errors = [error for error in pool.map(attempt, CASES, remotes) if error]
    if errors:
        raise ExceptionGroup("these cases failed", errors)
