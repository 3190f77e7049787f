"""What a Swift agent did is read back by MLflow's own client: the trace, its steps, and the versions that it loaded."""

import json
import time

import pytest
from agent_package import run
from jobs import JobFolder
from mlflow.entities import Trace, TraceData, TraceInfo
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
    assert "there is no prompt" in str(root.attributes | model.attributes)
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
    assert lines[0] == ("1 0 0 0" if kind == "folder" else "1 0 0 1"), "\n".join(lines)
    told = "\n".join(lines[1:])
    (trace,) = mlflow.search_traces(
        locations=[mlflow.get_experiment_by_name(experiment).experiment_id], return_type="list"
    )
    name = f"main.{place.schema}.prompt_with_a_very_long_name"
    assert trace.info.tags["plain"] == "x" and trace.info.tags[f"promptreg.prompt.{name}"] == "1"
    assert trace.data.spans[0].inputs == "a\0b"
    assert trace.data.spans[0].outputs == "large " * 20_000
    assert "is left out: its key" in told
    if kind == "folder":
        assert trace.info.tags["long"] == "é" * 9_000 and "the tag 'a/b' is left out" in told
        assert not list(place.folder.rglob(".promptreg-*")) and not (place.folder / ".promptreg.trash").exists()
    else:
        # MLflow's client itself shows no more than 4,096.
        assert trace.info.tags["long"] == "é" * 4_096 and trace.info.tags["a/b"] == "slash"
        assert "the tag 'long' is cut after 8000 characters" in told
        assert f"a trace is not linked to {name}/1" in told
        (steps,) = [each for each in place.proxy.requests if each.path == "/v1/traces"]
        assert steps.headers["content-encoding"] == "gzip" and int(steps.headers["content-length"]) < 20_000
        assert trace.info.trace_metadata["mlflow.trace.session"] == "é" * 250


def test_a_deleted_experiment_is_told(agent, place):
    experiment = f"deleted of {place.schema}"
    client = mlflow.MlflowClient(tracking_uri=place.uri)
    client.delete_experiment(client.create_experiment(experiment))
    lines = run(agent / "odd", place, MLFLOW_EXPERIMENT_NAME=experiment)
    assert lines[0] == "0 1 0 0"
    assert f"the experiment '{experiment}' was deleted (restore it, or name another one)" in lines


def test_a_server_that_stays_away_costs_no_more_than_the_flush_may_take(agent, server):
    started = time.monotonic()
    server.uri = "http://127.0.0.1:9"
    lines = run(agent / "odd", server, FLUSH_SECONDS="8")
    assert lines[0] == "0 0 1 0"
    assert len([line for line in lines if line.startswith("nothing answers at http://127.0.0.1:9")]) == 1, lines
    assert 8 <= time.monotonic() - started < 20


@pytest.mark.parametrize("kind", ["server", "folder"])
def test_a_run_and_a_model_name_the_prompts_of_their_traces(agent, kind, request, tmp_path):
    server = request.getfixturevalue(kind)
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=server.schema)
    job.add("greet", "Hello {{name}}")
    server.run(job.write())
    name = f"main.{server.schema}.prompt_greet"
    client = mlflow.MlflowClient(tracking_uri=server.uri)
    experiment = client.create_experiment(f"owned of {server.schema}")
    owner = client.create_run(experiment).info.run_id
    # What somebody else linked stays.
    other = {"name": "other", "version": "3"}
    client.set_tag(owner, "mlflow.linkedPrompts", json.dumps([other]))
    model = client.create_logged_model(experiment, "agent").model_id
    for _ in range(2):
        lines = run(
            agent / "traced", server, MLFLOW_EXPERIMENT_ID=experiment, MLFLOW_RUN_ID=owner, MLFLOW_ACTIVE_MODEL_ID=model
        )
        assert lines == ["refused: Refusal()", "42 2 0 0"]
    data = client.get_run(owner).data
    linked = {"name": name, "version": "1"}
    assert json.loads(data.tags["mlflow.linkedPrompts"]) == [other, linked]
    assert data.params == {"prompt_name": "prompt_greet", "prompt_version": "1", "prompt_registry_name": name}
    assert json.loads(client.get_logged_model(model).tags["mlflow.linkedPrompts"]) == [linked]
    if kind == "folder":
        assert not list(server.folder.rglob(".promptreg-*")) and not (server.folder / ".promptreg.trash").exists()
    assert len(mlflow.search_traces(locations=[experiment], run_id=owner, return_type="list")) == 4
    of_model = mlflow.search_traces(locations=[experiment], model_id=model, return_type="list")
    assert {trace.info.trace_metadata["mlflow.modelId"] for trace in of_model} == {model} and len(of_model) == 4


