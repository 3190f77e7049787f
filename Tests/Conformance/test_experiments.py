"""The experiments of a job on Databricks: each shows the prompts once a run has said in it where they are."""

import json

import pytest
from fault_proxy import Fault
from jobs import JobFolder
from mlflow import MlflowClient

TAG = "mlflow.promptRegistryLocation"


@pytest.fixture
def job(unity, tmp_path):
    """A job with an experiment, and the job's experiments' ids."""
    client = MlflowClient(tracking_uri="databricks")
    ids = [client.create_experiment(f"/Shared/{unity.schema}-{number}") for number in range(2)]
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=unity.schema, experiment=ids)
    job.add("greet", "Hello {{name}}")
    job.write()
    unity.proxy.clear()
    return job


def tags(unity, number: str) -> dict[str, str]:
    kept = unity.stand_in.control("traces")["experiments"][number]
    return {tag["key"]: tag["value"] for tag in kept.get("tags", [])}


def run(unity, job, *arguments, command: str = "run"):
    flags = ["--registry", unity.uri, "--schema", unity.schema, "--format", "json"]
    return unity.program(command, job.path, *flags, *arguments, env=unity.environment)


def statuses(unity, job, code: int = 0) -> list[tuple[str, str]]:
    flags = ["--registry", unity.uri, "--schema", unity.schema, "--format", "json"]
    ended = unity.program("doctor", job.path, *flags, env=unity.environment, code=code)
    found = json.loads(ended.out)
    return [(each["status"], each["message"]) for each in found if each["check"] == "experiments"]


def test_a_run_says_in_its_experiments_where_their_prompts_are(unity, job):
    schema, ids = f"main.{unity.schema}", job.spec["experiment"]
    for command, arguments in (("plan", []), ("run", ["--dry-run"])):
        run(unity, job, *arguments, command=command)
    assert not unity.proxy.writes and [tags(unity, each) for each in ids] == [{}, {}]
    assert statuses(unity, job) == [("warn", f"the experiment {each} shows no prompts yet") for each in ids]
    ended = run(unity, job)
    assert [tags(unity, each) for each in ids] == [{TAG: schema}] * 2 and "experiment" not in ended.err
    assert statuses(unity, job) == [("ok", f"the experiment {each} shows the prompts of {schema}") for each in ids]
    unity.proxy.clear()
    run(unity, job)
    assert not unity.proxy.writes


def test_what_an_experiment_shows_already_stays(unity, job):
    first, second = job.spec["experiment"]
    MlflowClient(tracking_uri="databricks").set_experiment_tag(first, TAG, "main.other")
    ended = run(unity, job)
    note = f"the experiment {first} shows the prompts of 'main.other', not those of main.{unity.schema}"
    assert f"{note}: its tag {TAG} is left as it is" in ended.err
    assert tags(unity, first) == {TAG: "main.other"} and tags(unity, second) == {TAG: f"main.{unity.schema}"}
    assert statuses(unity, job)[0] == ("warn", note)


def test_an_experiment_that_is_not_there_fails_no_run(unity, job):
    job.spec["experiment"] = "4711"
    job.write()
    ended = run(unity, job)
    assert ended.report["status"] == "ok" and "warning: the experiment 4711 may not show the prompts" in ended.err
    assert statuses(unity, job, code=1) == [("fail", "the workspace has no experiment 4711")]


def test_the_tag_is_set_once_though_its_answer_was_lost(unity, job):
    unity.proxy.fail(Fault("reset", takes_effect=True), lambda request: request.path.endswith("/set-experiment-tag"), times=1)
    ended = run(unity, job)
    assert ended.report["status"] == "ok" and "warning" not in ended.err
    assert all(tags(unity, each) == {TAG: f"main.{unity.schema}"} for each in job.spec["experiment"])


@pytest.mark.parametrize("kind", ["server", "folder"])
def test_other_registries_are_asked_nothing_of_it(kind, request, tmp_path):
    registry = request.getfixturevalue(kind)
    job = JobFolder(tmp_path / "job", schema=registry.schema, experiment="12")
    job.add("greet", "Hello {{name}}")
    registry.run(job.write())
    if registry.proxy:
        assert not [each for each in registry.proxy.requests if "/experiments/" in each.path]
