"""Whatever goes wrong between promptreg and a server: the outcome and the exit code say so, and nothing is doubled."""

import email.utils
import itertools
import json
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fault_proxy import Fault, Request
from faults import BUSY, HARMLESS, LASTING, LOST, PASSING, once_each
from jobs import JobFolder
from registries import Registry, State
from servers import free_port

ALIASES = ["production", "staging"]
ONE, CHANGED, NEW = "One {{x}}", "One, changed {{x}}", "New {{x}}"
# Long enough to get everything done beside what is made to fail, on a busy machine, too.
TIMEOUT = ["--timeout", "4s"]


def changed_job(folder: Path, remote: Registry) -> JobFolder:
    """A prompt that the registry has and that has changed since, and one that it does not have."""
    job = JobFolder(folder / "job", aliases=ALIASES, schema=remote.schema)
    job.add("old", ONE)
    remote.run(job.write())
    assert remote.state() == before(job)
    job.add("old", CHANGED)
    job.add("new", NEW)
    job.write()
    remote.proxy.clear()
    return job


@pytest.fixture
def job(tmp_path, remote):
    """A job with something to make and something to move."""
    return changed_job(tmp_path, remote)


@pytest.fixture
def for_each(many, tmp_path):
    """Tries every case of a table, each with a registry and a job of its own.

    They are tried at the same time, for most of the time they wait.
    """

    def try_each(table: dict, attempt: Callable) -> None:
        remotes = {name: many() for name in table}

        def one(name: str) -> Exception | None:
            try:
                remote = remotes[name]
                attempt(table[name], remote, changed_job(tmp_path / remote.schema, remote))
            except Exception as error:
                error.add_note(f"the case is: {name}")
                return error

        with ThreadPoolExecutor(8) as pool:
            errors = [error for error in pool.map(one, table) if error]
        if errors:
            raise ExceptionGroup("these cases failed", errors)

    return try_each


def before(job: JobFolder) -> dict[str, State]:
    """What the registry has to begin with."""
    return {job.full_name("old"): State({1: ONE}, at(1))}


def whole(job: JobFolder) -> dict[str, State]:
    """What the registry has to have in the end, and nothing besides."""
    return {
        job.full_name("old"): State({1: ONE, 2: CHANGED}, at(2)),
        job.full_name("new"): State({1: NEW}, at(1)),
    }


def at(version: int) -> dict[str, int]:
    """The aliases, all at one version."""
    return dict.fromkeys(ALIASES, version)


def check_whole(remote: Registry, job: JobFolder) -> None:
    """The registry holds what it has to, and promptreg sees that it does."""
    remote.proxy.clear()
    assert remote.state() == whole(job)
    remote.plan(job.path, "--detailed-exitcode")


def errors(report: dict) -> set[str]:
    """The codes of all errors in a report."""
    told = [report["error"], *(prompt["error"] for prompt in report["prompts"])]
    return {error["code"] for error in told if error}


# What passes


def test_what_passes_is_got_over(for_each):
    def attempt(fault, remote, job):
        remote.proxy.choose = once_each(fault)
        report = remote.run(job.path)
        assert (report["summary"]["created"], report["summary"]["updated"]) == (1, 1)
        check_whole(remote, job)

    for_each(PASSING, attempt)


def test_what_is_harmless_needs_no_second_request(for_each):
    needed = []

    def attempt(fault, remote, job):
        remote.proxy.choose = lambda request: fault
        remote.run(job.path)
        sent = [(request.method, request.path, request.query, request.body) for request in remote.proxy.writes]
        assert not [request for request in sent if sent.count(request) > 1]
        needed.append((len(remote.proxy.writes), len(remote.proxy.requests)))
        # Where the machine is slow, what was read of aliases before the journal was written is read again.
        assert needed[-1][0] == needed[0][0] and abs(needed[-1][1] - needed[0][1]) <= len(job.expected)
        check_whole(remote, job)

    for_each({"nothing": None}, attempt)
    for_each(HARMLESS, attempt)


