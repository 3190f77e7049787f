"""A server that fails while traces are exported: nothing is stored or linked twice, and nothing is lost without a word."""

import json
import threading

import pytest
from agent_package import run
from fault_proxy import Fault, FaultProxy
from jobs import JobFolder
from mlflow_registry import mlflow
from servers import free_port

# Once is enough: how the agent was built is no matter here.
pytestmark = pytest.mark.parametrize("agent", ["release"], indirect=True)
# What each kind of server is sent for a trace, by parts of the paths.
CALLS = {
    "server": ["3.0/mlflow/traces", "v1/traces", "traces/link-prompts"],
    "unity": ["3.0/mlflow/traces", "/_storage/", "prompt-versions/links-to-traces"],
}
PASSING = {
    "slow": Fault("usual", seconds=2),
    "503 after the effect": Fault("status", 503, takes_effect=True),
    "429 before it": Fault("status", 429, headers={"Retry-After": "1"}),
    "reset after the effect": Fault("reset", takes_effect=True),
    "reset before it": Fault("reset"),
    "half an answer": Fault("half"),
}


def is_call(part: str):
    """Whether a request is one of those calls."""
    return lambda request: request.method != "GET" and (request.path.endswith(part) or part == "/_storage/" in request.path)


@pytest.fixture
def ready(agent, server, tmp_path):
    """A server with a prompt that the agent loads, and an experiment."""
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=server.schema)
    job.add("greet", "Hello {{name}}")
    server.run(job.write())
    server.proxy.clear()
    experiment = f"faults of {server.schema}"
    return server, experiment, f"main.{server.schema}.prompt_greet"


def traces_of(experiment: str, filter_string: str | None = None) -> list:
    """What MLflow's client finds."""
    found = mlflow.get_experiment_by_name(experiment)
    return mlflow.search_traces(locations=[found.experiment_id], filter_string=filter_string, return_type="list")


def check_whole(experiment: str, name: str) -> None:
    """Both traces are there once, with each step once, and the link once."""
    traces = {trace.data.spans[0].name: trace for trace in traces_of(experiment)}
    assert len(traces_of(experiment)) == 2 and set(traces) == {"agent_predict", "refused"}
    assert [span.name for span in traces["agent_predict"].data.spans] == ["agent_predict", "model"]
    assert traces["agent_predict"].info.token_usage["total_tokens"] == 10
    linked = [{"name": name, "version": "1"}]
    assert json.loads(traces["agent_predict"].info.tags["mlflow.linkedPrompts"]) == linked
    (found,) = traces_of(experiment, f"prompt = '{name}/1'")
    assert found.info.trace_id == traces["agent_predict"].info.trace_id


@pytest.mark.parametrize("part", CALLS["server"])
@pytest.mark.parametrize("fault", PASSING)
def test_a_failure_that_passes_loses_and_doubles_nothing(agent, ready, fault, part):
    server, experiment, name = ready
    server.proxy.fail(PASSING[fault], is_call(part), times=1)
    # The program ends right after its flush.
    lines = run(agent / "traced", server, MLFLOW_EXPERIMENT_NAME=experiment)
    assert lines == ["refused: Refusal()", "42 2 0 0"]
    assert any(request.fault for request in server.proxy.requests)
    server.proxy.settle()
    check_whole(experiment, name)


@pytest.mark.parametrize("fault", ["503 after the effect", "reset after the effect"])
def test_a_failure_of_everything_once_loses_and_doubles_nothing(agent, ready, fault):
    server, experiment, name = ready
    seen = set()

    def choose(request):
        key = (request.method, request.path, json.dumps(request.body, sort_keys=True, default=str))
        if key in seen or request.path.endswith("/experiments/create"):
            return None
        seen.add(key)
        return PASSING[fault]

    server.proxy.choose = choose
    lines = run(agent / "traced", server, MLFLOW_EXPERIMENT_NAME=experiment)
    assert lines == ["refused: Refusal()", "42 2 0 0"]
    server.proxy.settle()
    check_whole(experiment, name)


