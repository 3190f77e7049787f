"""Addresses with and without a prefix, and servers without prompts."""

import os

import pytest
from fault_proxy import FaultProxy
from jobs import JobFolder
from program import actions
from version_server import WITH_PROMPTS

PREFIX = "/mlflow"


@pytest.fixture
def run(program, tmp_path):
    """Runs a command on a registry: how it ended."""

    def run(command, *arguments, registry, code=0, **environment):
        flags = ["--registry", registry, "--format", "json"]
        return program(command, *arguments, *flags, code=code, env={"HOME": str(tmp_path), **environment})

    return run


@pytest.fixture
def job(tmp_path):
    job = JobFolder(tmp_path / "job", schema=f"s{os.urandom(4).hex()}", aliases=["production"])
    for index in range(3):
        job.add(f"p{index}", f"Text {index} {{{{x}}}}")
    job.write()
    return job


@pytest.fixture(params=WITH_PROMPTS, scope="module")
def prefixed(request, start):
    """A server of each version with a prefix, behind a proxy that notes the requests."""
    server = start(request.param, is_shared=False, prefix=PREFIX)
    proxy = FaultProxy(server.url)
    yield server, proxy
    proxy.stop()
    server.stop()


def test_the_address_with_the_prefix_works(prefixed, run, job):
    server, proxy = prefixed
    address = proxy.url + PREFIX
    report = run("run", job.path, registry=address, MLFLOW_TRACKING_TOKEN="secret").report
    assert report["summary"]["created"] == 3
    for name in job.expected:
        assert server.model(job.full_name(name))["aliases"] == {"production": 1}
        assert list(server.versions(job.full_name(name))) == [1]
    # The pages are below the prefix.
    assert report["registry"] == address and proxy.requests[0].path.startswith(PREFIX)
    report = run("plan", job.path, "--detailed-exitcode", registry=address).report
    assert set(actions(report).values()) == {"unchanged"}
    checks = {check["check"]: check for check in run("doctor", registry=address).report}
    major, minor = server.version
    assert checks["server"]["message"].startswith(f"MLflow {major}.{minor}.")
    assert checks["reading"]["status"] == "ok"


def test_the_address_without_the_prefix_works_or_the_right_one_is_named(prefixed, run, job):
    server, _ = prefixed
    if server.version < (3, 12):
        assert run("run", job.path, registry=server.url).report["summary"]["created"] == 3
        return
    for command in ("run", "plan"):
        ended = run(command, job.path, registry=server.url, code=69)
        error = ended.report["error"]
        assert error["code"] == "not-a-registry" and f"{server.url}{PREFIX}" in error["hint"]
        assert "<" not in ended.out + ended.err
    ended = run("doctor", registry=server.url, code=69)
    check = next(check for check in ended.report if check["check"] == "server")
    assert check["status"] == "fail" and f"{server.url}{PREFIX}" in check["hint"]


@pytest.mark.parametrize("wrong", ["/other", "/other/mlflow", "/api"])
def test_a_prefix_that_the_server_does_not_have_is_told(start, run, job, wrong):
    server = start("3.18")
    ended = run("run", job.path, registry=server.url + wrong, code=69)
    error = ended.report["error"]
    assert error["code"] == "not-a-registry"
    assert error["hint"] == f"use {server.url} as the registry's address"
    assert "<" not in ended.out + ended.err
    assert server.model(job.full_name("p0")) is None


def test_a_server_before_prompts_is_told_once(start, run, job):
    server = start("2.20")
    for index in range(30):
        job.add(f"more{index}", "Text {{x}}")
    proxy = FaultProxy(server.url)
    ended = run("run", job.write(), registry=proxy.url, code=None)
    assert ended.code != 0
    errors = [prompt["error"] for prompt in ended.report["prompts"]]
    assert {(error["code"], error["message"]) for error in errors} == {
        ("not-a-registry", "MLflow 2.20.4 does not support prompts")
    }
    assert all("2.21 or later" in error["hint"] for error in errors)
    # Whoever was told so tries no further prompt, whatever was under way at the time.
    assert sum(request.path.endswith("/version") for request in proxy.requests) == 1
    assert sum(request.is_write for request in proxy.requests) <= 16
    proxy.stop()
    check = next(c for c in run("doctor", registry=server.url, code=69).report if c["check"] == "server")
    assert check["status"] == "fail" and check["message"] == "MLflow 2.20.4 does not support prompts"


def test_the_version_is_asked_for_only_where_it_matters(start, run, job):
    server = start("3.18")
    proxy = FaultProxy(server.url)

    def asked() -> int:
        count = sum(request.path.endswith("/version") for request in proxy.requests)
        proxy.clear()
        return count

    run("run", job.path, registry=proxy.url)
    assert asked() == 0
    job.add("chat", [{"role": "user", "content": "{{x}}"}])
    job.add("long", "ä" * 5001, response_format={"type": "object"}, model_config={"model_name": "m"})
    run("run", job.write(), registry=proxy.url)
    assert asked() == 1
    run("run", job.path, registry=proxy.url)
    assert asked() == 0
    proxy.stop()
