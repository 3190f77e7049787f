"""What a Swift agent did is read back by MLflow's own client: the trace, its steps, and the versions that it loaded."""

import json

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