def test_a_server_that_is_away_for_seconds_gets_all(agent, ready):
    server, experiment, name = ready
    port, back = free_port(), []
    timer = threading.Timer(15, lambda: back.append(FaultProxy(server.server.url, port)))
    timer.start()
    address = f"http://127.0.0.1:{port}"
    lines = run(agent / "traced", server, MLFLOW_TRACKING_URI=address, MLFLOW_EXPERIMENT_NAME=experiment)
    timer.join()
    back[0].stop()
    assert lines == ["refused: Refusal()", "42 2 0 0"]
    check_whole(experiment, name)


def test_an_experiment_that_is_made_without_an_answer_is_taken(agent, ready):
    server, experiment, name = ready
    server.proxy.fail(PASSING["reset after the effect"], is_call("/experiments/create"), times=1)
    lines = run(agent / "traced", server, MLFLOW_EXPERIMENT_NAME=experiment)
    assert lines == ["refused: Refusal()", "42 2 0 0"]
    assert len([each for each in server.proxy.requests if each.path.endswith("/experiments/create")]) == 1
    check_whole(experiment, name)


def test_an_experiment_that_another_agent_makes_meanwhile_is_taken(agent, ready):
    server, experiment, name = ready

    def made_by_another():
        mlflow.MlflowClient(tracking_uri=server.server.url).create_experiment(experiment)

    fault = Fault("usual", before=made_by_another)
    server.proxy.fail(fault, is_call("/experiments/create"), times=1)
    lines = run(agent / "traced", server, MLFLOW_EXPERIMENT_NAME=experiment)
    assert lines == ["refused: Refusal()", "42 2 0 0"]
    assert len([each for each in server.proxy.requests if each.path.endswith("/experiments/create")]) == 1
    check_whole(experiment, name)


@pytest.mark.parametrize("part", CALLS["server"])
def test_what_is_refused_is_counted_and_told(agent, ready, part):
    server, experiment, name = ready
    server.proxy.fail(Fault("status", 400, code="BAD_REQUEST", message="no more"), is_call(part))
    lines = run(agent / "traced", server, MLFLOW_EXPERIMENT_NAME=experiment)
    is_link = part.endswith("link-prompts")
    assert lines[1] == ("42 2 0 1" if is_link else "42 0 2 0")
    assert len(lines) > 2 and all("no more" in line for line in lines[2:])
    server.proxy.clear()
    traces = traces_of(experiment)
    # MLflow shows no trace without its steps, which was called lost.
    assert len(traces) == (2 if is_link else 0)
    if is_link:
        assert traces_of(experiment, f"prompt = '{name}/1'") == []
        assert {trace.info.tags.get(f"promptreg.prompt.{name}") for trace in traces} == {"1", None}


@pytest.mark.parametrize("part", CALLS["unity"])
@pytest.mark.parametrize("fault", ["503 after the effect", "reset after the effect"])
def test_a_workspace_that_fails_once_keeps_and_links_all(agent, unity, tmp_path, fault, part):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=unity.schema)
    job.add("greet", "Hello {{name}}")
    unity.run(job.write())
    unity.stand_in.control("storage", "AWS_PRESIGNED_URL")
    path = f"/Shared/faults-{unity.schema}"
    unity.proxy.clear()
    unity.proxy.fail(PASSING[fault], is_call(part), times=1)
    lines = run(agent / "traced", unity, MLFLOW_EXPERIMENT_NAME=path)
    assert lines == ["refused: Refusal()", "42 2 0 0"]
    assert any(request.fault for request in unity.proxy.requests)
    unity.proxy.settle()
    kept = unity.stand_in.control("traces")
    (number,) = [number for number, each in kept["experiments"].items() if each["name"] == path]
    infos = [
        identifier
        for identifier, info in kept["infos"].items()
        if info["trace_location"]["mlflow_experiment"]["experiment_id"] == number
    ]
    assert len(infos) == 2
    assert all(sum(identifier in file for file in kept["files"]) == 1 for identifier in infos)
