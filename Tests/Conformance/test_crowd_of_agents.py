"""Traces of many tasks at once are all stored, each once; STORM_TRACES=N makes N of them."""

import os

import pytest
from agent_package import run
from jobs import JobFolder
from mlflow_registry import mlflow

COUNT = int(os.environ.get("STORM_TRACES", "500"))


@pytest.fixture(params=["server", "postgres", "folder"])
def place(request):
    """Each kind of registry that keeps traces as well."""
    return request.getfixturevalue(request.param)


def test_no_trace_is_lost_or_doubled(agent, place, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=place.schema)
    job.add("greet", "Hello {{name}}")
    place.run(job.write())
    experiment = f"crowd of {place.schema}"
    lines = run(agent / "crowd", place, str(COUNT), timeout=1_200, MLFLOW_EXPERIMENT_NAME=experiment)
    outcome, kilobytes = lines
    assert outcome == f"{COUNT} 0 0 0" and int(kilobytes) < 200 << 10
    number = mlflow.get_experiment_by_name(experiment).experiment_id
    tag = f"promptreg.prompt.main.{place.schema}.prompt_greet"
    traces = mlflow.search_traces(
        locations=[number], max_results=COUNT + 1_000, return_type="list", include_spans=False
    )
    assert sorted(each.info.tags["mlflow.traceName"] for each in traces) == sorted(f"agent {n}" for n in range(COUNT))
    assert all(each.info.tags[tag] == "1" and each.info.state.value == "OK" for each in traces)