def test_a_server_that_asks_to_wait_is_not_asked_before(for_each):
    def attempt(case, remote, job):
        status, is_date = case
        came = []
        # A date has no fractions, so this one is between one and two seconds ahead.
        date = int(time.time()) + 2
        asked = email.utils.formatdate(date, usegmt=True) if is_date else "1"
        fault = Fault("status", status=status, code=BUSY, headers={"Retry-After": asked})

        def choose(request: Request) -> Fault | None:
            if not remote.is_version(request, job.full_name("new")):
                return None
            came.append(time.time())
            return fault if len(came) == 1 else None

        remote.proxy.choose = choose
        remote.run(job.path)
        assert len(came) == 2
        assert came[1] >= date if is_date else came[1] - came[0] >= 1
        check_whole(remote, job)

    for_each({str(case): case for case in itertools.product((429, 503), (False, True))}, attempt)


def test_what_was_made_without_an_answer_is_found(for_each):
    """Nothing that is made is ever answered for; all of it is looked up, and taken as made."""

    def attempt(fault, remote, job):
        remote.proxy.fail(fault, lambda request: remote.is_creation(request) or remote.is_version(request))
        remote.run(job.path)
        check_whole(remote, job)

    for_each(LOST, attempt)


@pytest.mark.parametrize("many", ["server"], indirect=True)
def test_an_alias_that_was_moved_without_an_answer_is_found(for_each):
    def attempt(fault, remote, job):
        remote.proxy.fail(fault, remote.is_alias)
        remote.run(job.path)
        check_whole(remote, job)

    for_each(LOST, attempt)


# What does not pass


def test_what_cannot_be_read_is_told(for_each):
    def attempt(lasting, remote, job):
        remote.proxy.choose = lambda request: lasting.fault
        report = remote.run(job.path, *TIMEOUT, code=lasting.code)
        assert (report["status"], errors(report)) == ("failed", {lasting.error})
        # Once one prompt cannot be read, requests for others are given up, some before they arrive.
        assert report["requests"] >= len(remote.proxy.requests) > 0
        assert not remote.proxy.writes
        assert "ok" not in {prompt["status"] for prompt in report["prompts"]}
        remote.proxy.clear()
        assert remote.state() == before(job)

    for_each(LASTING, attempt)


def test_where_nothing_can_be_written_nothing_is(for_each):
    def attempt(lasting, remote, job):
        remote.proxy.fail(lasting.fault, lambda request: request.is_write)
        report = remote.run(job.path, *TIMEOUT, code=lasting.code_of_writing)
        # What was lost is looked up until the time is over, and so may end a request of its own.
        assert lasting.error in errors(report) <= {lasting.error, "unreachable"}
        assert report["summary"]["failed"] == 2 and report["summary"]["aliases_held"] == 4
        remote.proxy.clear()
        assert remote.state() == before(job)
        remote.run(job.path)
        check_whole(remote, job)

    for_each(LASTING, attempt)


FOR_GOOD = {
    "403": Fault("status", status=403, code="PERMISSION_DENIED"),
    "500": Fault("status", status=500),
    "reset": Fault("reset"),
    "page": Fault("page", status=200),
}


@pytest.mark.parametrize("step", ["creation", "version", "alias"])
def test_one_prompt_that_fails_moves_no_alias_and_is_finished_by_the_next_run(step, for_each):
    def attempt(fault, remote, job):
        name = job.full_name("new")
        matches = {"creation": remote.is_creation, "version": remote.is_version, "alias": remote.is_alias}[step]
        remote.proxy.fail(fault, lambda request: matches(request, name))
        report = remote.run(job.path, *TIMEOUT, code=1)
        assert [prompt["status"] for prompt in report["prompts"]].count("failed") == 1
        remote.proxy.clear()
        state = remote.state()
        assert state[job.full_name("old")] == State({1: ONE, 2: CHANGED}, at(1))
        assert state.get(name, State()) == State({1: NEW} if step == "alias" else {})
        remote.run(job.path)
        check_whole(remote, job)

    for_each(FOR_GOOD, attempt)


def test_aliases_go_back_even_when_the_time_is_over(job, remote):
    name = job.full_name("new")
    remote.proxy.fail(Fault("silence"), lambda request: remote.is_alias(request, name), times=1)
    report = remote.run(job.path, *TIMEOUT, "--concurrency", "1", code=1)
    assert {alias["status"] for alias in report["prompts"][0]["aliases"]} == {"restored"}
    remote.proxy.clear()
    assert remote.state() == {
        job.full_name("old"): State({1: ONE, 2: CHANGED}, at(1)),
        name: State({1: NEW}),
    }


