"""What a Swift agent did is read back by MLflow's own client: the trace, its steps, and the versions that it loaded."""

import json
import time

import pytest
from agent_package import run
from jobs import JobFolder
from mlflow_registry import mlflow


@pytest.fixture(params=["server", "folder"])
def place(request):
    """Each kind of registry that keeps traces as well."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def traced(agent, place, tmp_path):
    """The traces of an agent's run by their names, and what it printed."""
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=place.schema)
    job.add("greet", "Hello {{name}}")
    place.run(job.write())
    experiment = f"agents of {place.schema}"
    lines = run(agent / "traced", place, MLFLOW_EXPERIMENT_NAME=experiment)
    found = mlflow.get_experiment_by_name(experiment)
    assert found, lines
    traces = mlflow.search_traces(locations=[found.experiment_id], return_type="list")
    return found.experiment_id, {trace.data.spans[0].name: trace for trace in traces}, lines


def test_a_trace_is_read_back_by_mlflow(traced, place):
    experiment, traces, lines = traced
    assert lines == ["refused: Refusal()", "42 2 0 0"]
    assert set(traces) == {"agent_predict", "refused"}
    trace = traces["agent_predict"]
    name = f"main.{place.schema}.prompt_greet"
    info = trace.info
    assert info.state.value == "OK"
    assert (info.request_preview, info.response_preview) == ('{"question": "Why?"}', '{"answer": "42"}')
    assert info.token_usage == {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
    assert info.cost == {"input_cost": 0.25, "output_cost": 0.5, "total_cost": 0.75}
    expected = {
        "team": "x",
        "prompts_loaded": f"{name}/1",
        "prompts_fallback": f"main.{place.schema}.prompt_gone",
        "prompt_catalog": "main",
        "prompt_schema": place.schema,
        f"promptreg.prompt.{name}": "1",
    }
    assert expected.items() <= info.tags.items()
    assert json.loads(info.tags["mlflow.linkedPrompts"]) == [{"name": name, "version": "1"}]
    metadata = info.trace_metadata
    assert (metadata["mlflow.trace.session"], metadata["mlflow.trace.user"]) == ("conversation-1", "user-1")

    root, model = trace.data.spans
    assert (root.span_type, model.span_type) == ("AGENT", "CHAT_MODEL")
    assert model.parent_id == root.span_id and root.parent_id is None
    assert root.start_time_ns <= model.start_time_ns <= model.end_time_ns <= root.end_time_ns
    assert (root.inputs, root.outputs) == ({"question": "Why?"}, {"answer": "42"})
    assert root.attributes["mlflow.linkedPrompts"] == [{"name": name, "version": "1"}]
    assert (model.inputs, model.outputs) == ({"messages": ["Hello Ada"]}, "42")
    assert model.attributes["odd"] == '{"looks": "like JSON"}'
    assert model.attributes["mlflow.llm.model"] == "small"
    assert model.attributes["mlflow.llm.provider"] == "nobody"
    assert model.attributes["mlflow.chat.tokenUsage"] == {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}

    if place.kind == "file":
        return
    # The association, by which the prompt's page finds its traces.
    by_prompt = mlflow.search_traces(
        locations=[experiment], filter_string=f"prompt = '{name}/1'", return_type="list"
    )
    assert [each.info.trace_id for each in by_prompt] == [info.trace_id]


def test_a_step_that_throws_is_an_error(traced):
    trace = traced[1]["refused"]
    assert trace.info.state.value == "ERROR"
    (span,) = trace.data.spans
    assert span.status.status_code.value == "ERROR" and span.status.description == "Refusal()"


@pytest.mark.parametrize("kind", ["folder", "postgres"])
def test_what_a_store_cannot_hold_costs_no_trace(agent, kind, request, tmp_path):
    place = request.getfixturevalue(kind)
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=place.schema)
    job.add("with_a_very_long_name", "Hello {{name}}")
    place.run(job.write())
    experiment = f"odd of {place.schema}"
    lines = run(agent / "odd", place, MLFLOW_EXPERIMENT_NAME=experiment)
    assert lines[0] == ("1 0 0 0" if kind == "folder" else "1 0 0 1"), lines
    told = "\n".join(lines[1:])
    (trace,) = mlflow.search_traces(
        locations=[mlflow.get_experiment_by_name(experiment).experiment_id], return_type="list"
    )
    name = f"main.{place.schema}.prompt_with_a_very_long_name"
    assert trace.info.tags["plain"] == "x" and trace.info.tags[f"promptreg.prompt.{name}"] == "1"
    assert trace.data.spans[0].inputs == "a\0b"
    # Such a body is sent compressed.
    assert trace.data.spans[0].outputs == "large " * 20_000
    assert "is left out: its key" in told
    if kind == "folder":
        assert trace.info.tags["long"] == "é" * 9_000 and "the tag 'a/b' is left out" in told
        assert not list(place.folder.rglob(".promptreg-*")) and not (place.folder / ".promptreg.trash").exists()
    else:
        assert trace.info.tags["long"] == "é" * 8_000 and trace.info.tags["a/b"] == "slash"
        assert "the tag 'long' is cut after 8000 characters" in told
        assert f"a trace is not linked to {name}/1" in told
        assert trace.info.trace_metadata["mlflow.trace.session"] == "é" * 250


def test_a_deleted_experiment_is_told(agent, place):
    experiment = f"deleted of {place.schema}"
    client = mlflow.MlflowClient(tracking_uri=place.uri)
    client.delete_experiment(client.create_experiment(experiment))
    lines = run(agent / "odd", place, MLFLOW_EXPERIMENT_NAME=experiment)
    assert lines[0] == "0 1 0 0"
    assert f"the experiment '{experiment}' was deleted (restore it, or name another one)" in lines


def test_a_server_that_is_away_costs_no_more_than_a_moment(agent, server):
    started = time.monotonic()
    server.uri = "http://127.0.0.1:9"
    lines = run(agent / "odd", server)
    assert lines[0] == "0 1 0 0"
    assert any(line.startswith("nothing answers at http://127.0.0.1:9") for line in lines), lines
    assert time.monotonic() - started < 60
