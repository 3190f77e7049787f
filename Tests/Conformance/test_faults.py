"""Whatever goes wrong between promptreg and a server: the outcome and the exit code say so, and nothing is doubled."""

import itertools
import json
import random
import signal
import subprocess
import time

import mlflow
import pytest
from fault_proxy import Fault, FaultProxy, Request
from jobs import JobFolder
from registries import free_port

CREATE_MODEL = "/registered-models/create"
CREATE_VERSION = "/model-versions/create"
ALIAS = "/registered-models/alias"


@pytest.fixture
def job(tmp_path, server):
    """Two prompts with two aliases."""
    job = JobFolder(tmp_path / "job", aliases=["production", "staging"], schema=server.schema)
    job.add("one", "One {{x}}")
    job.add("two", "Two {{x}}")
    job.write()
    return job


def once_each(fault: Fault, matches):
    """Spoils the first request of each kind that matches, for each prompt and alias."""
    seen = set()

    def choose(request: Request) -> Fault | None:
        key = (request.method, request.path, request.name, (request.body or {}).get("alias"))
        if not matches(request) or key in seen:
            return None
        seen.add(key)
        return fault

    return choose


def check_whole(server, job: JobFolder, version: int = 1) -> None:
    """Every prompt has its versions once, and its aliases point to the newest."""
    for name in job.expected:
        full = job.full_name(name)
        assert server.versions(full) == list(range(1, version + 1))
        assert server.aliases(full, "production", "staging") == {"production": version, "staging": version}


# What passes

TRANSIENT = {
    "429 with Retry-After": Fault("status", status=429, headers={"Retry-After": "1"}, code="REQUEST_LIMIT_EXCEEDED"),
    "429 without": Fault("status", status=429, code="REQUEST_LIMIT_EXCEEDED"),
    "500 before": Fault("status", status=500),
    "500 after": Fault("status", status=500, takes_effect=True),
    "502 page before": Fault("page", status=502),
    "502 page after": Fault("page", status=502, takes_effect=True),
    "503 with Retry-After": Fault("status", status=503, headers={"Retry-After": "0"}),
    "503 after": Fault("status", status=503, takes_effect=True),
    "504 after": Fault("status", status=504, takes_effect=True),
    "reset before": Fault("reset"),
    "reset after": Fault("reset", takes_effect=True),
    "half an answer": Fault("half"),
    "invalid JSON before": Fault("garbage"),
    "invalid JSON after": Fault("garbage", takes_effect=True),
    "slow": Fault("slow", seconds=1),
}


@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT)
def test_what_passes_is_got_over(fault, job, server):
    server.proxy.choose = once_each(fault, lambda request: True)
    report = server.run(job.path)
    assert report["status"] == "ok" and report["summary"]["created"] == 2
    server.proxy.clear()
    check_whole(server, job)

    job.add("one", "One, changed {{x}}")
    job.add("two", "Two, changed {{x}}")
    server.proxy.choose = once_each(fault, lambda request: request.is_write)
    report = server.run(job.write())
    assert report["summary"]["updated"] == 2
    server.proxy.clear()
    check_whole(server, job, 2)
    server.plan(job.path, "--detailed-exitcode")


def test_a_server_that_asks_to_wait_is_not_asked_before(job, server):
    came = []

    def choose(request: Request) -> Fault | None:
        if not request.is_like("POST", CREATE_MODEL, job.full_name("one")):
            return None
        came.append(time.monotonic())
        if len(came) > 1:
            return None
        return Fault("status", status=429, headers={"Retry-After": "2"}, code="REQUEST_LIMIT_EXCEEDED")

    server.proxy.choose = choose
    server.run(job.path)
    assert len(came) == 2 and came[1] - came[0] >= 2


# What does not pass

OBSERVING = {
    "401": (Fault("status", status=401, code="UNAUTHENTICATED"), 77, "unauthenticated"),
    "403": (Fault("status", status=403, code="PERMISSION_DENIED"), 77, "permission-denied"),
    "500": (Fault("status", status=500), 69, "failed"),
    "502": (Fault("status", status=502), 69, "unreachable"),
    "reset": (Fault("reset"), 69, "unreachable"),
    "half": (Fault("half"), 69, "unreachable"),
    "page": (Fault("page", status=200), 69, "not-a-registry"),
    "404 page": (Fault("page", status=404), 69, "not-a-registry"),
    "garbage": (Fault("garbage"), 69, "failed"),
    "huge": (Fault("huge"), 69, "failed"),
    "redirect": (
        Fault("page", status=302, headers={"Location": "http://registry.example/login"}),
        69,
        "not-a-registry",
    ),
    "429 for good": (Fault("status", status=429, headers={"Retry-After": "3600"}), 69, "unreachable"),
    "slow": (Fault("slow", seconds=30), 69, "unreachable"),
}


@pytest.mark.parametrize("fault, code, error", OBSERVING.values(), ids=OBSERVING)
def test_what_cannot_be_read_is_told(fault, code, error, job, server):
    server.proxy.choose = lambda request: fault
    report = server.run(job.path, "--timeout", "3s", code=code)
    assert report["status"] == "failed" and report["error"]["code"] == error, report["error"]
    # Once one prompt cannot be read, requests for others are given up, some before they arrive.
    assert report["requests"] >= len(server.proxy.requests) > 0
    assert not server.proxy.writes
    assert {prompt["status"] for prompt in report["prompts"]} == {"not_run"}


def test_credentials_never_follow_a_redirect(job, server):
    with_elsewhere = FaultProxy(server.uri)
    server.proxy.choose = lambda request: Fault("page", status=307, headers={"Location": with_elsewhere.url + "/"})
    server.environment = {"MLFLOW_TRACKING_TOKEN": "hush"}
    report = server.run(job.path, code=69)
    assert report["error"]["code"] == "not-a-registry" and not with_elsewhere.requests
    with_elsewhere.shutdown()


