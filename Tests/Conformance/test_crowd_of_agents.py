"""Traces of many tasks at once are all stored, each once; STORM_TRACES=N makes N of them."""

import os

import pytest
import yaml
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
    traces = stored(place, number)
    assert sorted(name for name, _, _ in traces) == sorted(f"agent {n}" for n in range(COUNT))
    assert {(version, state) for _, version, state in traces} == {("1", "OK")}


def stored(place, experiment: str) -> list[tuple[str, str, str]]:
    """The name of each trace, the version that it is linked to, and its state."""
    tag = f"promptreg.prompt.main.{place.schema}.prompt_greet"
    if place.kind == "file":
        folders = list((place.folder / experiment / "traces").iterdir())
        # MLflow's file store reads all traces for each page of a search: minutes for 10,000.
        if COUNT <= 1_000:
            assert len(mlflow.search_traces(locations=[experiment], max_results=3, return_type="list")) == 3
        infos = [yaml.safe_load((folder / "trace_info.yaml").read_text()) for folder in folders]
        tags = [[(folder / "tags" / name).read_text() for name in ("mlflow.traceName", tag)] for folder in folders]
        return [(*both, info["state"]) for both, info in zip(tags, infos, strict=True)]
    found = mlflow.search_traces(
        locations=[experiment], max_results=COUNT + 1_000, return_type="list", include_spans=False
    )
    return [(each.info.tags["mlflow.traceName"], each.info.tags[tag], each.info.state.value) for each in found]