@pytest.mark.parametrize("owner", ["0123456789abcdef0123456789abcdef", "../models", "deleted"])
def test_a_run_that_is_not_there_costs_no_trace(agent, folder, tmp_path, owner):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=folder.schema)
    job.add("greet", "Hello {{name}}")
    folder.run(job.write())
    if owner == "deleted":
        client = mlflow.MlflowClient(tracking_uri=folder.uri)
        owner = client.create_run(client.create_experiment("deleted")).info.run_id
        client.delete_run(owner)
    lines = run(agent / "traced", folder, MLFLOW_EXPERIMENT_NAME="some", MLFLOW_RUN_ID=owner)
    assert lines[1] == "42 2 0 0"
    assert f"are not named where it belongs to: there is no run '{owner}'" in lines[2]


KINDS = ["volume", "AWS_PRESIGNED_URL", "GCP_SIGNED_URL", "AZURE_SAS_URI", "AZURE_ADLS_GEN2_SAS_URI"]


@pytest.mark.parametrize("storage", KINDS)
def test_a_workspace_keeps_and_links_traces(agent, unity, tmp_path, storage):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=unity.schema)
    job.add("greet", "Hello {{name}}")
    unity.run(job.write())
    unity.stand_in.control("storage", storage)
    path = f"/Shared/{unity.schema}"
    unity.proxy.clear()
    lines = run(agent / "traced", unity, MLFLOW_EXPERIMENT_NAME=path)
    assert lines == ["refused: Refusal()", "42 2 0 0"]

    kept = unity.stand_in.control("traces")
    (number,) = [number for number, each in kept["experiments"].items() if each["name"] == path]
    tags = {tag["key"]: tag["value"] for tag in kept["experiments"][number]["tags"]}
    assert tags == {"mlflow.promptRegistryLocation": f"main.{unity.schema}"}
    traces = {}
    for identifier, info in kept["infos"].items():
        if info["trace_location"]["mlflow_experiment"]["experiment_id"] == number:
            (data,) = [text for file, text in kept["files"].items() if identifier in file]
            spans = TraceData.from_dict(json.loads(data))
            traces[spans.spans[0].name] = Trace(TraceInfo.from_dict(info), spans)
    assert set(traces) == {"agent_predict", "refused"}
    trace = traces["agent_predict"]
    assert trace.info.state.value == "OK" and traces["refused"].info.state.value == "ERROR"
    assert trace.info.token_usage == {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
    root, model = trace.data.spans
    assert root.trace_id == trace.info.trace_id and model.parent_id == root.span_id
    assert (root.inputs, model.outputs) == ({"question": "Why?"}, "42")
    (link,) = [each.body for each in unity.proxy.requests if each.path.endswith("/links-to-traces")]
    name = f"main.{unity.schema}.prompt_greet"
    assert link == {"prompt_versions": [{"name": name, "version": "1"}], "trace_ids": [trace.info.trace_id]}


def test_a_workspace_needs_the_path_of_an_experiment(agent, unity):
    lines = run(agent / "odd", unity)
    assert lines[0] == "0 1 0 0" and any("'Default' is not the name of an experiment on Databricks" in line for line in lines)


def test_the_first_trace_of_mlflow_in_a_new_folder_is_kept(folder, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=folder.schema)
    job.add("greet", "Hello {{name}}")
    folder.run(job.write())

    @mlflow.trace
    def agent_predict():
        return mlflow.genai.load_prompt(f"prompts:/main.{folder.schema}.prompt_greet@production").format(name="Ada")

    assert agent_predict() == "Hello Ada"
    mlflow.flush_trace_async_logging()
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    assert trace.data.spans[0].name == "agent_predict"