def test_nothing_listens_there(job, server):
    server.uri = f"http://127.0.0.1:{free_port()}"
    report = server.run(job.path, "--timeout", "5s", code=69)
    assert report["error"]["code"] == "unreachable" and "nothing answers" in report["error"]["message"]


def test_credentials_do_not_cross_a_network_in_plain_text(job, server):
    server.uri = "http://registry.example"
    server.environment = {"MLFLOW_TRACKING_TOKEN": "hush"}
    report = server.run(job.path, code=64)
    assert "--insecure-http" in report["error"]["hint"] and "hush" not in str(report)


WRITING = {
    "403": (Fault("status", status=403, code="PERMISSION_DENIED"), 77, "permission-denied"),
    "401": (Fault("status", status=401, code="UNAUTHENTICATED"), 77, "unauthenticated"),
    "400": (Fault("status", status=400, code="INVALID_PARAMETER_VALUE"), 1, "invalid-value"),
    "502": (Fault("status", status=502), 69, "unreachable"),
    "reset": (Fault("reset"), 69, "unreachable"),
    "page": (Fault("page", status=200), 1, "not-a-registry"),
    "garbage": (Fault("garbage"), 1, "failed"),
}


@pytest.mark.parametrize("fault, code, error", WRITING.values(), ids=WRITING)
def test_where_nothing_can_be_written_nothing_is(fault, code, error, job, server):
    server.proxy.fail(fault, lambda request: request.is_write)
    report = server.run(job.path, "--timeout", "4s", code=code)
    assert {prompt["error"]["code"] for prompt in report["prompts"]} == {error}
    assert report["summary"]["failed"] == 2 and report["summary"]["aliases_held"] == 4
    server.proxy.clear()
    server.run(job.path)
    check_whole(server, job)


@pytest.mark.parametrize("path", [CREATE_MODEL, CREATE_VERSION], ids=["prompt", "version"])
@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
def test_one_prompt_that_fails_for_good_is_finished_by_the_next_run(path, effect, job, server):
    name = job.full_name("two")
    server.proxy.fail(
        Fault("reset", takes_effect=effect), lambda request: request.is_like("POST", path, name)
    )
    # Where the server did it all the same, looking it up finds that out.
    report = server.run(job.path, "--timeout", "4s", code=0 if effect else 1)
    server.proxy.clear()
    assert report["summary"]["failed"] == (0 if effect else 1)
    held = {"production": 1, "staging": 1} if effect else {}
    assert server.aliases(job.full_name("one"), "production", "staging") == held
    server.run(job.path)
    check_whole(server, job)


def test_aliases_go_back_even_when_the_time_is_over(job, server):
    server.run(job.path)
    job.add("one", "One, changed {{x}}")
    job.add("two", "Two, changed {{x}}")
    name = job.full_name("two")
    server.proxy.fail(
        Fault("slow", seconds=5), lambda request: request.is_like("POST", ALIAS, name), times=1
    )
    report = server.run(job.write(), "--timeout", "3s", "--concurrency", "1", code=1)
    assert {alias["status"] for alias in report["prompts"][0]["aliases"]} == {"restored"}
    assert server.aliases(job.full_name("one"), "production", "staging") == {"production": 1, "staging": 1}


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
def test_a_run_that_is_stopped_reports_and_is_finished_by_the_next(number, code, job, server, tmp_path):
    server.proxy.fail(Fault("slow", seconds=1), lambda request: request.is_like("POST", CREATE_VERSION))
    flags = ["--registry", server.uri, "--schema", server.schema, "--report", str(tmp_path / "run.json")]
    process = subprocess.Popen(
        [server.program.path, "run", str(job.path), *flags, "--quiet"], stdin=subprocess.DEVNULL
    )
    while not server.proxy.writes:
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(30) == code
    report = json.loads((tmp_path / "run.json").read_text())
    assert report["status"] == "interrupted" and report["summary"]["aliases_set"] == 0
    server.proxy.clear()
    server.run(job.path)
    check_whole(server, job)


# For a long time


def test_a_bad_network_for_many_prompts(tmp_path, server):
    """Two hundred prompts while three in ten requests fail, in every way in turn."""
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=server.schema)
    for index in range(200):
        job.add(f"p{index:03}", f"Text {index} {{{{x}}}}")
    job.write()
    source = random.Random(7)
    faults = itertools.cycle(
        fault for name, fault in TRANSIENT.items() if "Retry-After" not in name and name != "slow"
    )
    spoilt = []

    def choose(request: Request) -> Fault | None:
        if source.random() >= 0.3:
            return None
        spoilt.append(request.path)
        return next(faults)

    server.proxy.choose = choose
    report = server.run(job.path, "--concurrency", "8", "--timeout", "5m")
    assert report["summary"]["created"] == 200 and len(spoilt) > 100
    server.proxy.clear()

    filter_string = f"name LIKE 'main.{server.schema}.%' AND tags.`mlflow.prompt.is_prompt` = 'true'"
    client = mlflow.MlflowClient()
    names = sorted(prompt.full_name for prompt in job.expected.values())
    versions = client.search_model_versions(filter_string, max_results=1000)
    assert sorted((version.name, int(version.version)) for version in versions) == [(name, 1) for name in names]
    models = client.search_registered_models(filter_string, max_results=1000)
    assert sorted((model.name, int(model.aliases["production"])) for model in models) == [(name, 1) for name in names]
    server.plan(job.path, "--detailed-exitcode")