def test_nothing_listens_there(job, remote):
    url = f"http://127.0.0.1:{free_port()}"
    remote.uri = remote.uri.replace(remote.proxy.url, url)
    remote.environment = {**remote.environment, "DATABRICKS_HOST": url}
    report = remote.run(job.path, *TIMEOUT, code=69)
    assert errors(report) == {"unreachable"} and "nothing answers" in str(report)


def test_a_workspace_of_a_server_without_workspaces(server, tmp_path):
    job = changed_job(tmp_path, server)
    server.environment = {**server.environment, "MLFLOW_WORKSPACE": "team-a"}
    report = server.run(job.path, code=69)
    assert "unset MLFLOW_WORKSPACE" in str(report)
    # MLflow answers 500, which is final here: none was sent again.
    assert 0 < len(server.proxy.requests) <= 2 and not server.proxy.writes


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
def test_a_run_that_is_stopped_reports_and_is_finished_by_the_next(number, code, job, remote, tmp_path):
    remote.proxy.fail(Fault("usual", seconds=0.5), remote.is_version)
    flags = ["--registry", remote.uri, "--schema", remote.schema, "--report", str(tmp_path / "run.json"), "--quiet"]
    process = remote.program.start("run", job.path, *flags, env=remote.environment)
    while not remote.proxy.writes:
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(30) == code
    report = json.loads((tmp_path / "run.json").read_text())
    assert report["status"] == "interrupted" and report["summary"]["aliases_set"] == 0
    remote.proxy.clear()
    remote.run(job.path)
    check_whole(remote, job)


@pytest.mark.parametrize("seconds, count", [(0, 150), (0.4, 24), (1.6, 8)])
def test_a_run_that_is_stopped_moves_everything_back(seconds, count, remote, tmp_path):
    """However slow the server is, and however many aliases have moved."""
    job = JobFolder(tmp_path / "job", aliases=["production", "staging"], schema=remote.schema)
    for text in (ONE, CHANGED):
        for index in range(count):
            job.add(f"p{index}", text)
        job.write()
        if text == ONE:
            remote.run(job.path)
    before = remote.everything()
    remote.proxy.fail(Fault("usual", seconds=seconds), lambda request: True)
    sent = len(remote.proxy.writes)
    flags = ["--registry", remote.uri, "--schema", remote.schema, "--report", str(tmp_path / "run.json"), "--quiet"]
    process = remote.program.start("run", job.path, *flags, env=remote.environment)
    while sum(remote.is_alias(request) for request in remote.proxy.writes[sent:]) < count:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    report = json.loads((tmp_path / "run.json").read_text())
    statuses = {alias["status"] for prompt in report["prompts"] for alias in prompt["aliases"]}
    assert statuses == {"held", "restored"} and not errors(report)
    now = remote.everything()
    assert {name: prompt.aliases for name, prompt in now.items()} == {n: prompt.aliases for n, prompt in before.items()}
    assert not any(prompt.journal for prompt in now.values())


@pytest.mark.parametrize("change", [{"tags": {"team": "other"}}, {"description": "Another one."}], ids=["tag", "description"])
def test_a_setting_that_is_not_kept_fails(change, remote, tmp_path):
    settings = {"tags": {"team": "platform"}, "description": "Greets."}
    job = JobFolder(tmp_path / "job", aliases=ALIASES, schema=remote.schema)
    job.add("greeting", "Hello {{name}}", **settings)
    remote.run(job.write())
    job.add("greeting", "Hello {{name}}", **settings | change)
    remote.proxy.fail(Fault("body", status=200, body=b"{}"), lambda request: request.is_write)
    ended = remote.ended(job.write(), code=1)
    assert "is not as this run set it" in ended.out
    remote.proxy.clear()
    assert remote.run(job.path)["summary"]["retagged"] == 1


def test_a_setting_that_is_read_from_a_cache_is_looked_at_again(remote, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=ALIASES, schema=remote.schema)
    job.add("greeting", "Hello {{name}}", tags={"team": "platform"})
    remote.run(job.write())
    job.add("greeting", "Hello {{name}}", tags={"team": "other"})
    written, stale = [], []

    def choose(request):
        if request.is_write:
            written.append(time.monotonic())
        elif written and len(stale) < 3:
            stale.append(request)
            return Fault("stale", age=time.monotonic() - written[0] + 0.01)
        return None

    remote.proxy.choose = choose
    assert remote.run(job.write())["summary"]["retagged"] == 1
    assert len(stale) == 3
